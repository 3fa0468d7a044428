using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>Makes one map of what an image encoder knows.</summary>
internal interface IFeatureAggregator
{
    /// <param name="hidden">Hidden states, [B, h, w, D] each.</param>
    /// <param name="embedding">[B, C, h, w].</param>
    /// <returns>[B, C, h, w].</returns>
    Tensor Aggregate(IReadOnlyList<Tensor> hidden, Tensor embedding);
}

/// <summary>RSPrompter's aggregator (arXiv 2306.16269): each state is narrowed, and a residual sum runs through them.</summary>
internal sealed class FeatureAggregator : nn.Module, IFeatureAggregator
{
    private readonly ModuleList<Sequential> downconvs, hidden_convs;
    private readonly Sequential fusion_conv;

    /// <param name="widths">Features of each state.</param>
    /// <param name="width">Features inside.</param>
    /// <param name="output">Features of the map.</param>
    public FeatureAggregator(IReadOnlyList<long> widths, long width, long output) : base(nameof(FeatureAggregator))
    {
        downconvs = new([.. widths.Select(w => nn.Sequential(
            nn.Conv2d(w, width, kernel_size: 1), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, width, kernel_size: 3, padding: 1), nn.BatchNorm2d(width), nn.ReLU()))]);
        hidden_convs = new([.. widths.Select(_ => nn.Sequential(nn.Conv2d(width, width, kernel_size: 3, padding: 1), nn.BatchNorm2d(width), nn.ReLU()))]);
        fusion_conv = nn.Sequential(
            nn.Conv2d(width, output, kernel_size: 1), nn.BatchNorm2d(output), nn.ReLU(),
            nn.Conv2d(output, output, kernel_size: 3, padding: 1), nn.BatchNorm2d(output), nn.ReLU(),
            nn.Conv2d(output, output, kernel_size: 3, padding: 1));
        RegisterComponents();
    }

    public Tensor Aggregate(IReadOnlyList<Tensor> hidden, Tensor embedding)
    {
        if (hidden.Count != downconvs.Count)
            throw new ArgumentException($"The aggregator takes {downconvs.Count} hidden states, {hidden.Count} were given.", nameof(hidden));
        using var scope = NewDisposeScope();
        Tensor? sum = null;
        for (int i = 0; i < hidden.Count; i++)
        {
            var taken = downconvs[i].call(hidden[i].permute(0, 3, 1, 2));
            if (sum is not null) taken = sum + taken;
            sum = taken + hidden_convs[i].call(taken);
        }
        return fusion_conv.call(sum!).MoveToOuterDisposeScope();
    }
}

/// <summary>The aggregator of the low-rank variant: the embedding alone through three convolutions with channel norms.</summary>
internal sealed class EmbeddingAggregator : nn.Module, IFeatureAggregator
{
    private readonly Sequential channel_fusion;

    public EmbeddingAggregator(long width, long inside) : base(nameof(EmbeddingAggregator))
    {
        channel_fusion = nn.Sequential(
            nn.Conv2d(width, inside, kernel_size: 1, bias: false), new Sam.LayerNorm2d(inside),
            nn.Conv2d(inside, inside, kernel_size: 3, padding: 1, bias: false), new Sam.LayerNorm2d(inside),
            nn.Conv2d(inside, width, kernel_size: 3, padding: 1, bias: false), new Sam.LayerNorm2d(width));
        RegisterComponents();
    }

    public Tensor Aggregate(IReadOnlyList<Tensor> hidden, Tensor embedding) => channel_fusion.call(embedding);
}
