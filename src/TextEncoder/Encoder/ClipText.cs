using SemanticSam.TextEncoder.Tokenizer;
using static TorchSharp.torch;

namespace SemanticSam.TextEncoder.Encoder;

/// <summary>CLIP's text tower and its tokenizer, which stay the caller's.</summary>
internal sealed class ClipText : ITextEncoder
{
    private readonly ClipTextEncoder _encoder;
    private readonly TextTokenizer _tokenizer;
    private readonly TextContext _context;

    /// <param name="encoder">Encodes rows of tokens.</param>
    /// <param name="tokenizer">Of as many tokens as the encoder's vocabulary.</param>
    /// <param name="context">How texts become rows; not longer than the encoder's context.</param>
    /// <exception cref="ArgumentException">Tokenizer or context do not fit the encoder.</exception>
    public ClipText(ClipTextEncoder encoder, TextTokenizer tokenizer, TextContext context)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(context);
        if (tokenizer.VocabularySize != encoder.Config.VocabularySize)
            throw new ArgumentException($"The tokenizer has {tokenizer.VocabularySize} tokens, the encoder {encoder.Config.VocabularySize}.",
                nameof(tokenizer));
        if (context.Length > encoder.Config.ContextLength)
            throw new ArgumentException($"Rows of {context.Length} tokens do not fit the encoder's context of {encoder.Config.ContextLength}.",
                nameof(context));
        (_encoder, _tokenizer, _context) = (encoder, tokenizer, context);
    }

    public int Width => _encoder.Config.OutputWidth;

    public Device Device => _encoder.LogitScale.device;

    /// <summary>Rows of like length go together, since a batch is as long as its longest.</summary>
    public float[][] Encode(IReadOnlyList<string> texts, int batchSize)
    {
        int[][] rows = [.. texts.Select(t => _tokenizer.Encode(t, _context))];
        var features = new float[rows.Length][];
        int[] order = [.. Enumerable.Range(0, rows.Length).OrderBy(i => Array.IndexOf(rows[i], _tokenizer.EndId))];
        foreach (int[] batch in order.Chunk(batchSize))
        {
            using var scope = NewDisposeScope();
            float[] values = _encoder.EncodeNormalized([.. batch.Select(i => rows[i])]).to(ScalarType.Float32).cpu().data<float>().ToArray();
            for (int i = 0; i < batch.Length; i++) features[batch[i]] = values[(i * Width)..((i + 1) * Width)];
        }
        return features;
    }
}
