using SemanticSam.Engine.Batch;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.TextEncoder.Names;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions;

/// <summary>A name as the class heads take it.</summary>
/// <param name="Text">What is embedded.</param>
/// <param name="IsPart">Scored by the head for parts, else by that for wholes.</param>
/// <param name="Concept">Index of the user's concept it stands for.</param>
internal readonly record struct NameEntry(string Text, bool IsPart, int Concept);

/// <summary>Embedded names of two kinds with the texts of their rows.</summary>
/// <param name="names">Out of any dispose scope.</param>
/// <param name="wholes">Texts of the whole names.</param>
/// <param name="parts">Texts of the part names.</param>
/// <param name="kept">Whether they are the encoder's, which lets go of them itself.</param>
internal sealed class EmbeddedLabels(NameEmbeddings names, IReadOnlyList<string> wholes, IReadOnlyList<string> parts, bool kept) : LabelSet
{
    public NameEmbeddings Names { get; } = names;

    public IReadOnlyList<string> Wholes { get; } = wholes;

    public IReadOnlyList<string> Parts { get; } = parts;

    public override void Dispose()
    {
        if (!kept) Release();
    }

    public void Release()
    {
        Names.Whole?.Dispose();
        Names.Part?.Dispose();
    }
}

/// <summary>From what a user writes to the text embeddings of wholes and parts. Embeddings live in the vocabulary's cache.</summary>
internal sealed class NameEncoder(Vocabulary vocabulary, Tensor logitScale, InferenceSettings settings) : IDisposable
{
    private readonly ConceptParser _parser = new(new ConceptParserOptions { Wholes = settings.Wholes, Parts = settings.Parts });
    private readonly Lock _lock = new();
    private EmbeddedLabels? _own;

    /// <summary>The encoder's; its exponential multiplies similarities.</summary>
    public Tensor LogitScale => logitScale;

    /// <summary>The user's concepts, and for each the entries that look for it: both heads where the text leaves it open.</summary>
    public (IReadOnlyList<Concept> Concepts, List<NameEntry> Entries) Read(IReadOnlyList<string> names)
    {
        var concepts = _parser.Parse(names);
        var entries = new List<NameEntry>();
        for (int c = 0; c < concepts.Count; c++)
        {
            var concept = concepts[c];
            if (concept.Kind is ConceptKind.Whole or ConceptKind.Any)
                entries.Add(new(concept.Whole!, false, c));
            if (concept.Kind is ConceptKind.Part or ConceptKind.Any)
                entries.Add(new(concept.Part!, true, c));
            if (concept.Kind == ConceptKind.PartOfWhole)
                entries.Add(new($"{concept.Part} of a {concept.Whole}", true, c));
        }
        return (concepts, entries);
    }

    /// <summary>[texts, T], each row of norm 1, in the caller's dispose scope.</summary>
    public Tensor Embed(IReadOnlyList<string> texts) => vocabulary.Embed(texts); // one encoder serves the heads of wholes and of parts

    /// <summary>Names to label masks with; null takes the model's own vocabulary, an empty list gives null.</summary>
    public EmbeddedLabels? Labels(IReadOnlyList<string>? names, InferenceSettings settings)
    {
        if (names is { Count: 0 }) return null;
        if (names is null)
        {
            lock (_lock)
                return _own ??= settings.Wholes.Count + settings.Parts.Count == 0 ? null : Make(settings.Wholes, settings.Parts, kept: true);
        }
        var (_, entries) = Read(names);
        return Make([.. entries.Where(e => !e.IsPart).Select(e => e.Text)], [.. entries.Where(e => e.IsPart).Select(e => e.Text)], kept: false);
    }

    private EmbeddedLabels Make(IReadOnlyList<string> wholes, IReadOnlyList<string> parts, bool kept)
    {
        var whole = wholes.Count == 0 ? null : Embed(wholes).DetachFromDisposeScope();
        var part = parts.Count == 0 ? null : Embed(parts).DetachFromDisposeScope();
        return new EmbeddedLabels(new NameEmbeddings(whole, part, LogitScale), wholes, parts, kept);
    }

    public void Dispose() => _own?.Release();
}
