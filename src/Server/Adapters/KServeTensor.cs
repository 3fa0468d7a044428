using System.Buffers.Binary;
using System.Text;
using SemanticSam.Server.Api;

namespace SemanticSam.Server.Adapters;

/// <summary>A tensor that came in: its bytes, whether they stood in the JSON or behind it.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Type">Its datatype.</param>
/// <param name="Shape">Its sides.</param>
/// <param name="Data">Its bytes.</param>
/// <param name="Written">Whether they stood in the JSON, as numbers or texts.</param>
internal sealed record KServeTensor(string Name, string Type, long[] Shape, ReadOnlyMemory<byte> Data, bool Written)
{
    /// <summary>The values of a numeric tensor.</summary>
    public double[] Numbers
    {
        get
        {
            if (Type == "BYTES") throw ApiException.Bad($"The tensor '{Name}' is of type BYTES; numbers are expected.");
            int size = SizeOf(Type);
            var values = new double[Data.Length / size];
            for (int i = 0; i < values.Length; i++) values[i] = Value(Data.Span.Slice(i * size, size));
            return values;
        }
    }

    /// <summary>The elements of a BYTES tensor.</summary>
    public IReadOnlyList<byte[]> Strings
    {
        get
        {
            var found = new List<byte[]>();
            var rest = Data.Span;
            while (!rest.IsEmpty)
            {
                if (rest.Length < 4 || BinaryPrimitives.ReadInt32LittleEndian(rest) is not (>= 0 and var length) || length > rest.Length - 4)
                    throw ApiException.Bad("An element of a BYTES tensor is longer than the tensor.");
                found.Add(rest.Slice(4, length).ToArray());
                rest = rest[(4 + length)..];
            }
            return found.Count == Elements(Shape) ? found
                : throw ApiException.Bad($"The tensor '{Name}' has {found.Count} elements; its shape [{string.Join(", ", Shape)}] needs others.");
        }
    }

    /// <summary>An element of a BYTES tensor: its length in four bytes, then what it holds.</summary>
    public static byte[] Element(string text)
    {
        var element = new byte[4 + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteInt32LittleEndian(element, element.Length - 4);
        Encoding.UTF8.GetBytes(text, element.AsSpan(4));
        return element;
    }

    /// <summary>Reads the inputs of a request.</summary>
    /// <param name="inputs">Their descriptions.</param>
    /// <param name="raw">What stands behind the JSON, in their order.</param>
    public static IReadOnlyDictionary<string, KServeTensor> Read(IReadOnlyList<Loose> inputs, ReadOnlyMemory<byte> raw)
    {
        var tensors = new Dictionary<string, KServeTensor>();
        foreach (var input in inputs)
        {
            var (name, type) = (input["name"].Required, input["datatype"].Required);
            double[] sides = input["shape"].Numbers;
            if (sides.Length > 8 || sides.Any(s => !(s >= 0 && s <= int.MaxValue && s == Math.Floor(s)))) throw input["shape"].Wrong("a list of sizes");
            long[] shape = [.. sides.Select(s => (long)s)];
            ReadOnlyMemory<byte> data;
            if (input["parameters"]["binary_data_size"].Number is { } size)
            {
                if (!(size >= 0 && size <= raw.Length)) throw ApiException.Bad(
                    $"The tensor '{name}' says that it has {size} bytes; {raw.Length} are left in the body.");
                (data, raw) = (raw[..(int)size], raw[(int)size..]);
            }
            else data = InJson(input["data"], type);
            if (type != "BYTES" && Elements(shape) * SizeOf(type) != data.Length)
                throw ApiException.Bad($"The tensor '{name}' has {data.Length} bytes; its shape [{string.Join(", ", shape)}] and type {type} need others.");
            bool written = !input["parameters"]["binary_data_size"].Exists;
            if (!tensors.TryAdd(name, new(name, type, shape, data, written))) throw ApiException.Bad($"The tensor '{name}' is there twice.");
        }
        if (!raw.IsEmpty) throw ApiException.Bad($"The body has {raw.Length} bytes behind its JSON that belong to no tensor.");
        return tensors;
    }

    private static double Elements(long[] shape) => shape.Aggregate(1.0, (a, b) => a * b);

    private static byte[] InJson(Loose data, string type)
    {
        using var bytes = new MemoryStream();
        void Add(Loose value)
        {
            if (value.Element.ValueKind == System.Text.Json.JsonValueKind.Array)
            {
                foreach (var item in value.Items) Add(item); // nested as the shape is, or flat
                return;
            }
            if (type == "BYTES")
            {
                bytes.Write(Element(value.Required));
                return;
            }
            bytes.Write(Bytes(type, value.Element.ValueKind is System.Text.Json.JsonValueKind.True ? 1
                : value.Element.ValueKind is System.Text.Json.JsonValueKind.False ? 0 : value.Number ?? throw value.Wrong("numbers")));
        }

        if (!data.Exists) throw data.Wrong("a list of values");
        Add(data);
        return bytes.ToArray();
    }

    private static int SizeOf(string type) => type switch
    {
        "BOOL" or "UINT8" or "INT8" => 1,
        "UINT16" or "INT16" or "FP16" => 2,
        "UINT32" or "INT32" or "FP32" => 4,
        "UINT64" or "INT64" or "FP64" => 8,
        _ => throw ApiException.Bad($"The data type '{type}' is not known here; BOOL, UINT8 to INT64, FP16 to FP64 and BYTES are."),
    };

    private double Value(ReadOnlySpan<byte> b) => Type switch
    {
        "BOOL" or "UINT8" => b[0],
        "INT8" => (sbyte)b[0],
        "UINT16" => BinaryPrimitives.ReadUInt16LittleEndian(b),
        "INT16" => BinaryPrimitives.ReadInt16LittleEndian(b),
        "FP16" => (double)BinaryPrimitives.ReadHalfLittleEndian(b),
        "UINT32" => BinaryPrimitives.ReadUInt32LittleEndian(b),
        "INT32" => BinaryPrimitives.ReadInt32LittleEndian(b),
        "FP32" => BinaryPrimitives.ReadSingleLittleEndian(b),
        "UINT64" => BinaryPrimitives.ReadUInt64LittleEndian(b),
        "INT64" => BinaryPrimitives.ReadInt64LittleEndian(b),
        _ => BinaryPrimitives.ReadDoubleLittleEndian(b),
    };

    private static byte[] Bytes(string type, double value)
    {
        var b = new byte[SizeOf(type)];
        switch (type)
        {
            case "BOOL" or "UINT8": b[0] = (byte)Math.Clamp(value, 0, 255); break;
            case "INT8": b[0] = (byte)(sbyte)Math.Clamp(value, -128, 127); break;
            case "UINT16": BinaryPrimitives.WriteUInt16LittleEndian(b, (ushort)Math.Clamp(value, 0, ushort.MaxValue)); break;
            case "INT16": BinaryPrimitives.WriteInt16LittleEndian(b, (short)Math.Clamp(value, short.MinValue, short.MaxValue)); break;
            case "FP16": BinaryPrimitives.WriteHalfLittleEndian(b, (Half)value); break;
            case "UINT32": BinaryPrimitives.WriteUInt32LittleEndian(b, (uint)Math.Clamp(value, 0, uint.MaxValue)); break;
            case "INT32": BinaryPrimitives.WriteInt32LittleEndian(b, (int)Math.Clamp(value, int.MinValue, int.MaxValue)); break;
            case "FP32": BinaryPrimitives.WriteSingleLittleEndian(b, (float)value); break;
            case "UINT64": BinaryPrimitives.WriteUInt64LittleEndian(b, (ulong)Math.Max(value, 0)); break;
            case "INT64": BinaryPrimitives.WriteInt64LittleEndian(b, (long)value); break;
            default: BinaryPrimitives.WriteDoubleLittleEndian(b, value); break;
        }
        return b;
    }
}
