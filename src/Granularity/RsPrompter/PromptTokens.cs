using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>Numbers of a head as prompt tokens of SAM's mask decoder.</summary>
internal static class PromptTokens
{
    /// <summary>Of every two numbers the sine of the first plus the second: [..., 2 * points * C] -> [..., points, C].</summary>
    public static Tensor Of(Tensor numbers, long points)
    {
        using var scope = NewDisposeScope();
        var pairs = numbers.view([.. numbers.shape[..^1], points, numbers.shape[^1] / (2 * points), 2]);
        return (pairs.select(-1, 0).sin() + pairs.select(-1, 1)).MoveToOuterDisposeScope();
    }
}

/// <summary>The prompt branch of RSPrompter-anchor: a region's features become prompt tokens. State-dict name: point_emb.</summary>
internal sealed class PromptHead : nn.Module
{
    /// <summary>Bins a side of what it sees.</summary>
    public const int Bins = 14;

    private readonly Sequential point_emb;
    private readonly int _points;

    public PromptHead(long width, int points) : base(nameof(PromptHead))
    {
        _points = points;
        point_emb = nn.Sequential(
            nn.Conv2d(width, width, kernel_size: 3, stride: 2, padding: 1), nn.BatchNorm2d(width), nn.ReLU(), nn.Flatten(),
            nn.Linear(width * (Bins / 2) * (Bins / 2), width), nn.ReLU(),
            nn.Linear(width, width), nn.ReLU(),
            nn.Linear(width, 2 * width * points));
        RegisterComponents();
    }

    /// <summary>[R, C, 14, 14] -> [R, points, C].</summary>
    public Tensor forward(Tensor features)
    {
        using var scope = NewDisposeScope();
        return PromptTokens.Of(point_emb.call(features), _points).MoveToOuterDisposeScope();
    }
}
