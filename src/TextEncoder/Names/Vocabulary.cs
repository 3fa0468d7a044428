using SemanticSam.TextEncoder.Encoder;
using SemanticSam.TextEncoder.Tokenizer;
using static TorchSharp.torch;

namespace SemanticSam.TextEncoder.Names;

/// <summary>What is encoded for a name.</summary>
internal enum PromptStyle
{
    /// <summary>The name in each of the 81 <see cref="PromptTemplates"/>, averaged and normalized.</summary>
    Templates,

    /// <summary>The name alone, for models trained without templates.</summary>
    BareName,
}

/// <summary>How <see cref="Vocabulary"/> encodes and caches names.</summary>
internal sealed record VocabularyOptions
{
    /// <summary>What is encoded for a name. Default <see cref="PromptStyle.Templates"/>.</summary>
    public PromptStyle Prompts { get; init; } = PromptStyle.Templates;

    /// <summary>Whether COCO's marks <c>-other</c>, <c>-merged</c> and <c>-stuff</c> are taken off names first. Default true.</summary>
    public bool StripMarks { get; init; } = true;

    /// <summary>Most texts in one forward pass. Default 256.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>Most names kept; the one asked for longest ago goes first. Null, the default: all.</summary>
    public int? Capacity { get; init; }
}

/// <summary>
/// Embeddings of names, each encoded once: all new names of a call with all their templates go through the encoder together.
/// Safe for use by many threads; the encoder's weights must not change meanwhile (else <see cref="Clear"/>).
/// </summary>
internal sealed class Vocabulary
{
    private static readonly string[] Marks = ["-other", "-merged", "-stuff"];

    private readonly ITextEncoder _encoder;
    private readonly VocabularyOptions _options;
    private readonly Lock _lock = new();
    private readonly Dictionary<Key, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new(); // the latest last

    /// <summary>A vocabulary over CLIP's text tower and its tokenizer, which stay the caller's.</summary>
    /// <param name="encoder">Encodes rows of tokens.</param>
    /// <param name="tokenizer">Of as many tokens as the encoder's vocabulary.</param>
    /// <param name="context">How texts become rows; not longer than the encoder's context.</param>
    /// <param name="options">Default if null.</param>
    /// <exception cref="ArgumentException">Tokenizer or context do not fit the encoder.</exception>
    public Vocabulary(ClipTextEncoder encoder, TextTokenizer tokenizer, TextContext context, VocabularyOptions? options = null)
        : this(new ClipText(encoder, tokenizer, context), options)
    {
    }

    /// <summary>A vocabulary over an encoder, which stays the caller's.</summary>
    /// <param name="encoder">Encodes texts.</param>
    /// <param name="options">Default if null.</param>
    public Vocabulary(ITextEncoder encoder, VocabularyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        _options = options ?? new VocabularyOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_options.BatchSize, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_options.Capacity ?? 1, nameof(options));
        _encoder = encoder;
    }

    /// <summary>Names cached now.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _entries.Count;
        }
    }

    /// <summary>Without COCO's marks <c>-other</c>, <c>-merged</c>, <c>-stuff</c>, wherever they stand; other hyphens stay ("floor-wood").</summary>
    internal static string WithoutMarks(string name)
    {
        foreach (string mark in Marks) name = name.Replace(mark, "", StringComparison.Ordinal);
        return name;
    }

    /// <summary>Embeddings of names, in their order.</summary>
    /// <param name="names">At least one, none blank; repetitions are allowed.</param>
    /// <param name="background">Whether a last row for <see cref="PromptTemplates.Background"/> is added.</param>
    /// <returns>[names (+ 1), OutputWidth], float32, rows of length 1, without gradient, on the encoder's device; the caller's.</returns>
    /// <exception cref="ArgumentException">No name, or a blank one.</exception>
    public Tensor Embed(IReadOnlyList<string> names, bool background = false)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.Count == 0) throw new ArgumentException("There is no name to embed.", nameof(names));
        var keys = names.Select(name => string.IsNullOrWhiteSpace(name)
            ? throw new ArgumentException("A name is blank; each must have at least one letter.", nameof(names))
            : new Key(_options.StripMarks ? WithoutMarks(name) : name, IsSentence: false)).ToList();
        if (background) keys.Add(new Key(PromptTemplates.Background, IsSentence: true));

        var values = new float[keys.Count * _encoder.Width];
        lock (_lock)
        {
            var found = new Dictionary<Key, float[]>();
            var missing = new List<Key>();
            foreach (var key in keys.Distinct())
            {
                if (Touch(key) is { } known) found[key] = known;
                else missing.Add(key);
            }
            if (missing.Count > 0)
                foreach (var (key, embedding) in Encode(missing)) Keep(key, found[key] = embedding);
            for (int i = 0; i < keys.Count; i++) found[keys[i]].CopyTo(values, i * _encoder.Width);
        }
        using var scope = NewDisposeScope();
        // In libtorch's own memory: the last digits of what is made of it hang on where it begins.
        return tensor(values, keys.Count, _encoder.Width).clone().to(_encoder.Device).MoveToOuterDisposeScope();
    }

    /// <summary>Takes embeddings that were computed before; they count as just asked for.</summary>
    /// <param name="embeddings">Each of length 1.</param>
    public void Remember(IEnumerable<(string Name, float[] Embedding)> embeddings)
    {
        lock (_lock)
            foreach (var (name, embedding) in embeddings)
            {
                var key = new Key(name, IsSentence: false);
                if (Touch(key) is null) Keep(key, embedding);
            }
    }

    /// <summary>Forgets all names.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _entries.Clear();
            _byUse.Clear();
        }
    }

    private float[]? Touch(Key key)
    {
        if (!_entries.TryGetValue(key, out var node)) return null;
        _byUse.Remove(node);
        _byUse.AddLast(node);
        return node.Value.Embedding;
    }

    private void Keep(Key key, float[] embedding)
    {
        _entries[key] = _byUse.AddLast(new Entry(key, embedding));
        if (_entries.Count <= _options.Capacity.GetValueOrDefault(int.MaxValue)) return;
        _entries.Remove(_byUse.First!.Value.Key);
        _byUse.RemoveFirst();
    }

    private IEnumerable<(Key Key, float[] Embedding)> Encode(List<Key> keys)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var templates = _options.Prompts == PromptStyle.Templates ? PromptTemplates.All : ["{}"];
        var texts = new List<string>();
        var counts = new List<int>();
        foreach (var key in keys)
        {
            int before = texts.Count;
            if (key.IsSentence) texts.Add(key.Name);
            else texts.AddRange(templates.Select(t => PromptTemplates.Fill(t, key.Name)));
            counts.Add(texts.Count - before);
        }
        float[][] features = _encoder.Encode(texts, _options.BatchSize);
        var results = new List<(Key, float[])>();
        for (int k = 0, row = 0; k < keys.Count; row += counts[k++])
            results.Add((keys[k], Average(features.AsSpan(row, counts[k]))));
        return results;
    }

    /// <summary>The mean divided by its length; one feature alone is kept as it is.</summary>
    private static float[] Average(ReadOnlySpan<float[]> features)
    {
        if (features.Length == 1) return features[0];
        var sum = new double[features[0].Length];
        foreach (float[] feature in features)
            for (int i = 0; i < sum.Length; i++) sum[i] += feature[i];
        double norm = Math.Sqrt(sum.Sum(v => v * v));
        return Array.ConvertAll(sum, v => (float)(v / norm));
    }

    private readonly record struct Key(string Name, bool IsSentence);

    private sealed record Entry(Key Key, float[] Embedding);
}
