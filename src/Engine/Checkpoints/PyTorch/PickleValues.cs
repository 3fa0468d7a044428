using System.Diagnostics.CodeAnalysis;

namespace SemanticSam.Engine.Checkpoints.PyTorch;

// What a pickle can hold here. Plain values are boxed: null, bool, long, BigInteger, double, string, byte[].

/// <summary>A Python list or set; a tuple when <see cref="IsTuple"/>.</summary>
internal sealed class PickleList(List<object?> items, bool isTuple = false)
{
    public List<object?> Items { get; } = items;

    public bool IsTuple { get; } = isTuple;

    public int Count => Items.Count;

    public object? this[int index] => Items[index]; // with Count: list patterns work
}

/// <summary>A dict or OrderedDict in insertion order; a key set again keeps its place, as in Python.</summary>
internal sealed class PickleDict
{
    private Dictionary<object, int>? _index;

    public List<KeyValuePair<object?, object?>> Items { get; } = [];

    public void Set(object? key, object? value)
    {
        if (key is string or long or bool)
        {
            _index ??= [];
            if (_index.TryGetValue(key, out int at))
            {
                Items[at] = new(Items[at].Key, value);
                return;
            }
            _index[key] = Items.Count;
        }
        Items.Add(new(key, value));
    }

    public bool TryGet(string key, [NotNullWhen(true)] out object? value)
    {
        value = _index is not null && _index.TryGetValue(key, out int at) ? Items[at].Value : null;
        return value is not null;
    }
}

/// <summary>An object of a TorchScript class: a submodule with its attributes.</summary>
internal sealed class PickleModule
{
    public PickleDict Attributes { get; set; } = new();
}

/// <summary>A value of a harmless foreign class. It is never built: only the name of its class is kept.</summary>
internal sealed record PickleOpaque(string ClassName);

/// <summary>A storage that tensors point into; where its bytes are is found after the pickle was read.</summary>
internal sealed class PickleStorage(string key, CheckpointDType dtype, long elements)
{
    public string Key { get; } = key;

    public CheckpointDType DType { get; } = dtype;

    public long Elements { get; } = elements;

    /// <summary>Elements times size: fits in 63 bits, which the reader checked.</summary>
    public long ByteCount => Elements * DType.Size();

    public ByteSource? Bytes { get; set; }
}

/// <summary>A tensor: a strided view of a storage, checked to stay within it.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, long[] Shape, long[] Strides, bool RequiresGrad);
