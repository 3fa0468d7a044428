using SemanticSam.Engine.Batch;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>
/// What a model family must be able to do for a session: encode a picture once, answer prompts on it. The seam behind which Semantic-SAM,
/// SAM and others stand, and at which tests put a fake.
/// </summary>
internal abstract class Segmenter : IDisposable
{
    /// <summary>Name of the model in results and messages.</summary>
    public abstract string Name { get; }

    /// <summary>SHA-256 of the weights, lower-case hex.</summary>
    public abstract string Sha256 { get; }

    /// <summary>Why names cannot be answered; null when they can.</summary>
    public abstract string? NamesRefusal { get; }

    /// <summary>Rows and columns of the mask logits that it takes as a prompt; null when it takes none.</summary>
    public abstract PixelSize? LogitsSize { get; }

    /// <summary>The levels it gives, largest to smallest.</summary>
    public abstract IReadOnlyList<GranularityLevel> Levels { get; }

    /// <summary>Whether it has a token of its own for the single mask of an unambiguous prompt, which stands for no level.</summary>
    public abstract bool HasSingleMaskToken { get; }

    /// <summary>The model's own settings.</summary>
    public abstract InferenceSettings Settings { get; }

    /// <summary>Features of a picture, out of any dispose scope.</summary>
    public abstract Features Encode(RgbImage image);

    /// <summary>The masks of prompts that say where to look: one list a prompt, from the largest level to the smallest.</summary>
    public abstract IReadOnlyList<IReadOnlyList<Candidate>> AnswerPlaces(Features features, IReadOnlyList<Prompt> prompts, LabelSet? labels, PlaceSettings? settings = null);

    /// <summary>Single positive clicks as everything mode asks them: nothing is drawn yet.</summary>
    /// <param name="features">The picture, or a crop of one.</param>
    /// <param name="points">Pixels of that picture.</param>
    /// <param name="request">What is wanted of each.</param>
    public abstract ClickAnswers Click(Features features, IReadOnlyList<(double X, double Y)> points, ClickRequest request);

    /// <summary>What a click takes of memory.</summary>
    public abstract ClickMemory MemoryOfClicks(Features features);

    /// <summary>Everything that carries one of the names.</summary>
    public abstract IReadOnlyList<MaskResult> AnswerNames(Features features, IReadOnlyList<string> names, double presenceThreshold);

    /// <summary>Names to label masks with, to be disposed by the caller; null when the model cannot label or there are none.</summary>
    public abstract LabelSet? Labels(IReadOnlyList<string>? names);

    /// <summary>Features as tensors and text, to be saved; the tensors stay those of the features.</summary>
    public abstract PackedFeatures Pack(Features features);

    /// <summary>The way back; throws <see cref="FormatException"/> where something is missing or does not fit.</summary>
    /// <returns>Out of any dispose scope.</returns>
    public abstract Features Unpack(PackedFeatures packed, int width, int height);

    public abstract void Dispose();
}

/// <summary>How prompts with a place are answered.</summary>
/// <param name="Single">One mask a prompt, by the token that a model has for it.</param>
/// <param name="KeepLogits">Hand out the low-resolution logits.</param>
internal sealed record PlaceSettings(bool Single, bool KeepLogits);

/// <summary>What is wanted of clicks.</summary>
/// <param name="Levels">Levels in the order wanted; null for all in the decoder's order.</param>
/// <param name="Labels">Names to label masks with.</param>
/// <param name="Isolation">Whether clicks of a batch influence each other, where the architecture lets them.</param>
internal sealed record ClickRequest(IReadOnlyList<GranularityLevel>? Levels, LabelSet? Labels, PromptIsolation Isolation = PromptIsolation.Isolated);

/// <summary>Bytes a click takes, roughly: what decides how many go through the decoder together.</summary>
/// <param name="Attend">At most while the decoder's transformer works on it.</param>
/// <param name="Kept">Between the transformer and the drawing of its masks.</param>
/// <param name="Draw">At most while its masks are drawn.</param>
internal readonly record struct ClickMemory(long Attend, long Kept, long Draw);

/// <summary>An encoded picture; owned by its session.</summary>
internal abstract class Features(int width, int height) : IDisposable
{
    /// <summary>Columns of the original picture.</summary>
    public int Width { get; } = width;

    /// <summary>Rows of the original picture.</summary>
    public int Height { get; } = height;

    /// <summary>From the decoder's resolution to the picture's.</summary>
    public abstract MaskUpsampler Upsampler { get; }

    public abstract void Dispose();
}

/// <summary>Embedded names, ready for the decoder.</summary>
internal abstract class LabelSet : IDisposable
{
    /// <summary>Lets go of them; those of the model's own vocabulary, which the segmenter keeps, live on.</summary>
    public abstract void Dispose();
}

/// <summary>One mask of a decoder before anything is filtered.</summary>
/// <param name="Mask">At the original picture's size.</param>
/// <param name="PredictedIou">The model's estimate, unbounded.</param>
/// <param name="Stability">0 to 1, NaN when nothing is above either cut.</param>
/// <param name="Level">Level of the token; null if it stands for none.</param>
/// <param name="Whole">Best whole name with its probability.</param>
/// <param name="Part">Best part name with its probability.</param>
internal sealed record Candidate(Rle Mask, float PredictedIou, float Stability, GranularityLevel? Level, ScoredLabel? Whole, ScoredLabel? Part)
{
    /// <summary>At low resolution; null unless asked for.</summary>
    public MaskLogits? Logits { get; init; }
}
