using SemanticSam.Formats;
using SemanticSam.TextEncoder.Sentences;
using SemanticSam.Training.Data;

namespace SemanticSam.Training.Nano;

/// <summary>What the embedded model is trained on.</summary>
/// <param name="Images">Annotated images.</param>
/// <param name="Vocabulary">What their names mean, and are called else.</param>
/// <param name="Tokenizer">Divides phrases into pieces.</param>
/// <param name="Encoder">Encodes them; not asked any more once a trainer is made.</param>
internal sealed record NanoMaterial(IReadOnlyList<AnnotatedImage> Images, NameVocabulary Vocabulary, SentenceTokenizer Tokenizer, SentenceEncoder Encoder)
{
    /// <summary>Opens images that may turn out to be unreadable; null where all are known to be sound.</summary>
    public ReadableImages? Readable { get; init; }

    /// <summary>What the head for surroundings learns, where it alone is trained; else null.</summary>
    public IReadOnlySet<QueryName>? Around { get; init; }
}
