namespace SemanticSam.Tests.Reference;

/// <summary>Weights of costs and losses, as Semantic-SAM and OpenSeeD have them.</summary>
internal sealed record CriterionWeights
{
    /// <summary>Classes.</summary>
    public double Class { get; init; } = 4;

    /// <summary>Cross-entropy of masks.</summary>
    public double CrossEntropy { get; init; } = 5;

    /// <summary>Dice of masks.</summary>
    public double Dice { get; init; } = 5;

    /// <summary>L1 distance of boxes.</summary>
    public double BoxL1 { get; init; } = 5;

    /// <summary>Generalized IoU of boxes.</summary>
    public double Giou { get; init; } = 2;

    /// <summary>Predicted IoU.</summary>
    public double Iou { get; init; } = 1;
}

/// <summary>The losses of a criterion by the names of the reference (<c>loss_mask_bce_0</c> and so on), each rank 0.</summary>
/// <param name="Unweighted">Before their weights.</param>
/// <param name="Weighted">Multiplied by their weights.</param>
internal sealed record CriterionLosses(IReadOnlyDictionary<string, TorchSharp.torch.Tensor> Unweighted, IReadOnlyDictionary<string,
    TorchSharp.torch.Tensor> Weighted)
{
    /// <summary>Sum of the weighted losses.</summary>
    public TorchSharp.torch.Tensor Total => TorchSharp.torch.stack(Weighted.Values).sum();
}

/// <summary>Collects losses with their weights.</summary>
internal sealed class LossCollector(CriterionWeights weights)
{
    private readonly Dictionary<string, TorchSharp.torch.Tensor> _unweighted = [], _weighted = [];

    public CriterionLosses Result => new(_unweighted, _weighted);

    public void Class(string suffix, TorchSharp.torch.Tensor loss) => Add("loss_mask_cls" + suffix, weights.Class, loss);

    public void PartClass(string suffix, TorchSharp.torch.Tensor loss) => Add("loss_mask_part_cls" + suffix, weights.Class, loss);

    public void Iou(string suffix, TorchSharp.torch.Tensor loss) => Add("iou_score_loss" + suffix, weights.Iou, loss);

    public void Masks(string suffix, TorchSharp.torch.Tensor entropy, TorchSharp.torch.Tensor dice)
    {
        Add("loss_mask_bce" + suffix, weights.CrossEntropy, entropy);
        Add("loss_mask_dice" + suffix, weights.Dice, dice);
    }

    public void Boxes(string suffix, TorchSharp.torch.Tensor l1, TorchSharp.torch.Tensor giou)
    {
        Add("loss_bbox" + suffix, weights.BoxL1, l1);
        Add("loss_giou" + suffix, weights.Giou, giou);
    }

    private void Add(string name, double weight, TorchSharp.torch.Tensor loss)
    {
        _unweighted.Add(name, loss);
        _weighted.Add(name, weight * loss);
    }
}
