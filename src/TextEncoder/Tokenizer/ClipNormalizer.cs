using Microsoft.ML.Tokenizers;

namespace SemanticSam.TextEncoder.Tokenizer;

/// <summary><see cref="TextCleaner"/> as the tokenizer's first step.</summary>
internal sealed class ClipNormalizer : Normalizer
{
    public static ClipNormalizer Instance { get; } = new();

    public override string Normalize(string original) => TextCleaner.Clean(original);

    public override string Normalize(ReadOnlySpan<char> original) => TextCleaner.Clean(new string(original));
}
