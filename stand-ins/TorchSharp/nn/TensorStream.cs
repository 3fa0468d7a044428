namespace TorchSharp;

/// <summary>One tensor in the package's binary format: element type, number of dimensions and sizes as 7-bit
/// encoded integers, then the elements in row-major order.</summary>
internal static class TensorStream
{
    private const int ChunkBytes = 1 << 24;

    internal static void Save(torch.Tensor tensor, BinaryWriter writer)
    {
        using torch.Tensor cpu = tensor.detach();
        using torch.Tensor onCpu = cpu.cpu();
        using torch.Tensor dense = onCpu.contiguous();
        writer.Write7BitEncodedInt64((long)dense.dtype);
        writer.Write7BitEncodedInt64(dense.shape.Length);
        foreach (long size in dense.shape) writer.Write7BitEncodedInt64(size);
        Span<byte> bytes = dense.bytes;
        for (int at = 0; at < bytes.Length; at += ChunkBytes) writer.Write(bytes[at..Math.Min(bytes.Length, at + ChunkBytes)]);
    }

    /// <summary>Reads a tensor into <paramref name="target"/>, or past it when that is null.</summary>
    internal static void Load(torch.Tensor? target, BinaryReader reader, string key)
    {
        (torch.ScalarType type, long[] shape) = ReadHeader(reader, key);
        if (target is null)
        {
            Skip(reader, shape.Aggregate(1L, (a, b) => checked(a * b)) * ElementSize(type));
            return;
        }
        if (target.dtype != type || !target.shape.SequenceEqual(shape))
            throw new ArgumentException($"Mismatched tensor '{key}': expected {target.dtype} [{string.Join(", ", target.shape)}], found {type} [{string.Join(", ", shape)}].");
        using (torch.no_grad())
        {
            using torch.Tensor host = ReadElements(reader, type, shape, key);
            target.copy_(host);
        }
    }

    /// <summary>Reads a tensor of whatever type and shape is stored; it belongs to no scope.</summary>
    internal static torch.Tensor Read(BinaryReader reader, string key, torch.Device device)
    {
        (torch.ScalarType type, long[] shape) = ReadHeader(reader, key);
        using (torch.no_grad())
        {
            torch.Tensor host = ReadElements(reader, type, shape, key);
            if (device.type == DeviceType.CPU) return host.DetachFromDisposeScope();
            using (host) return host.to(device).DetachFromDisposeScope();
        }
    }

    private static (torch.ScalarType Type, long[] Shape) ReadHeader(BinaryReader reader, string key)
    {
        var type = (torch.ScalarType)reader.Read7BitEncodedInt64();
        long dims = reader.Read7BitEncodedInt64();
        if (dims is < 0 or > 64) throw new FormatException($"'{key}' has {dims} dimensions; 0 to 64 are allowed.");
        var shape = new long[dims];
        for (int i = 0; i < dims; i++) shape[i] = reader.Read7BitEncodedInt64();
        return (type, shape);
    }

    private static torch.Tensor ReadElements(BinaryReader reader, torch.ScalarType type, long[] shape, string key)
    {
        torch.Tensor host = torch.empty(shape, dtype: type);
        Span<byte> span = host.bytes;
        while (span.Length > 0)
        {
            int read = reader.Read(span[..Math.Min(span.Length, ChunkBytes)]);
            if (read == 0) throw new EndOfStreamException($"The stream ends inside '{key}'.");
            span = span[read..];
        }
        return host;
    }

    private static void Skip(BinaryReader reader, long bytes)
    {
        var buffer = new byte[Math.Min(bytes, ChunkBytes)];
        while (bytes > 0)
        {
            int read = reader.Read(buffer, 0, (int)Math.Min(bytes, buffer.Length));
            if (read == 0) throw new EndOfStreamException("The stream ends inside a tensor.");
            bytes -= read;
        }
    }

    private static int ElementSize(torch.ScalarType type) => type switch
    {
        torch.ScalarType.Byte or torch.ScalarType.Int8 or torch.ScalarType.Bool => 1,
        torch.ScalarType.Int16 or torch.ScalarType.Float16 or torch.ScalarType.BFloat16 => 2,
        torch.ScalarType.Int32 or torch.ScalarType.Float32 => 4,
        torch.ScalarType.Int64 or torch.ScalarType.Float64 or torch.ScalarType.ComplexFloat32 => 8,
        torch.ScalarType.ComplexFloat64 => 16,
        _ => throw new FormatException($"Element type {type} cannot be stored."),
    };
}
