using static TorchSharp.torch;

namespace SemanticSam.TextEncoder;

/// <summary>From texts to unit vectors: CLIP's text tower or a sentence encoder, with the tokenizer that belongs to it.</summary>
internal interface ITextEncoder
{
    /// <summary>Numbers an embedding.</summary>
    int Width { get; }

    /// <summary>Where embeddings are wanted.</summary>
    Device Device { get; }

    /// <summary>Embeddings of texts, in their order, each of length 1.</summary>
    /// <param name="texts">As they are: nothing is put around them.</param>
    /// <param name="batchSize">Most texts in one forward pass.</param>
    float[][] Encode(IReadOnlyList<string> texts, int batchSize);
}
