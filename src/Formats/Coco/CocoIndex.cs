using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Text;

namespace SemanticSam.Formats.Coco;

/// <summary>
/// Where the records of a COCO file lie. Sections may come in any order and annotations of an image anywhere, so the file is passed
/// over once; a record is then read from its place. 24 bytes a record stay in memory, no mask does. A bare list of annotations, as evaluations
/// write their results, is a file of annotations alone.
/// </summary>
internal sealed partial class CocoIndex : IDisposable
{
    /// <summary>Place of a record; of an annotation the image it names, and of an image its id.</summary>
    internal readonly record struct Record(long Start, int Length, long ImageId = 0);

    /// <summary>A category that is a mere text or number: its name, and the key under which it stands in a map, or its place in a list.</summary>
    internal readonly record struct PlainCategory(string? Key, int Index, string Text);

    /// <summary>What the writer of this program says in <c>info.contributor</c>.</summary>
    public static ReadOnlySpan<byte> Mark => "semsam"u8;

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

    /// <summary>The text that the number of an image stands for; null for one that is itself.</summary>
    public string? TextOf(long image) => _ids.TextOf(image);

    /// <summary>Whether the file is a list of annotations, bare or as the only section.</summary>
    public bool IsList { get; private set; }

    /// <summary>
    /// Whether this program wrote the file, so that keys which COCO does not have are its own. Who refuses everything odd does so as if it had.
    /// </summary>
    public bool IsMarked => _isMarked || _report.Refuses;

    private bool _isMarked;

    /// <summary>Whether annotations have segments of a panoptic PNG instead of masks.</summary>
    public bool IsPanoptic { get; private set; }

    /// <summary>How many annotations are crowds.</summary>
    public int Crowds { get; private set; }

    /// <summary>How many annotations have the attribute that CVAT gives to all of its own.</summary>
    public int OfCvat { get; private set; }

    /// <summary>Whether an annotation says the name of its image.</summary>
    public bool HasImageNames { get; private set; }

    /// <summary>The places of the first annotations that have a box and no outline.</summary>
    public List<int> BoxesAlone { get; } = [];

    /// <summary>The largest id that an annotation has.</summary>
    public long LargestId { get; private set; }

    /// <summary>Passes over a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">Its encoding; null for UTF-8.</param>
    /// <param name="ids">Numbers for ids that are texts; shared by files that speak of the same images.</param>
    /// <param name="report">Told of what is odd.</param>
    /// <param name="single">Whether an object is the only record of a list, and no set.</param>
    /// <exception cref="AnnotationFileException">Not JSON, or not this format.</exception>
    public static CocoIndex Of(string path, string? encoding, CocoIds ids, FormatReport report, bool single = false)
    {
        var (stream, nan) = JsonLineFiles.Are(path) ? (CocoLines.Joined(path, encoding, report), true) : TextFile.Open(path, encoding, check: true);
        var index = new CocoIndex(Path.GetFileName(path), stream, nan, ids, report);
        string where = "";
        try
        {
            index.Scan(ref where, single);
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

    /// <summary>What is said of the images, those that cannot be read left out, without a word: it is told when they are read to be given out.</summary>
    public IEnumerable<CocoRecords.Image> Glance()
    {
        var silent = new FormatReport(_ => { });
        for (int i = 0; i < Images.Count; i++)
        {
            int at = i;
            CocoRecords.Image Quietly(JsonValues v) => CocoRecords.ReadImage(new(v.Element, v.File, v.Place, silent), _ids, KeyOf(Images, at));
            if (silent.Try(() => Read(Images[at], "", Quietly)) is { } image) yield return image;
        }
    }

    public void Dispose() => _stream.Dispose();
}
