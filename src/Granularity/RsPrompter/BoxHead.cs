using SemanticSam.Granularity.Layers;
using SemanticSam.Masks;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>Names regions and corrects their boxes (Fast R-CNN, arXiv 1504.08083).</summary>
internal sealed class BoxHead : nn.Module
{
    /// <summary>Bins a side of what it sees.</summary>
    public const int Bins = 7;

    private readonly Linear fc_cls, fc_reg;
    private readonly ModuleList<Linear> shared_fcs;

    public BoxHead(long width, long hidden, int classes) : base(nameof(BoxHead))
    {
        fc_cls = nn.Linear(hidden, classes + 1);
        fc_reg = nn.Linear(hidden, 4 * classes);
        shared_fcs = new([nn.Linear(width * Bins * Bins, hidden), nn.Linear(hidden, hidden)]);
        RegisterComponents();
        InitialHeads.Normal(fc_cls.weight, fc_cls.bias!, 0.01);
        InitialHeads.Normal(fc_reg.weight, fc_reg.bias!, 0.001);
        foreach (var layer in shared_fcs)
        {
            nn.init.xavier_uniform_(layer.weight);
            nn.init.zeros_(layer.bias!);
        }
    }

    /// <summary>[R, C, 7, 7] -> class logits [R, classes + 1], the background last, and deltas [R, 4 * classes].</summary>
    public (Tensor Logits, Tensor Deltas) forward(Tensor features)
    {
        using var scope = NewDisposeScope();
        var x = F.relu(shared_fcs[0].call(features.flatten(1)));
        x = F.relu(shared_fcs[1].call(x));
        return (fc_cls.call(x).MoveToOuterDisposeScope(), fc_reg.call(x).MoveToOuterDisposeScope());
    }
}

/// <summary>A region with its name.</summary>
/// <param name="Box">In pixels of the network's input.</param>
/// <param name="Score">0 to 1.</param>
/// <param name="Label">Index of the class.</param>
internal readonly record struct Detection(BoxF Box, float Score, int Label);

/// <summary>What is kept of a detector's answers.</summary>
/// <param name="Score">Least score.</param>
/// <param name="Most">Detections an image.</param>
internal readonly record struct DetectionLimits(float Score, int Most)
{
    /// <summary>Of boxes of one class that overlap more than this, the better one stays.</summary>
    public const double Overlap = 0.5;

    public static DetectionLimits Default { get; } = new(0.05f, 100);
}

/// <summary>A box branch's numbers as detections.</summary>
internal static class Detections
{
    /// <summary>Detections of one image, the best first.</summary>
    /// <param name="boxes">Its R regions.</param>
    /// <param name="logits">[R, classes + 1].</param>
    /// <param name="deltas">[R, 4 * classes].</param>
    /// <param name="limits">What is kept.</param>
    /// <param name="side">Side of the square image, which boxes are clipped to.</param>
    public static Detection[] Of(IReadOnlyList<BoxF> boxes, Tensor logits, Tensor deltas, DetectionLimits limits, int side)
    {
        using var scope = NewDisposeScope();
        float[] scores = TensorValues.Floats(logits.softmax(1)), moves = TensorValues.Floats(deltas);
        int classes = (int)logits.shape[1] - 1;
        var found = new List<Detection>();
        for (int r = 0; r < boxes.Count; r++)
            for (int c = 0; c < classes; c++)
                if (scores[r * (classes + 1) + c] is var score && score > limits.Score)
                    found.Add(new(BoxDeltas.OfRegions.Decode(boxes[r], moves.AsSpan(4 * (r * classes + c), 4), (side, side)), score, c));
        int[] kept = Nms.KeepByClass([.. found.Select(d => d.Box)], [.. found.Select(d => d.Score)], [.. found.Select(d => d.Label)], DetectionLimits.Overlap);
        return [.. kept.Take(limits.Most).Select(k => found[k])];
    }
}
