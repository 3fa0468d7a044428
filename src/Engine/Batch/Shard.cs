using System.Globalization;

namespace SemanticSam.Engine.Batch;

/// <summary>
/// A part of a batch: number <paramref name="Index"/> of <paramref name="Count"/>, from 1. The images, sorted by path, are dealt out in
/// turn. So shards differ by one image at most, neighbors (which tend to cost alike) are spread, and all questions about one image
/// stay together, so that it is encoded once. A hash of the path would not depend on the other images, but nothing is gained by that:
/// shards of different lists are never merged.
/// </summary>
/// <param name="Index">1 to <paramref name="Count"/>.</param>
/// <param name="Count">1 to 100,000.</param>
internal readonly record struct Shard(int Index, int Count)
{
    private const int Most = 100_000;

    /// <summary>The whole batch.</summary>
    internal static Shard Whole => new(1, 1);

    /// <summary>Reads "2/4".</summary>
    /// <exception cref="FormatException">It is not I/N with 1 ≤ I ≤ N ≤ 100,000.</exception>
    internal static Shard Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] pieces = text.Split('/');
        if (pieces.Length == 2 && int.TryParse(pieces[0], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && int.TryParse(pieces[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count) && index >= 1 && index <= count && count <= Most)
            return new(index, count);
        throw new FormatException($"'{text}' is not a shard: I/N with I from 1 to N is, for instance 2/4, and N is at most {Most}.");
    }

    /// <summary>The items of this shard, in their order.</summary>
    public IReadOnlyList<BatchItem> Of(IReadOnlyList<BatchItem> items)
    {
        if (Count == 1) return items;
        var (index, count) = this;
        var mine = items.Select(i => i.Image).Distinct().Order(StringComparer.Ordinal).Where((_, rank) => rank % count == index - 1)
            .ToHashSet(StringComparer.Ordinal);
        return [.. items.Where(i => mine.Contains(i.Image))];
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");
}
