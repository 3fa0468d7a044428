using SemanticSam.Engine.Checkpoints;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions;

/// <summary>
/// An image after the encoder: the object that answers prompts about it, one subclass a family. Belongs to one session, and like it is used by one
/// thread at a time.
/// </summary>
/// <param name="model">What encoded it; stays its owner's and must outlive it.</param>
/// <param name="size">Of the original image.</param>
internal abstract class EncodedImage(Segmenter model, PixelSize size) : IDisposable
{
    /// <summary>What encoded it.</summary>
    public Segmenter Model => model;

    /// <summary>Rows and columns of the original image.</summary>
    public PixelSize Size => size;

    /// <summary>Bytes that it holds, on whatever device: features, and what answers have left with it for the next ones.</summary>
    public virtual long Bytes => Save().Tensors.Values.Sum(t => t.numel() * t.element_size());

    /// <summary>Refuses features that are not finite: they would give masks of nothing, without a word.</summary>
    /// <exception cref="CheckpointException">They are not.</exception>
    protected static void RequireFinite(Segmenter model, params ReadOnlySpan<Tensor> features)
    {
        foreach (var tensor in features)
            if (!FiniteWeights.IsFinite(tensor))
                throw new CheckpointException(model.Name,
                    "the model gives features that are not finite numbers for this image: its weights or its normalization are unusable.");
    }

    /// <summary>Refuses scores that are not finite.</summary>
    /// <exception cref="CheckpointException">They are not.</exception>
    public static void RequireFinite(Segmenter model, ReadOnlySpan<float> scores)
    {
        foreach (float score in scores)
            if (!float.IsFinite(score))
                throw new CheckpointException(model.Name, "the model answers with scores that are not finite numbers: its weights are unusable.");
    }

    /// <summary>Columns of the original image.</summary>
    public int Width => size.Width;

    /// <summary>Rows of the original image.</summary>
    public int Height => size.Height;

    /// <summary>The whole of it.</summary>
    public BoxI Frame => new(0, 0, Width, Height);

    /// <summary>From the decoder's resolution to the image's.</summary>
    public abstract MaskUpsampler Upsampler { get; }

    /// <summary>Rows and columns of the mask logits that it takes as a prompt and hands out; null when the model takes none.</summary>
    public virtual PixelSize? LogitsSize => null;

    /// <summary>The masks of prompts that say where to look: one list a prompt, from the largest level to the smallest.</summary>
    public abstract IReadOnlyList<IReadOnlyList<Candidate>> AnswerPlaces(IReadOnlyList<Prompt> prompts, PlaceRequest request);

    /// <summary>Makes ready for single positive clicks as everything mode asks them: names are embedded once for all of them.</summary>
    public abstract ClickDecoder OpenClicks(ClickRequest request);

    /// <summary>Everything that carries one of the names: an answer a name, or one to all of them where the model takes names as they are.</summary>
    /// <param name="names">As the user wrote them.</param>
    /// <param name="presenceThreshold">Probability from which a name counts as present, 0 to 1; null for the model's own.</param>
    /// <exception cref="PromptException">The names cannot be read, or the model knows none.</exception>
    public virtual IReadOnlyList<NameAnswer> AnswerNames(IReadOnlyList<string> names, double? presenceThreshold) => throw PromptChecks.NoNames(Model);

    /// <summary>How sure the image is to show each name, anywhere, 0 to 1; null where the model has no such opinion.</summary>
    /// <param name="names">Names of the model's <see cref="Segmenter.NameBook"/>.</param>
    public virtual float[]? PresenceOf(IReadOnlyList<ReadName> names) => null;

    /// <summary>Of names with several meanings the first that the image shows.</summary>
    /// <param name="names">Names of the model's <see cref="Segmenter.NameBook"/>.</param>
    /// <param name="presenceThreshold">Probability from which a name counts as present, 0 to 1; null for the model's own.</param>
    public virtual IReadOnlyList<ReadName> Settle(IReadOnlyList<ReadName> names, double? presenceThreshold) => names;

    /// <summary>
    /// Parts of a thing that are known by name, because the model knows what the thing is and which parts such things have; none else.
    /// </summary>
    /// <param name="thing">The thing.</param>
    /// <param name="whole">What it is.</param>
    public virtual IReadOnlyList<MaskResult> NamedParts(Rle thing, string whole) => [];

    /// <summary>Wholes around a part that are known by name, because the model knows what it is and what has such parts; none else.</summary>
    /// <param name="piece">The part.</param>
    /// <param name="part">What it is.</param>
    public virtual IReadOnlyList<MaskResult> NamedWholes(Rle piece, string part) => [];

    /// <summary>Everything, by a way of the family's own; null where clicks on a grid are asked.</summary>
    /// <param name="options">Validated.</param>
    /// <param name="cancellation">Looked at before it begins.</param>
    public virtual IEnumerable<EverythingStep>? AnswerEverything(EverythingOptions options, CancellationToken cancellation) => null;

    /// <summary>Its tensors and sizes, to be saved; the tensors stay its own.</summary>
    public abstract SavedEncoding Save();

    public abstract void Dispose();
}

/// <summary>How prompts with a place are answered.</summary>
/// <param name="Labels">Names to label masks with; null for the model's own vocabulary, empty for no labels.</param>
/// <param name="Single">One mask a prompt, by the token that a model has for it.</param>
/// <param name="KeepLogits">Hand out the low-resolution logits.</param>
internal sealed record PlaceRequest(IReadOnlyList<string>? Labels, bool Single = false, bool KeepLogits = false);

/// <summary>What is wanted of clicks.</summary>
/// <param name="Levels">Levels in the order wanted; null for all in the decoder's order.</param>
/// <param name="Labels">Names to label masks with; null for the model's own vocabulary, empty for no labels.</param>
/// <param name="Joint">Whether clicks of a batch influence each other, where the architecture lets them.</param>
internal sealed record ClickRequest(IReadOnlyList<GranularityLevel>? Levels, IReadOnlyList<string>? Labels, bool Joint = false);

/// <summary>One mask of a decoder before anything is filtered.</summary>
/// <param name="Drawing">The mask at the original image's size, drawn when it is first asked for: of a large image that costs more than the rest, and of a
/// click's masks most often one is wanted.</param>
/// <param name="PredictedIou">The model's estimate, unbounded.</param>
/// <param name="Stability">0 to 1, NaN when nothing is above either cut.</param>
/// <param name="Level">Level of the token; null if it stands for none.</param>
/// <param name="Whole">Best whole name with its probability.</param>
/// <param name="Part">Best part name with its probability.</param>
internal sealed record Candidate(Lazy<Rle> Drawing, float PredictedIou, float Stability, GranularityLevel? Level, ScoredLabel? Whole, ScoredLabel? Part)
{
    /// <summary>A candidate whose mask is drawn.</summary>
    public Candidate(Rle mask, float predictedIou, float stability, GranularityLevel? level, ScoredLabel? whole, ScoredLabel? part)
        : this(new Lazy<Rle>(mask), predictedIou, stability, level, whole, part)
    {
    }

    /// <summary>At the original image's size.</summary>
    public Rle Mask
    {
        get => Drawing.Value;
        init => Drawing = new(value);
    }

    /// <summary>At low resolution; null unless asked for.</summary>
    public MaskLogits? Logits { get; init; }

    /// <summary>See <see cref="MaskResult.Evidence"/>.</summary>
    public MaskEvidence? Evidence { get; init; }

    /// <summary>See <see cref="MaskResult.LabelEvidence"/>.</summary>
    public LabelChoices LabelEvidence { get; init; } = LabelChoices.None;
}
