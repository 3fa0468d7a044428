using System.Collections.Concurrent;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Layers;

/// <summary>
/// Constants that depend on a size and a device alone, made once, outside of autograd. Bounded: a stream of images of ever new
/// sizes must not fill the memory, so a full cache starts over.
/// </summary>
/// <typeparam name="TKey">The size.</typeparam>
internal sealed class ShapeCache<TKey> : IDisposable where TKey : notnull
{
    private const int Capacity = 64;

    private readonly ConcurrentDictionary<(TKey, DeviceType, int), Lazy<Tensor>> _known = new();

    /// <summary>The constant, made by <paramref name="make"/> at the first call. It belongs to the cache.</summary>
    public Tensor GetOrAdd(TKey key, Device device, Func<TKey, Device, Tensor> make)
    {
        // What is dropped is left to the collector, not disposed: another thread may be computing with it.
        if (_known.Count >= Capacity) _known.Clear();
        return _known.GetOrAdd((key, device.type, device.index), _ => new(() => Make(key, device, make))).Value;
    }

    private static Tensor Make(TKey key, Device device, Func<TKey, Device, Tensor> make)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        return make(key, device).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        foreach (var entry in _known.Values)
            if (entry.IsValueCreated) entry.Value.Dispose();
        _known.Clear();
    }
}
