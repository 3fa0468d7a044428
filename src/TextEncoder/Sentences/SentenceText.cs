using static TorchSharp.torch;

namespace SemanticSam.TextEncoder.Sentences;

/// <summary>
/// A sentence encoder and its tokenizer, opened when a text comes that nobody has encoded before: names that a model was taught have their
/// embeddings beside its weights, and most runs ask for no others.
/// </summary>
internal sealed class SentenceText(int width, Device device, Func<(SentenceEncoder Encoder, SentenceTokenizer Tokenizer)> open) : ITextEncoder, IDisposable
{
    private readonly Lazy<(SentenceEncoder Encoder, SentenceTokenizer Tokenizer)> _opened = new(open);

    public int Width => width;

    public Device Device => device;

    /// <summary>Whether the encoder has been needed.</summary>
    public bool IsOpen => _opened.IsValueCreated;

    public float[][] Encode(IReadOnlyList<string> texts, int batchSize)
    {
        var (encoder, tokenizer) = _opened.Value;
        int[][] rows = [.. texts.Select(t => tokenizer.Encode(t))];
        var embeddings = new float[rows.Length][];
        foreach (int[] batch in Enumerable.Range(0, rows.Length).OrderBy(i => rows[i].Length).Chunk(batchSize))
        {
            using var scope = NewDisposeScope();
            float[] values = encoder.Encode([.. batch.Select(i => rows[i])]).cpu().contiguous().data<float>().ToArray();
            for (int i = 0; i < batch.Length; i++) embeddings[batch[i]] = values[(i * width)..((i + 1) * width)];
        }
        return embeddings;
    }

    public void Dispose()
    {
        if (_opened.IsValueCreated) _opened.Value.Encoder.Dispose();
    }
}
