using System.Text.Json;
using SemanticSam.Formats.Json;

namespace SemanticSam.Formats.Coco;

/// <summary>
/// Where the records of a COCO file lie. Sections may come in any order and annotations of an image anywhere, so the file is passed
/// over once; a record is then read from its place. 24 bytes a record stay in memory, no mask does.
/// </summary>
internal sealed class CocoIndex
{
    /// <summary>Place of a record, and of an annotation the image it names.</summary>
    internal readonly record struct Record(long Start, int Length, long ImageId = 0);

    private readonly string _file;
    private readonly Stream _stream;
    private byte[] _buffer = new byte[1 << 12];

    private CocoIndex(string file, Stream stream) => (_file, _stream) = (file, stream);

    public List<Record> Licenses { get; } = [];
    public List<Record> Images { get; } = [];
    public List<Record> Categories { get; } = [];
    public List<Record> Annotations { get; } = [];

    /// <summary>Passes over a file.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="stream">Its content, which can be sought in; it stays the caller's.</param>
    /// <exception cref="AnnotationFileException">Not JSON, or not this format.</exception>
    public static CocoIndex Of(string file, Stream stream)
    {
        var index = new CocoIndex(file, stream);
        string where = "";
        try
        {
            index.Scan(ref where);
        }
        catch (JsonException e)
        {
            throw new AnnotationFileException(file, where.Length == 0 ? "" : $"after {where}", $"not valid JSON: {e.Message.TrimEnd('.')}", e);
        }
        return index;
    }

    /// <summary>The values of a record.</summary>
    /// <param name="record">One of the lists' members.</param>
    /// <param name="place">What messages call it.</param>
    /// <param name="read">Gets the values while they are there.</param>
    public T Read<T>(Record record, string place, Func<JsonValues, T> read)
    {
        if (_buffer.Length < record.Length) _buffer = new byte[Math.Max(record.Length, 2 * _buffer.Length)];
        _stream.Position = record.Start;
        _stream.ReadExactly(_buffer, 0, record.Length);
        try
        {
            using var document = JsonDocument.Parse(_buffer.AsMemory(0, record.Length));
            return read(new(document.RootElement, _file, place));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter of a text that is no valid Unicode
        {
            throw new AnnotationFileException(_file, place, $"not valid JSON: {e.Message.TrimEnd('.')}", e);
        }
    }

    private void Scan(ref string where)
    {
        _stream.Position = 0;
        Span<byte> mark = stackalloc byte[3];
        if (_stream.ReadAtLeast(mark, 3, throwOnEndOfStream: false) < 3 || !mark.SequenceEqual((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) _stream.Position = 0;
        long origin = _stream.Position;
        var json = new JsonPump(_stream);
        if (!json.Read() || json.Token != JsonTokenType.StartObject) throw new AnnotationFileException(_file, "", "a JSON object is expected");
        bool images = false, annotations = false, categories = false;
        while (json.Read() && json.Token == JsonTokenType.PropertyName)
        {
            if (json.NameIs("licenses"u8)) ScanList(ref json, "licenses", Licenses, origin, ref where);
            else if (json.NameIs("images"u8)) images = ScanList(ref json, "images", Images, origin, ref where);
            else if (json.NameIs("categories"u8)) categories = ScanList(ref json, "categories", Categories, origin, ref where);
            else if (json.NameIs("annotations"u8)) annotations = ScanList(ref json, "annotations", Annotations, origin, ref where);
            else
            {
                json.Read();
                json.Skip();
            }
        }
        json.Read(); // anything behind the object is an error of JSON
        foreach (var (there, section) in ((bool, string)[])[(images, "images"), (annotations, "annotations"), (categories, "categories")])
            if (!there) throw new AnnotationFileException(_file, "", $"key '{section}' is missing");
    }

    private bool ScanList(ref JsonPump json, string section, List<Record> records, long origin, ref string where)
    {
        where = section;
        json.Read();
        if (json.Token == JsonTokenType.Null) return true;
        if (json.Token != JsonTokenType.StartArray) throw new AnnotationFileException(_file, section, "a list is expected");
        for (int i = 0; json.Read() && json.Token != JsonTokenType.EndArray; i++)
        {
            where = $"{section}[{i}]";
            if (json.Token != JsonTokenType.StartObject) throw new AnnotationFileException(_file, where, "an object is expected");
            long start = json.TokenStart, image = long.MinValue; // a record without an image is complained of when it is read
            while (json.Read() && json.Token == JsonTokenType.PropertyName)
            {
                bool isImage = json.NameIs("image_id"u8);
                json.Read();
                if (isImage && (json.TryGetInt64(out long id) || json.TryGetDouble(out double d) && (id = (long)d) == d)) image = id;
                json.Skip();
            }
            if (json.TokenEnd - start > int.MaxValue) throw new AnnotationFileException(_file, where, "a record of more than 2 GiB");
            records.Add(new(origin + start, (int)(json.TokenEnd - start), image));
        }
        return true;
    }
}
