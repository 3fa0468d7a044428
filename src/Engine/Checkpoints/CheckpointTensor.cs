using System.Runtime.InteropServices;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>A named tensor of a checkpoint. Its values are read when they are asked for, not before.</summary>
internal sealed class CheckpointTensor
{
    private readonly ByteSource _storage;
    private readonly StridedLayout? _layout;
    private readonly long[] _shape;

    /// <param name="name">Name within the checkpoint.</param>
    /// <param name="dtype">Element type.</param>
    /// <param name="shape">Sizes, validated by the reader.</param>
    /// <param name="storage">The bytes: the tensor's own when <paramref name="layout"/> is null, else the storage that the layout points into.</param>
    /// <param name="layout">Offset and strides, null for a contiguous tensor that fills its source.</param>
    /// <param name="requiresGrad">Whether the file marks it as trainable.</param>
    internal CheckpointTensor(string name, CheckpointDType dtype, long[] shape, ByteSource storage, StridedLayout? layout = null, bool requiresGrad = false)
    {
        Name = name;
        DType = dtype;
        _shape = shape;
        _storage = storage;
        _layout = layout;
        RequiresGrad = requiresGrad;
        ElementCount = shape.Contains(0) ? 0 : shape.Aggregate(1L, (a, b) => checked(a * b));
    }

    /// <summary>Name, unique in its checkpoint. In pickled files dictionary keys and list indices joined by '/'.</summary>
    public string Name { get; }

    /// <summary>Element type.</summary>
    public CheckpointDType DType { get; }

    /// <summary>Sizes; empty for a scalar.</summary>
    public ReadOnlySpan<long> Shape => _shape;

    /// <summary>Product of the sizes; 1 for a scalar.</summary>
    public long ElementCount { get; }

    /// <summary>Bytes of the contiguous tensor: at most 2^31 - 1, which the readers enforce.</summary>
    public int ByteCount => checked((int)(ElementCount * DType.Size()));

    /// <summary>Whether the file marks the tensor as one that requires gradients; always false in safetensors.</summary>
    public bool RequiresGrad { get; }

    /// <summary>A tensor over bytes in memory, for writing.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="dtype">Element type.</param>
    /// <param name="shape">Sizes, none negative.</param>
    /// <param name="bytes">Row-major little-endian values; the memory is not copied.</param>
    /// <exception cref="ArgumentException">The bytes are not as many as shape and type need.</exception>
    public static CheckpointTensor FromMemory(string name, CheckpointDType dtype, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> bytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        foreach (long size in shape) ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(shape));
        var tensor = new CheckpointTensor(name, dtype, shape.ToArray(), new MemorySource(bytes));
        if (tensor.ByteCount != bytes.Length)
            throw new ArgumentException($"Tensor '{name}' of {tensor.Describe()} needs {tensor.ByteCount} bytes, {bytes.Length} were given.", nameof(bytes));
        return tensor;
    }

    /// <summary>Copies the contiguous, row-major, little-endian values.</summary>
    /// <param name="destination">Exactly <see cref="ByteCount"/> bytes.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="ObjectDisposedException">The checkpoint was closed.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length != ByteCount)
            throw new ArgumentException($"Tensor '{Name}' has {ByteCount} bytes, the destination {destination.Length}.", nameof(destination));
        if (destination.IsEmpty) return;
        if (_layout is null or { IsContiguous: true }) _storage.CopyTo((_layout?.Offset ?? 0) * DType.Size(), destination);
        else
        {
            using var lease = _storage.Lease(_layout.Offset * DType.Size(), checked((int)(_layout.Extent * DType.Size())));
            _layout.Gather(lease.Span, destination);
        }
    }

    /// <summary>Copies the values as another floating type, rounding to nearest even; the same type copies bytes.</summary>
    /// <param name="destination">Exactly <see cref="ElementCount"/> elements of <paramref name="dtype"/>.</param>
    /// <param name="dtype">This tensor's type, or F16, BF16, F32 or F64 when it is one of these.</param>
    /// <exception cref="NotSupportedException">The two types differ and are not both floating.</exception>
    public void CopyTo(Span<byte> destination, CheckpointDType dtype)
    {
        if (dtype == DType)
        {
            CopyTo(destination);
            return;
        }
        if (destination.Length != ElementCount * dtype.Size())
            throw new ArgumentException($"Tensor '{Name}' has {ElementCount} elements, the destination {destination.Length} bytes of {dtype.Code()}.",
                nameof(destination));
        if (_layout is { IsContiguous: false })
        {
            FloatConversion.Convert(ToBytes(), DType, destination, dtype);
            return;
        }
        if (destination.IsEmpty) return;
        using var lease = _storage.Lease((_layout?.Offset ?? 0) * DType.Size(), ByteCount);
        FloatConversion.Convert(lease.Span, DType, destination, dtype);
    }

    /// <summary>The contiguous, row-major, little-endian values.</summary>
    public byte[] ToBytes()
    {
        var bytes = GC.AllocateUninitializedArray<byte>(ByteCount);
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>The values as float32, row-major. F16, BF16, F32 and F64 only.</summary>
    /// <exception cref="NotSupportedException">The element type is not one of the four.</exception>
    public float[] ToSingles()
    {
        var values = GC.AllocateUninitializedArray<float>(checked((int)ElementCount));
        CopyTo(MemoryMarshal.AsBytes(values.AsSpan()), CheckpointDType.Float32);
        return values;
    }

    /// <summary>The same tensor under another name.</summary>
    internal CheckpointTensor Renamed(string name) => new(name, DType, _shape, _storage, _layout, RequiresGrad);

    internal string Describe() => $"{DType.Code()} {ShapeText(_shape)}";

    internal static string ShapeText(ReadOnlySpan<long> shape) => $"[{string.Join(", ", shape.ToArray())}]";

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Describe()}";
}
