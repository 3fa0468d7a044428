using static TorchSharp.torch;

namespace SemanticSam.Training.Objectives;

/// <summary>The matches of an image as tensors: first the prompts', then the objects', then for masks also the names, which need no matching.</summary>
internal sealed class MatchedPairs
{
    public MatchedPairs(ImageMatches matches, ImageTargets targets, ObjectiveOptions weights)
    {
        var device = targets.Boxes.device;
        (PromptCount, Count) = (matches.PromptQueries.Length, matches.PromptQueries.Length + matches.ObjectQueries.Length);
        PromptQueries = tensor(matches.PromptQueries, device: device);
        PromptMasks = tensor(matches.PromptMasks, device: device);
        ObjectQueries = tensor(matches.ObjectQueries, device: device);
        ObjectMasks = tensor(matches.ObjectMasks, device: device);
        IsClick = tensor(matches.IsClick.Select(c => c ? 1f : 0f).ToArray(), device: device);
        Clicks = matches.IsClick.Count(c => c);
        var masks = cat([PromptMasks, ObjectMasks], 0);
        Boxes = targets.Boxes.index_select(0, masks);
        Masks = cat([targets.Masks.index_select(0, masks), targets.NameMasks], 0);
        PromptLabels = targets.Labels.index_select(0, PromptMasks);
        float[] ofMasks = [.. matches.PromptQueries.Select(_ => 1f), .. matches.ObjectQueries.Select(_ => (float)weights.ObjectMask),
            .. targets.Sample.Names.Select(n => (float)(n.IsPresent ? weights.PresentNameMask : weights.AbsentNameMask))];
        MaskWeights = tensor(ofMasks, device: device);
        TotalMaskWeight = ofMasks.Sum(w => (double)w);
    }

    /// <summary>Pairs of prompts.</summary>
    public int PromptCount { get; }

    /// <summary>All pairs.</summary>
    public int Count { get; }

    /// <summary>Pairs of clicks.</summary>
    public int Clicks { get; }

    /// <summary>[prompt pairs].</summary>
    public Tensor PromptQueries { get; }

    /// <summary>[prompt pairs].</summary>
    public Tensor PromptMasks { get; }

    /// <summary>[object pairs].</summary>
    public Tensor ObjectQueries { get; }

    /// <summary>[object pairs].</summary>
    public Tensor ObjectMasks { get; }

    /// <summary>[prompt pairs]: 1 for clicks, 0 for boxes.</summary>
    public Tensor IsClick { get; }

    /// <summary>[pairs, 4].</summary>
    public Tensor Boxes { get; }

    /// <summary>[pairs + names, points].</summary>
    public Tensor Masks { get; }

    /// <summary>[prompt pairs, names].</summary>
    public Tensor PromptLabels { get; }

    /// <summary>[pairs + names].</summary>
    public Tensor MaskWeights { get; }

    /// <summary>Their sum.</summary>
    public double TotalMaskWeight { get; }
}
