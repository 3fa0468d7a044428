using System.Globalization;
using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Text;
using SemanticSam.Foundation;

namespace SemanticSam.Formats.Coco;

/// <summary>
/// Where the records of a COCO file lie. Sections may come in any order and annotations of an image anywhere, so the file is passed
/// over once; a record is then read from its place. 24 bytes a record stay in memory, no mask does. A bare list of annotations, as evaluations
/// write their results, is a file of annotations alone.
/// </summary>
internal sealed class CocoIndex : IDisposable
{
    /// <summary>Place of a record, and of an annotation the image it names.</summary>
    internal readonly record struct Record(long Start, int Length, long ImageId = 0);

    /// <summary>A category that is a mere text or number: its name, and the key under which it stands in a map, or its place in a list.</summary>
    internal readonly record struct PlainCategory(string? Key, int Index, string Text);

    /// <summary>An annotation that names no image.</summary>
    public const long NoImage = long.MinValue;

    private readonly Stream _stream;
    private readonly bool _patch;
    private readonly FormatReport _report;
    private readonly CocoIds _ids;
    private byte[] _buffer = new byte[1 << 12];

    private CocoIndex(string file, Stream stream, bool patch, CocoIds ids, FormatReport report) =>
        (File, _stream, _patch, _ids, _report) = (file, stream, patch && !report.Refuses, ids, report);

    /// <summary>What messages call the file.</summary>
    public string File { get; }

    public List<Record> Licenses { get; } = [];
    public List<Record> Images { get; } = [];
    public List<Record> Categories { get; } = [];
    public List<Record> Annotations { get; } = [];

    /// <summary>Categories that are no objects.</summary>
    public List<PlainCategory> PlainCategories { get; } = [];

    /// <summary>The least and the largest number of a category that annotations have; null where none has one.</summary>
    public (long Least, long Largest)? CategoryNumbers { get; private set; }

    /// <summary>The keys of records that stand in a map, by section and place.</summary>
    private readonly Dictionary<(List<Record> Section, int Index), string> _keys = [];

    /// <summary>The key under which a record stands in a map; null in a list.</summary>
    public string? KeyOf(List<Record> section, int index) => _keys.GetValueOrDefault((section, index));

    /// <summary>Whether the file is a bare list of annotations.</summary>
    public bool IsList { get; private set; }

    /// <summary>
    /// Whether this program wrote the file, so that keys which COCO does not have are its own. Who refuses everything odd does so as if it had.
    /// </summary>
    public bool IsMarked => _isMarked || _report.Refuses;

    private bool _isMarked;

    /// <summary>Whether annotations have segments of a panoptic PNG instead of masks.</summary>
    public bool IsPanoptic { get; private set; }

    /// <summary>The largest id that an annotation has.</summary>
    public long LargestId { get; private set; }

    /// <summary>Passes over a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">Its encoding; null for UTF-8.</param>
    /// <param name="ids">Numbers for ids that are texts; shared by files that speak of the same images.</param>
    /// <param name="report">Told of what is odd.</param>
    /// <exception cref="AnnotationFileException">Not JSON, or not this format.</exception>
    public static CocoIndex Of(string path, string? encoding, CocoIds ids, FormatReport report)
    {
        var (stream, nan) = TextFile.Open(path, encoding, check: true);
        var index = new CocoIndex(Path.GetFileName(path), stream, nan, ids, report);
        string where = "";
        try
        {
            index.Scan(ref where);
            return index;
        }
        catch (JsonException e)
        {
            stream.Dispose();
            throw JsonFault.Of(e, index.File, where.Length == 0 ? "" : $"after {where}");
        }
        catch
        {
            stream.Dispose();
            throw;
        }
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
        if (_patch) JsonLeniency.Patch(_buffer.AsSpan(0, record.Length));
        try
        {
            using var document = JsonDocument.Parse(_buffer.AsMemory(0, record.Length), _report.Refuses ? default : JsonLeniency.Document);
            return read(new(document.RootElement, File, place, _report.Refuses ? null : _report));
        }
        catch (JsonException e)
        {
            throw JsonFault.Of(e, File, place, whole: false);
        }
        catch (InvalidOperationException e) when (JsonFault.IsParser(e))
        {
            throw new AnnotationFileException(File, place, JsonFault.NoText, e);
        }
    }

    public void Dispose() => _stream.Dispose();

    private void Scan(ref string where)
    {
        _stream.Position = 0;
        Span<byte> mark = stackalloc byte[3];
        if (_stream.ReadAtLeast(mark, 3, throwOnEndOfStream: false) < 3 || !mark.SequenceEqual((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) _stream.Position = 0;
        long origin = _stream.Position;
        var json = new JsonPump(_stream, lenient: !_report.Refuses, _patch);
        if (!json.Read()) throw new AnnotationFileException(File, "", "a JSON object is expected");
        if (json.Token == JsonTokenType.StartArray && !_report.Refuses)
        {
            IsList = true;
            ScanRecords(ref json, "annotations", Annotations, origin, ref where);
            json.Read(); // anything behind the list is an error of JSON
            return;
        }
        if (json.Token != JsonTokenType.StartObject) throw new AnnotationFileException(File, "", "a JSON object is expected");
        bool images = false, annotations = false, categories = false, videos = false;
        while (json.Read() && json.Token == JsonTokenType.PropertyName)
        {
            if (json.NameIs("licenses"u8)) ScanList(ref json, "licenses", Licenses, origin, ref where);
            else if (json.NameIs("images"u8)) images = ScanList(ref json, "images", Images, origin, ref where);
            else if (json.NameIs("categories"u8)) categories = ScanList(ref json, "categories", Categories, origin, ref where);
            else if (json.NameIs("annotations"u8)) annotations = ScanList(ref json, "annotations", Annotations, origin, ref where);
            else
            {
                bool info = json.NameIs("info"u8);
                videos |= json.NameIs("videos"u8);
                json.Read();
                if (info && json.Token == JsonTokenType.StartObject) ScanInfo(ref json);
                else json.Skip();
            }
        }
        json.Read(); // anything behind the object is an error of JSON
        if (!images)
            throw new AnnotationFileException(File, "", videos
                ? "it is a set of videos (YouTube-VIS), whose masks are of frames and not of images; save the frames and their masks as COCO"
                : "key 'images' is missing");
        foreach (var (there, section) in ((bool, string)[])[(annotations, "annotations"), (categories, "categories")])
            if (!there) _report.Repaired(File, "", $"key '{section}' is missing", "an empty list is taken");
    }

    private void ScanInfo(ref JsonPump json)
    {
        while (json.Read() && json.Token == JsonTokenType.PropertyName)
        {
            bool contributor = json.NameIs("contributor"u8);
            json.Read();
            if (contributor && json.Token == JsonTokenType.String && json.NameIs(Mark)) _isMarked = true;
            json.Skip();
        }
    }

    /// <summary>What the writer of this program says in <c>info.contributor</c>.</summary>
    public static ReadOnlySpan<byte> Mark => "semsam"u8;

    private bool ScanList(ref JsonPump json, string section, List<Record> records, long origin, ref string where)
    {
        where = section;
        json.Read();
        if (json.Token == JsonTokenType.Null) return true;
        if (json.Token == JsonTokenType.StartObject && !_report.Refuses && section != "licenses")
        {
            _report.Repaired(File, section, "a list is expected, here is a map",
                section == "categories" ? "its keys are the numbers, or the names" : "its keys are the ids of what has none");
            ScanMap(ref json, section, records, origin, ref where);
            return true;
        }
        if (json.Token != JsonTokenType.StartArray)
        {
            if (_report.Refuses || section is "images" or "annotations") throw new AnnotationFileException(File, section, "a list is expected");
            _report.Repaired(File, section, "a list is expected", "an empty list is taken");
            json.Skip();
            return true;
        }
        ScanRecords(ref json, section, records, origin, ref where);
        return true;
    }

    /// <summary>Records under keys; under those of annotations also lists, then the key is their image's.</summary>
    private void ScanMap(ref JsonPump json, string section, List<Record> records, long origin, ref string where)
    {
        for (int i = 0; json.Read() && json.Token == JsonTokenType.PropertyName; i++)
        {
            string key = json.Text;
            where = $"{section}.{MessageText.Cut(key)}";
            json.Read();
            int first = records.Count;
            if (json.Token == JsonTokenType.StartArray && ReferenceEquals(records, Annotations))
            {
                ScanRecords(ref json, section, records, origin, ref where);
                for (; first < records.Count; first++)
                    if (records[first].ImageId == NoImage) records[first] = records[first] with { ImageId = _ids.Of(key) };
                continue;
            }
            ScanRecord(ref json, section, i, records, origin, where, key);
            if (records.Count == first) continue;
            _keys[(records, first)] = key;
            if (ReferenceEquals(records, Annotations) && long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out long id)
                && id < long.MaxValue / 2) LargestId = Math.Max(LargestId, id);
        }
    }

    private void ScanRecords(ref JsonPump json, string section, List<Record> records, long origin, ref string where)
    {
        for (int i = 0; json.Read() && json.Token != JsonTokenType.EndArray; i++)
        {
            where = $"{section}[{i}]";
            ScanRecord(ref json, section, i, records, origin, where, null);
        }
    }

    private void ScanRecord(ref JsonPump json, string section, int index, List<Record> records, long origin, string where, string? key)
    {
        bool annotations = ReferenceEquals(records, Annotations);
        if (json.Token != JsonTokenType.StartObject)
        {
            if (!_report.Refuses && ReferenceEquals(records, Categories) && PlainText(ref json) is { Length: > 0 } text)
                PlainCategories.Add(new(key, index, text));
            else
            {
                _report.LeftOut(File, where, "an object is expected");
                json.Skip();
            }
            return;
        }
        long start = json.TokenStart, image = NoImage; // a record without an image is complained of when it is read
        while (json.Read() && json.Token == JsonTokenType.PropertyName)
        {
            bool isImage = json.NameIs("image_id"u8), isId = annotations && json.NameIs("id"u8), isCategory = annotations && json.NameIs("category_id"u8);
            if (annotations && index == 0 && json.NameIs("segments_info"u8)) IsPanoptic = true;
            json.Read();
            if (isImage) image = _ids.Of(ref json);
            else if (isId && json.TryGetInt64(out long id) && id < long.MaxValue / 2) LargestId = Math.Max(LargestId, id);
            else if (isCategory && json.TryGetInt64(out long category))
                CategoryNumbers = CategoryNumbers is { } seen ? (Math.Min(seen.Least, category), Math.Max(seen.Largest, category)) : (category, category);
            json.Skip();
        }
        if (json.TokenEnd - start > int.MaxValue) throw new AnnotationFileException(File, where, "a record of more than 2 GiB");
        records.Add(new(origin + start, (int)(json.TokenEnd - start), image));
    }

    /// <summary>A text, or a number in digits; null for anything else.</summary>
    private static string? PlainText(ref JsonPump json) =>
        json.Token == JsonTokenType.String ? json.Text : json.TryGetInt64(out long number) ? number.ToString(CultureInfo.InvariantCulture) : null;
}
