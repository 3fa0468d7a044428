using SemanticSam.Granularity.SemanticSam;
using SemanticSam.TextEncoder.Names;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.SemanticSam;

/// <summary>Names to label masks with, embedded.</summary>
/// <param name="embeddings">Out of any dispose scope.</param>
/// <param name="wholes">Texts of the rows of the whole names.</param>
/// <param name="parts">Texts of the rows of the part names.</param>
internal sealed class EmbeddedNames(NameEmbeddings embeddings, IReadOnlyList<string> wholes, IReadOnlyList<string> parts)
{
    public NameEmbeddings Embeddings { get; } = embeddings;

    public IReadOnlyList<string> Wholes { get; } = wholes;

    public IReadOnlyList<string> Parts { get; } = parts;

    public void Release()
    {
        Embeddings.Whole?.Dispose();
        Embeddings.Part?.Dispose();
    }
}

/// <summary>Names that are borrowed for a while: those of the model's own vocabulary live on, others are released.</summary>
internal readonly struct BorrowedNames(EmbeddedNames? names, bool release) : IDisposable
{
    public EmbeddedNames? Names => names;

    public void Dispose()
    {
        if (release) names?.Release();
    }
}

/// <summary>
/// Embeds names by the model's language encoder. Single embeddings live in the vocabulary's cache, those of the model's own vocabulary here as a whole.
/// </summary>
internal sealed class NameEncoder(Vocabulary vocabulary, Tensor logitScale, InferenceSettings settings) : IDisposable
{
    private readonly NameReader _reader = new(settings);
    private readonly Lock _lock = new();
    private EmbeddedNames? _own;

    /// <summary>The encoder's; its exponential multiplies similarities.</summary>
    public Tensor LogitScale => logitScale;

    /// <summary>What a user's names mean.</summary>
    /// <exception cref="PromptException">They cannot be read.</exception>
    public NameQuery Read(IReadOnlyList<string> names) => _reader.Read(names);

    /// <summary>[texts, T], each row of norm 1, in the caller's dispose scope.</summary>
    public Tensor Embed(IReadOnlyList<string> texts) => vocabulary.Embed(texts); // one encoder serves the heads of wholes and of parts

    /// <summary>Names to label masks with; null takes the model's own vocabulary, an empty list gives none.</summary>
    /// <exception cref="PromptException">They cannot be read.</exception>
    public BorrowedNames Borrow(IReadOnlyList<string>? names)
    {
        if (names is { Count: 0 }) return default;
        using var still = no_grad();
        if (names is null)
        {
            lock (_lock)
                return new(_own ??= settings.Wholes.Count + settings.Parts.Count == 0 ? null : Make(settings.Wholes, settings.Parts), release: false);
        }
        var entries = Read(names).Entries;
        return new(Make([.. entries.Where(e => !e.IsPart).Select(e => e.Text)], [.. entries.Where(e => e.IsPart).Select(e => e.Text)]), release: true);
    }

    public void Dispose() => _own?.Release();

    private EmbeddedNames Make(IReadOnlyList<string> wholes, IReadOnlyList<string> parts)
    {
        var whole = wholes.Count == 0 ? null : Embed(wholes).DetachFromDisposeScope();
        var part = parts.Count == 0 ? null : Embed(parts).DetachFromDisposeScope();
        return new(new NameEmbeddings(whole, part, LogitScale), wholes, parts);
    }
}
