using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;
using SemanticSam.Foundation;

namespace SemanticSam.Engine.Checkpoints.Safetensors;

/// <summary>
/// The JSON header of a safetensors file, checked completely: an 8-byte length, a JSON object of
/// <c>name: {dtype, shape, data_offsets}</c> and an optional <c>__metadata__</c>, then the data, which the tensors must fill
/// without gap or overlap (the rule of the format's description).
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The format's own limit on the header.</summary>
    public const int MaxBytes = 100_000_000;
    public const int MaxRank = 32;
    public const int MaxTensors = 200_000;

    /// <summary>Characters of a tensor's name.</summary>
    public const int MaxNameLength = 1024;

    /// <summary>Characters of the metadata in all.</summary>
    public const int MaxMetadata = 16 << 20;

    private const string MetadataKey = "__metadata__";

    private readonly string _path;
    private readonly long _dataLength;
    private readonly HashSet<string> _names = [];
    private long _metadata;

    public sealed record Entry(string Name, CheckpointDType DType, long[] Shape, long Begin, long End);

    private SafetensorsHeader(string path, long dataStart, long fileLength)
    {
        _path = path;
        DataStart = dataStart;
        _dataLength = fileLength - dataStart;
    }

    public List<Entry> Entries { get; } = [];

    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>Where the data begins in the file.</summary>
    public long DataStart { get; }

    /// <summary>True when the first bytes can only be those of a safetensors file.</summary>
    public static bool Recognize(ByteSource file)
    {
        if (file.Length < 9) return false;
        using var lease = file.Lease(0, 9);
        return BinaryPrimitives.ReadUInt64LittleEndian(lease.Span) is > 1 and <= MaxBytes && lease.Span[8] == (byte)'{';
    }

    public static SafetensorsHeader Read(ByteSource file, string path)
    {
        if (file.Length < 8)
            throw new CheckpointException(path, $"{file.Length} bytes are too few for a safetensors file, which begins with the 8-byte length of its header.",
                0);
        ulong length;
        using (var lease = file.Lease(0, 8)) length = BinaryPrimitives.ReadUInt64LittleEndian(lease.Span);
        if (length is < 2 or > MaxBytes) throw new CheckpointException(path, $"a header of {length} bytes; from 2 to {MaxBytes} are allowed.", 0);
        if ((long)length > file.Length - 8)
            throw new CheckpointException(path,
                $"the header claims {length} bytes, but only {file.Length - 8} follow: the file is cut off or no safetensors file.", 0);
        var header = new SafetensorsHeader(path, 8 + (long)length, file.Length);
        header.Parse(file.Copy(8, (int)length));
        header.CheckCoverage();
        return header;
    }

    private void Parse(byte[] json)
    {
        if (json[0] != (byte)'{') throw Bad("the header must begin with '{'.", 8);
        if (!Utf8.IsValid(json)) throw Bad("the header is not valid UTF-8.", 8);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
        try
        {
            reader.Read();
            while (Next(ref reader) == JsonTokenType.PropertyName)
            {
                if (reader.ValueSpan.Length > 6 * MaxNameLength)
                    throw Bad($"a name of {reader.ValueSpan.Length} bytes; at most {MaxNameLength} characters are allowed.", 8 + reader.TokenStartIndex);
                string name = reader.GetString()!;
                if (name.Length > MaxNameLength)
                    throw Bad($"a name of {name.Length} characters; at most {MaxNameLength} are allowed.", 8 + reader.TokenStartIndex);
                if (!_names.Add(name)) throw Bad($"the name '{Shown(name)}' stands twice in the header.", 8 + reader.TokenStartIndex);
                if (name == MetadataKey) ParseMetadata(ref reader);
                else ParseTensor(ref reader, name);
                if (Entries.Count > MaxTensors) throw Bad($"more than {MaxTensors} tensors.", 8 + reader.TokenStartIndex);
            }
            if (reader.Read()) throw Bad("something follows the header's JSON object.", 8 + reader.TokenStartIndex);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            string what = e is JsonException fault ? JsonMessage.What(fault) : "a value is of another kind";
            throw new CheckpointException(_path, $"the header is not the JSON that safetensors prescribes: {what}.",
                8 + reader.TokenStartIndex, e);
        }
    }

    private void ParseMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, MetadataKey);
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            Expect(ref reader, JsonTokenType.String, MetadataKey);
            if ((_metadata += key.Length + reader.ValueSpan.Length) > MaxMetadata)
                throw Bad($"more than {MaxMetadata >> 20} Mi characters of metadata.", 8 + reader.TokenStartIndex);
            if (!Metadata.TryAdd(key, reader.GetString()!)) throw Bad($"the metadata key '{Shown(key)}' stands twice.", 8 + reader.TokenStartIndex);
        }
    }

    private void ParseTensor(ref Utf8JsonReader reader, string name)
    {
        long at = 8 + reader.TokenStartIndex;
        string shown = Shown(name);
        CheckpointDType? dtype = null;
        List<long>? shape = null, offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, shown);
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            bool again = key switch
            {
                "dtype" => dtype is not null,
                "shape" => shape is not null,
                "data_offsets" => offsets is not null,
                _ => throw Bad($"tensor '{shown}' has the key '{Shown(key)}'; dtype, shape and data_offsets are allowed.", at),
            };
            if (again) throw Bad($"tensor '{shown}' has the key '{key}' twice.", at);
            if (key == "dtype")
            {
                Expect(ref reader, JsonTokenType.String, shown);
                string code = reader.GetString()!;
                dtype = CheckpointDTypes.TryParse(code, out var parsed) ? parsed
                    : throw Bad($"tensor '{shown}' has the dtype '{Shown(code)}'; allowed are {CheckpointDTypes.AllCodes}.", at);
            }
            else if (key == "shape") shape = Integers(ref reader, shown, MaxRank);
            else offsets = Integers(ref reader, shown, 2);
        }
        if (dtype is null || shape is null || offsets is not [long begin, long end])
            throw Bad($"tensor '{shown}' lacks dtype, shape or two data_offsets.", at);
        if (begin > end || end > _dataLength)
            throw Bad($"tensor '{shown}' has the data_offsets [{begin}, {end}]; they must ascend and end within the {_dataLength} bytes of data.", at);
        long bytes = ByteCount(shape, dtype.Value, shown, at);
        if (bytes != end - begin)
            throw Bad(
                $"tensor '{shown}' of {dtype.Value.Code()} {CheckpointTensor.ShapeText([.. shape])} needs {bytes} bytes, its data_offsets give {end - begin}.",
                at);
        Entries.Add(new(name, dtype.Value, [.. shape], begin, end));
    }

    private long ByteCount(List<long> shape, CheckpointDType dtype, string shown, long at)
    {
        long bytes = shape.Contains(0) ? 0 : dtype.Size();
        foreach (long size in shape)
        {
            if (bytes != 0 && size > int.MaxValue / bytes)
                throw Bad($"tensor '{shown}' of {dtype.Code()} {CheckpointTensor.ShapeText([.. shape])} is larger than the 2 GiB a tensor may have.", at);
            bytes *= size;
        }
        return bytes;
    }

    /// <summary>Tensors must fill the data exactly: an overlap could alias, a gap could hide something.</summary>
    private void CheckCoverage()
    {
        long expected = 0;
        foreach (var entry in Entries.OrderBy(e => e.Begin).ThenBy(e => e.End))
        {
            if (entry.Begin != expected)
                throw Bad($"the data of tensor '{Shown(entry.Name)}' begins at {entry.Begin}, " +
                    $"{(entry.Begin < expected ? "inside another tensor" : "after a gap")}; the next free byte is {expected}.", DataStart + entry.Begin);
            expected = entry.End;
        }
        if (expected != _dataLength)
            throw Bad($"{_dataLength - expected} bytes at the end belong to no tensor.", DataStart + expected);
    }

    private List<long> Integers(ref Utf8JsonReader reader, string shown, int most)
    {
        var values = new List<long>();
        Expect(ref reader, JsonTokenType.StartArray, shown);
        while (Next(ref reader) == JsonTokenType.Number)
        {
            if (!reader.TryGetInt64(out long value) || value < 0)
                throw Bad($"tensor '{shown}': shape and data_offsets must be integers from 0 to 2^63 - 1.", 8 + reader.TokenStartIndex);
            if (values.Count == most) throw Bad($"tensor '{shown}': more than {most} numbers in shape or data_offsets.", 8 + reader.TokenStartIndex);
            values.Add(value);
        }
        if (reader.TokenType != JsonTokenType.EndArray)
            throw Bad($"tensor '{shown}': shape and data_offsets must hold integers only.", 8 + reader.TokenStartIndex);
        return values;
    }

    private static JsonTokenType Next(ref Utf8JsonReader reader) => reader.Read() ? reader.TokenType : throw new JsonException("it ends too early.");

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string shown)
    {
        if (Next(ref reader) != type) throw Bad($"'{shown}': {type} expected in the header, {reader.TokenType} found.", 8 + reader.TokenStartIndex);
    }

    private static string Shown(string text) => text.Length <= 120 ? text : text[..120] + "...";

    private CheckpointException Bad(string what, long offset) => new(_path, what, offset);
}
