using System.Collections;

namespace TorchSharp.Utils;

/// <summary>Reads and writes the elements of a CPU tensor in logical order, whatever its strides. Keeps the tensor's memory alive.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly torch.Tensor _tensor;
    private readonly T* _data;
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly bool _dense;

    internal TensorAccessor(torch.Tensor tensor)
    {
        _tensor = tensor;
        _data = (T*)tensor.DataPointer();
        _shape = tensor.shape;
        _strides = tensor.stride();
        _dense = tensor.is_contiguous();
        Count = tensor.NumberOfElements;
    }

    public long Count { get; }

    public bool IsReadOnly => false;

    /// <summary>One index counts through the elements in row-major order; several are a position.</summary>
    public T this[params long[] indices]
    {
        get
        {
            T value = _data[indices.Length == 1 ? Offset(indices[0]) : Offset(indices)];
            GC.KeepAlive(_tensor);
            return value;
        }
        set
        {
            _data[indices.Length == 1 ? Offset(indices[0]) : Offset(indices)] = value;
            GC.KeepAlive(_tensor);
        }
    }

    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array);
        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(arrayIndex), 0, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        Span<T> to = array[arrayIndex..];
        long n = Math.Min(to.Length, Count - tensorIndex);
        if (_dense)
            new ReadOnlySpan<T>(_data + tensorIndex, (int)n).CopyTo(to);
        else
            for (int i = 0; i < n; i++) to[i] = _data[Offset(tensorIndex + i)];
        GC.KeepAlive(_tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0)
    {
        long n = Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        for (long i = 0; i < n; i++) _data[Offset(tensorIndex + i)] = array[arrayIndex + i];
        GC.KeepAlive(_tensor);
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (long i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The tensor belongs to its owner; nothing is released.</summary>
    public void Dispose() { }

    private long Offset(long index)
    {
        if (index < 0 || index >= Count) throw new IndexOutOfRangeException($"{index} is not within the {Count} elements.");
        if (_dense) return index;
        long offset = 0;
        for (int d = _shape.Length - 1; d >= 0; d--)
        {
            offset += index % _shape[d] * _strides[d];
            index /= _shape[d];
        }
        return offset;
    }

    private long Offset(long[] indices)
    {
        if (indices.Length != _shape.Length) throw new ArgumentException($"{indices.Length} indices for a tensor of {_shape.Length} dimensions.");
        long offset = 0;
        for (int d = 0; d < indices.Length; d++)
        {
            if (indices[d] < 0 || indices[d] >= _shape[d]) throw new IndexOutOfRangeException($"{indices[d]} is not within dimension {d} of size {_shape[d]}.");
            offset += indices[d] * _strides[d];
        }
        return offset;
    }
}
