using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Sessions;

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

    /// <summary>The model's own settings.</summary>
    public abstract InferenceSettings Settings { get; }

    /// <summary>Features of a picture, out of any dispose scope.</summary>
    public abstract Features Encode(RgbImage image);

    /// <summary>The masks of prompts that say where to look: one list a prompt, best first where the family ranks them.</summary>
    public abstract IReadOnlyList<IReadOnlyList<Candidate>> AnswerPlaces(Features features, IReadOnlyList<Prompt> prompts, LabelSet? labels);

    /// <summary>Everything that carries one of the names.</summary>
    public abstract IReadOnlyList<MaskResult> AnswerNames(Features features, IReadOnlyList<string> names, double presenceThreshold);

    /// <summary>Names to label masks with; null when the model cannot label or there are none.</summary>
    public abstract LabelSet? Labels(IReadOnlyList<string>? names);

    public abstract void Dispose();
}

/// <summary>An encoded picture; owned by its session.</summary>
internal abstract class Features(int width, int height) : IDisposable
{
    /// <summary>Columns of the original picture.</summary>
    public int Width { get; } = width;

    /// <summary>Rows of the original picture.</summary>
    public int Height { get; } = height;

    public abstract void Dispose();
}

/// <summary>Embedded names, ready for the decoder; made once and cached by the segmenter.</summary>
internal abstract class LabelSet;

/// <summary>One mask of a decoder before anything is filtered.</summary>
/// <param name="Mask">At the original picture's size.</param>
/// <param name="PredictedIou">The model's estimate, unbounded.</param>
/// <param name="Stability">0 to 1, NaN when nothing is above either cut.</param>
/// <param name="Level">Level of the token.</param>
/// <param name="Whole">Best whole name with its probability.</param>
/// <param name="Part">Best part name with its probability.</param>
internal sealed record Candidate(Rle Mask, float PredictedIou, float Stability, Granularity Level, ScoredLabel? Whole, ScoredLabel? Part);
