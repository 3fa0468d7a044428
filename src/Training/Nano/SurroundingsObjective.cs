using SemanticSam.Granularity.Nano;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano;

/// <summary>
/// The losses of the head for surroundings: those of words, of its names alone, and of telling its names from all others. What it stands on stays as it is and
/// takes most of the time, so that a batch is encoded once and then learned from several times, in other parts each time ("data echoing",
/// Choi et al., arXiv 1907.05550).
/// </summary>
/// <param name="model">The network.</param>
/// <param name="head">Its head for surroundings.</param>
/// <param name="sentences">[texts, width]: what the rows of a batch point into.</param>
/// <param name="isAround">[texts]: 1 for the phrases of surroundings.</param>
/// <param name="images">Images of a batch.</param>
internal sealed class SurroundingsObjective(NanoModel model, SurroundingsHead head, Tensor sentences, Tensor isAround, int images) : INanoObjective
{
    private const int Passes = 3, ImagesOfUpdate = 8;

    private readonly int _parts = (images + ImagesOfUpdate - 1) / ImagesOfUpdate;

    /// <inheritdoc/>
    public int Updates => Passes * _parts;

    /// <inheritdoc/>
    public Func<int, (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts)> Begin(NanoBatch batch, Device device)
    {
        using var quiet = no_grad();
        var tensors = batch.ToTensors(device);
        var (levels, global) = Encode(tensors);
        long[][] rows = [.. Enumerable.Range(0, Passes).SelectMany(_ => randperm(images).data<long>().ToArray().Chunk(ImagesOfUpdate))];
        return update =>
        {
            Tensor own = tensor(rows[update]).to(device);
            return Learn(new([.. levels.Select(l => l.index_select(0, own))], global.index_select(0, own), global), tensors.Select(own));
        };
    }

    /// <summary>The pyramid of all images, a part at a time.</summary>
    private (Tensor[] Levels, Tensor Global) Encode(NanoTensors tensors)
    {
        using var scope = NewDisposeScope();
        var encoded = Enumerable.Range(0, _parts).Select(p => (From: p * ImagesOfUpdate, To: Math.Min((p + 1) * ImagesOfUpdate, images)))
            .Select(p => model.Pyramid(tensors.Images.slice(0, p.From, p.To, 1), tensors.CoarseValid.slice(0, p.From, p.To, 1))).ToList();
        Tensor[] levels = [.. Enumerable.Range(0, encoded[0].Levels.Length).Select(l => cat([.. encoded.Select(e => e.Levels[l])], 0))];
        foreach (var level in levels) level.MoveToOuterDisposeScope();
        return (levels, cat([.. encoded.Select(e => e.Global)], 0).MoveToOuterDisposeScope());
    }

    private (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Learn(NanoFeatures features, NanoTensors tensors)
    {
        var words = WordLoss.Of(head, features with { Surroundings = head.Embed(features.Levels) }, sentences, tensors);
        Tensor kind = KindLoss();
        return (NanoObjective.Loss(words) + kind, [.. NanoObjective.Parts(words), ("kind", kind)]);
    }

    /// <summary>Over all phrases, those of surroundings, which are few, as much as the others.</summary>
    private Tensor KindLoss()
    {
        Tensor kind = head.Kind(WordLoss.Near(sentences)).squeeze(-1);
        Tensor loss = nn.functional.binary_cross_entropy_with_logits(kind, isAround, reduction: nn.Reduction.None);
        return (Mean(loss, isAround) + Mean(loss, 1 - isAround)) / 2;
    }

    private static Tensor Mean(Tensor values, Tensor weights) => (values * weights).sum() / weights.sum().clamp_min(1);
}
