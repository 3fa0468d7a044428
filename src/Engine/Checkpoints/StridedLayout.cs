namespace SemanticSam.Engine.Checkpoints;

/// <summary>Where the elements of a tensor lie in its storage: offset and strides in elements. Only non-negative strides exist.</summary>
internal sealed class StridedLayout
{
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly int _itemSize;

    public StridedLayout(long[] shape, long[] strides, long offset, int itemSize)
    {
        _shape = shape;
        _strides = strides;
        _itemSize = itemSize;
        Offset = offset;
        IsContiguous = true;
        if (shape.Contains(0)) return; // nothing is read; the other sizes may be anything
        long last = 0, expected = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            if (shape[i] > 1)
            {
                IsContiguous &= strides[i] == expected;
                last = checked(last + checked((shape[i] - 1) * strides[i]));
            }
            expected = checked(expected * shape[i]);
        }
        Extent = last + 1;
    }

    /// <summary>First element of the storage that is used.</summary>
    public long Offset { get; }

    /// <summary>Elements from the first to the last used one, both included.</summary>
    public long Extent { get; }

    /// <summary>True when the elements lie in row-major order without gaps.</summary>
    public bool IsContiguous { get; }

    /// <summary>Copies the elements in row-major order.</summary>
    /// <param name="extent">The storage's bytes from the first to the last used element.</param>
    /// <param name="destination">As many bytes as the tensor has.</param>
    public void Gather(ReadOnlySpan<byte> extent, Span<byte> destination)
    {
        if (destination.IsEmpty) return;
        if (IsContiguous)
        {
            extent[..destination.Length].CopyTo(destination);
            return;
        }
        int written = 0;
        Gather(extent, destination, 0, 0, ref written);
    }

    private void Gather(ReadOnlySpan<byte> extent, Span<byte> destination, int axis, long at, ref int written)
    {
        long stride = _strides[axis] * _itemSize;
        if (axis < _shape.Length - 1)
        {
            for (long i = 0; i < _shape[axis]; i++) Gather(extent, destination, axis + 1, at + i * stride, ref written);
            return;
        }
        if (stride == _itemSize)
        {
            int bytes = (int)_shape[axis] * _itemSize;
            extent.Slice((int)at, bytes).CopyTo(destination[written..]);
            written += bytes;
            return;
        }
        for (long i = 0; i < _shape[axis]; i++, at += stride, written += _itemSize)
            extent.Slice((int)at, _itemSize).CopyTo(destination[written..]);
    }
}
