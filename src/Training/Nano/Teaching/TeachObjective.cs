using SemanticSam.Granularity.Nano;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano.Teaching;

/// <summary>
/// Learns new names without forgetting (Li and Hoiem, arXiv 1606.09282): the loss of words on the new images; on the same images the
/// old model's answers to known names; and the places of all known words in the space of the pixels, for which no image is needed.
/// </summary>
/// <param name="model">What learns.</param>
/// <param name="old">The model as it was.</param>
/// <param name="sentences">[texts, width]: phrases of the new names.</param>
/// <param name="known">[words, width]: sentence embeddings of all known words.</param>
/// <param name="options">Weights of the losses.</param>
internal sealed class TeachObjective(NanoModel model, NanoModel old, Tensor sentences, Tensor known, TeachOptions options)
{
    private const double PixelWeight = 4, DiceWeight = 2, PresenceWeight = 0.6;
    private const int WordsAtOnce = 512;

    /// <summary>The loss to go back from, and its components.</summary>
    public (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Run(NanoBatch batch, Device device)
    {
        var tensors = batch.ToTensors(device);
        var features = model.EmbedSurroundings(model.Encode(tensors.Images, tensors.CoarseValid)); // once, for new and old names
        var words = WordLoss.Of(model, features, sentences, tensors);
        var (answers, presence) = Answers(features, tensors);
        Tensor embeddings = Embeddings();
        return (words.Pixels * PixelWeight + words.Dice * DiceWeight + words.Presence * PresenceWeight + answers * options.AnswerWeight
            + presence * PresenceWeight + embeddings * options.EmbeddingWeight,
            [("pixels", words.Pixels), ("dice", words.Dice), ("presence", words.Presence), ("old_answers", answers), ("old_presence", presence),
                ("old_words", embeddings)]);
    }

    /// <summary>How far the answers to known names are from those of the old model: half of the names are those it finds likeliest here.</summary>
    private (Tensor Pixels, Tensor Presence) Answers(NanoFeatures features, NanoTensors tensors)
    {
        long batch = tensors.Images.shape[0];
        Tensor asked, pixels, presence;
        using (no_grad())
        {
            var before = old.EmbedSurroundings(old.Embed(features)); // backbone and pyramid stand still
            Tensor all = old.Names(known.unsqueeze(0)); // [1, words, E]
            Tensor likely = old.Presence(before, all.expand(batch, -1, -1)).amax([0]).topk(Math.Min(options.OldNames / 2, (int)known.shape[0]), 0).indexes;
            asked = cat([likely, randint(0, known.shape[0], [options.OldNames - options.OldNames / 2], ScalarType.Int64, known.device)], 0);
            Tensor names = all.index_select(1, asked).expand(batch, -1, -1);
            pixels = old.Words(before, names).sigmoid();
            presence = old.Presence(before, names).sigmoid();
        }
        Tensor now = model.Names(known.index_select(0, asked).unsqueeze(0)).expand(batch, -1, -1);
        Tensor valid = tensors.Valid.unsqueeze(1);
        Tensor entropy = nn.functional.binary_cross_entropy_with_logits(model.Words(features, now), pixels, reduction: nn.Reduction.None) - Entropy(pixels);
        return ((entropy * valid).sum() / (valid.sum() * asked.shape[0]).clamp_min(1),
            (nn.functional.binary_cross_entropy_with_logits(model.Presence(features, now), presence, reduction: nn.Reduction.None) - Entropy(presence)).mean());
    }

    /// <summary>One minus the cosine of old and new places of known words.</summary>
    private Tensor Embeddings()
    {
        Tensor rows = known.index_select(0, randint(0, known.shape[0], [WordsAtOnce], ScalarType.Int64, known.device)).unsqueeze(0), before;
        using (no_grad()) before = old.Names(rows);
        return (1 - (model.Names(rows) * before).sum(-1)).mean();
    }

    /// <summary>What cross-entropy has left where nothing has changed; without it the figures in the log would say little.</summary>
    private static Tensor Entropy(Tensor probability)
    {
        Tensor p = probability.clamp(1e-6, 1 - 1e-6);
        return -(p * p.log() + (1 - p) * (1 - p).log());
    }
}
