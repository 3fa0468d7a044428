using SemanticSam.Foundation;

namespace SemanticSam.Engine.Batch;

/// <summary>
/// Items whose results a file system that is not particular about names takes for one file: "a.jpg" and "A.jpg", or an accent in one piece and in two. On
/// another they are two files, so the disk itself is asked.
/// </summary>
internal sealed class AlikeKeys
{
    private readonly Dictionary<string, List<BatchItem>> _done = new(StringComparer.Ordinal); // of names that several items share
    private readonly Func<BatchItem, string> _pathOf;

    /// <param name="items">All items.</param>
    /// <param name="pathOf">The file of an item's result.</param>
    public AlikeKeys(IEnumerable<BatchItem> items, Func<BatchItem, string> pathOf)
    {
        _pathOf = pathOf;
        foreach (var group in items.GroupBy(i => FolderPath.Folded(i.Key)).Where(g => g.Skip(1).Any())) _done[group.Key] = [];
    }

    /// <summary>Remembers that an item's result is there.</summary>
    public void Done(BatchItem item)
    {
        if (_done.TryGetValue(FolderPath.Folded(item.Key), out var done)) done.Add(item);
    }

    /// <summary>Refuses an item whose result would take the place of another's.</summary>
    /// <exception cref="UnusableNameException">It would.</exception>
    public void Require(BatchItem item)
    {
        if (!_done.TryGetValue(FolderPath.Folded(item.Key), out var done) || FileKinds.Identity(_pathOf(item)) is not { } there) return;
        if (done.FirstOrDefault(d => d.Key != item.Key && FileKinds.Identity(_pathOf(d)) == there) is { } other)
            throw new UnusableNameException($"its result would take the place of that of '{other.Key}': where results are written both names are one.");
    }
}
