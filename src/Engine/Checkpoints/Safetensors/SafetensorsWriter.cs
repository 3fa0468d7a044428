using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using SemanticSam.Foundation;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Checkpoints.Safetensors;

/// <summary>What <see cref="SafetensorsWriter"/> writes beside the tensors, and how.</summary>
internal sealed class SafetensorsWriterOptions
{
    /// <summary>Text for the header's <c>__metadata__</c>; empty by default.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Element type that floating tensors get: F16, BF16, F32 or F64. Null (the default) keeps each as it is. Integers always stay, and so
    /// does a tensor with a value that would become infinite in half precision.</summary>
    public CheckpointDType? Floats { get; init; }

    /// <summary>How the temporary file is opened; for tests of a disk that fills up.</summary>
    internal Func<string, Stream>? OpenTemporary { get; init; }
}

/// <summary>Writes .safetensors files: under a temporary name, renamed when complete.</summary>
internal static class SafetensorsWriter
{
    private sealed record Plan(CheckpointTensor Tensor, CheckpointDType DType, long Begin, long End);

    /// <summary>Writes a file; an existing one is replaced only when the new one is complete.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="tensors">Tensors with unique names; they are read one at a time.</param>
    /// <param name="options">Metadata and conversion; null for none.</param>
    /// <exception cref="ArgumentException">A name stands twice or is reserved, or <see cref="SafetensorsWriterOptions.Floats"/> is not a floating
    /// type.</exception>
    /// <exception cref="IOException">The file cannot be written (the message says why); nothing is left behind.</exception>
    public static void Write(string path, IEnumerable<CheckpointTensor> tensors, SafetensorsWriterOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new();
        if (options.Floats is { } floats && !floats.IsFloat())
            throw new ArgumentException($"Floats is {floats.Code()}; allowed are F16, BF16, F32 and F64.", nameof(options));
        var plans = Arrange(tensors, options.Floats);
        byte[] header = Header(plans, options.Metadata);
        long data = plans.Count == 0 ? 0 : plans[^1].End;
        AtomicFile.Write(path, 8 + header.Length + data, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var plan in plans) stream.Write(Values(plan));
        }, options.OpenTemporary);
    }

    /// <summary>Writes torch tensors, such as the state dict of a module.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="tensors">Tensors by name, on any device; they must live until this returns.</param>
    /// <param name="options">Metadata and conversion; null for none.</param>
    /// <inheritdoc cref="Write(string, IEnumerable{CheckpointTensor}, SafetensorsWriterOptions?)"/>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, SafetensorsWriterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        Write(path, tensors.Select(t => t.Value.AsCheckpointTensor(t.Key)), options);
    }

    /// <summary>Wide elements first, so that every tensor is aligned to its element; then by name, so that equal content gives equal files.</summary>
    private static List<Plan> Arrange(IEnumerable<CheckpointTensor> tensors, CheckpointDType? floats)
    {
        var names = new HashSet<string>();
        var rows = new List<(CheckpointTensor Tensor, CheckpointDType DType)>();
        foreach (var tensor in tensors)
        {
            if (tensor.Name == "__metadata__")
                throw new ArgumentException("A tensor cannot be called '__metadata__': the format reserves that name.", nameof(tensors));
            if (!names.Add(tensor.Name)) throw new ArgumentException($"Two tensors are called '{tensor.Name}'.", nameof(tensors));
            rows.Add((tensor, floats is { } to && tensor.DType.IsFloat() && Fits(tensor, to) ? to : tensor.DType));
        }
        var plans = new List<Plan>(rows.Count);
        long at = 0;
        foreach (var (tensor, dtype) in rows.OrderByDescending(r => r.DType.Size()).ThenBy(r => r.Tensor.Name, StringComparer.Ordinal))
        {
            long bytes = tensor.ElementCount * dtype.Size();
            plans.Add(new(tensor, dtype, at, at + bytes));
            at += bytes;
        }
        return plans;
    }

    /// <summary>Whether finite values stay finite: variances of a backbone that sees 0 to 255 exceed what half precision holds.</summary>
    private static bool Fits(CheckpointTensor tensor, CheckpointDType to)
    {
        const float FirstInfinite = 65_520;
        if (to != CheckpointDType.Float16 || tensor.DType == to) return true;
        foreach (float value in tensor.ToSingles())
            if (MathF.Abs(value) >= FirstInfinite && float.IsFinite(value)) return false;
        return true;
    }

    private static byte[] Header(List<Plan> plans, IReadOnlyDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            if (metadata.Count > 0)
            {
                writer.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata.OrderBy(p => p.Key, StringComparer.Ordinal)) writer.WriteString(key, value);
                writer.WriteEndObject();
            }
            foreach (var plan in plans)
            {
                writer.WriteStartObject(plan.Tensor.Name);
                writer.WriteString("dtype", plan.DType.Code());
                writer.WriteStartArray("shape");
                foreach (long size in plan.Tensor.Shape) writer.WriteNumberValue(size);
                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(plan.Begin);
                writer.WriteNumberValue(plan.End);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' '); // the data begins aligned
        return buffer.ToArray();
    }

    private static byte[] Values(Plan plan)
    {
        byte[] bytes = plan.Tensor.ToBytes();
        if (plan.DType == plan.Tensor.DType) return bytes;
        var converted = new byte[checked((int)(plan.End - plan.Begin))];
        FloatConversion.Convert(bytes, plan.Tensor.DType, converted, plan.DType);
        return converted;
    }
}
