using SemanticSam.Engine;
using SemanticSam.Formats;
using SemanticSam.Masks;

namespace SemanticSam.Training.Evaluation.Protocols;

/// <summary>An annotation whose mask has pixels.</summary>
internal readonly record struct Truth(Annotation Annotation, Rle Mask)
{
    /// <summary>Whether it is a part.</summary>
    public bool IsPart => Annotation.Role == AnnotationRole.Part;

    /// <summary>What is asked to find it; null for what has no name.</summary>
    public NameQuery? Name => Annotation.Category is { } name ? new(name, IsPart) : null;

    /// <summary>One object, outlined as it is: neither a region of several, nor an approximate mask.</summary>
    public bool IsExact => Annotation is { Kind: null, IsWeak: false, IsCrowd: false };
}

/// <summary>A name as it is asked.</summary>
/// <param name="Name">The plain name.</param>
/// <param name="IsPart">Whether the answer is looked for among parts; else among wholes.</param>
internal readonly record struct NameQuery(string Name, bool IsPart);

/// <summary>
/// An encoded image with its annotations, which all protocols ask. Each name is asked alone, so that its answer does not hang on others,
/// and once.
/// </summary>
internal sealed class EvaluatedImage(int index, AnnotatedImage image, ImageSession session, IReadOnlyList<NameQuery> absent)
{
    private readonly Dictionary<string, IReadOnlyList<MaskResult>> _answers = [];

    /// <summary>Its place among the images evaluated.</summary>
    public int Index => index;

    /// <summary>Its file and where it comes from.</summary>
    public AnnotatedImage Image => image;

    /// <summary>Answers prompts.</summary>
    public ImageSession Session => session;

    /// <summary>What is there.</summary>
    public IReadOnlyList<Truth> Truths { get; } = [.. image.Annotations.Select(a => new Truth(a, a.Mask)).Where(t => !t.Mask.IsEmpty)];

    /// <summary>Names that are there, with what they cover.</summary>
    public IReadOnlyList<(NameQuery Name, Truth[] Truths)> Present => field ??= [.. Truths.Where(t => t.Name is not null).GroupBy(t => t.Name!.Value)
        .Select(g => (g.Key, g.ToArray()))];

    /// <summary>Names that are surely not there.</summary>
    public IReadOnlyList<NameQuery> Absent => absent;

    /// <summary>The instances of a name.</summary>
    public IReadOnlyList<MaskResult> Ask(NameQuery name) => [.. Ask(name.Name)
        .Where(r => name.IsPart ? r.Part is not null : r.Whole is not null && r.Part is null)];

    /// <summary>The instances of what somebody typed, whole or part.</summary>
    public IReadOnlyList<MaskResult> Ask(string text)
    {
        if (_answers.TryGetValue(text, out var known)) return known;
        try
        {
            return _answers[text] = session.Segment(Prompt.Named(text));
        }
        catch (PromptException)
        {
            return _answers[text] = []; // a model may say that it does not know a name
        }
    }

    /// <summary>All pixels of the instances; null where there are none.</summary>
    public static Rle? Union(IReadOnlyList<MaskResult> instances) => instances.Count == 0 ? null : Rle.Merge(instances.Select(r => r.Mask));

    /// <summary>How sure the model is of an instance that it was asked for by name.</summary>
    public static float ScoreOf(MaskResult instance) => instance.Part?.Score ?? instance.Whole?.Score ?? instance.PredictedIou;
}
