using System.Collections.Concurrent;
using SemanticSam.Server.Telemetry;

namespace SemanticSam.Server.Inference;

/// <summary>What any thread may know of an image in the cache.</summary>
/// <param name="Width">Its columns.</param>
/// <param name="Height">Its rows.</param>
/// <param name="Notices">What was assumed when it was decoded.</param>
internal sealed record KnownImage(int Width, int Height, IReadOnlyList<string> Notices);

/// <summary>
/// Encoded images by content, the last used first, bounded in bytes. Changed by the worker's thread alone; any thread may ask what is in it,
/// so that an image is looked up before it is decoded.
/// </summary>
internal sealed class SessionCache(long capacity, ServerMetrics metrics) : IDisposable
{
    private readonly ConcurrentDictionary<ImageKey, KnownImage> _known = new();
    private readonly Dictionary<ImageKey, LinkedListNode<CachedImage>> _nodes = [];
    private readonly LinkedList<CachedImage> _recent = [];

    /// <summary>Bytes of all that is in it.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    private long _bytes;

    /// <summary>Images in it, regions counted by themselves.</summary>
    public int Count => _known.Count;

    /// <summary>What is known of an image; null where it is not in the cache.</summary>
    public KnownImage? Known(ImageKey key) => _known.GetValueOrDefault(key);

    /// <summary>The image, which becomes the last used.</summary>
    public CachedImage? Find(ImageKey key)
    {
        if (!_nodes.TryGetValue(key, out var node)) return null;
        _recent.Remove(node);
        _recent.AddFirst(node);
        return node.Value;
    }

    public void Add(CachedImage image)
    {
        _nodes.Add(image.Key, _recent.AddFirst(image));
        _known[image.Key] = new(image.Session.Width, image.Session.Height, image.Notices);
        Trim(image);
    }

    /// <summary>Drops what was not used for longest until the rest fits; never the image at work, nor what a stream is in the middle of.</summary>
    public void Trim(CachedImage atWork)
    {
        atWork.Weigh();
        for (var node = _recent.Last; node is not null && Total() > capacity;)
        {
            var (image, before) = (node.Value, node.Previous);
            if (image != atWork && image.Pins == 0)
            {
                Remove(node);
                metrics.Evicted();
            }
            node = before;
        }
        Interlocked.Exchange(ref _bytes, Total());
    }

    public void Dispose()
    {
        while (_recent.First is { } node) Remove(node);
        Interlocked.Exchange(ref _bytes, 0);
    }

    private long Total() => _recent.Sum(i => i.Bytes);

    private void Remove(LinkedListNode<CachedImage> node)
    {
        _recent.Remove(node);
        _nodes.Remove(node.Value.Key);
        _known.TryRemove(node.Value.Key, out _);
        node.Value.Dispose();
    }
}
