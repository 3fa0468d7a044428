using System.Globalization;
using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Foundation;

namespace SemanticSam.Formats.Coco;

/// <summary>The one pass over the file: where its sections are, and where in them the records.</summary>
internal sealed partial class CocoIndex
{
    /// <summary>Annotations inside the records of their images.</summary>
    private readonly List<Record> _nested = [];
    private readonly List<int> _nestedBoxes = [];

    /// <summary>Bytes of the shortest segmentation that holds something, [[0,0,1,0,1,1]]; lists in lists that hold nothing have fewer.</summary>
    private const int ShortestOutline = 15;

    /// <summary>So many boxes tell what those of a set are.</summary>
    private const int MostBoxes = 10_000;

    /// <summary>The sections that a file has.</summary>
    private record struct Sections(bool Images, bool Annotations, bool Categories, bool Videos);

    private void Scan(ref string where, bool single)
    {
        long origin = Origin();
        bool set = !_report.Refuses && IsListOfSets(origin);
        bool images = !_report.Refuses && !set && IsListOfImages(origin);
        _stream.Position = origin;
        var json = new JsonPump(_stream, lenient: !_report.Refuses, _patch);
        if (!json.Read()) throw new AnnotationFileException(File, "", "a JSON object is expected");
        if (images)
        {
            _report.Repaired(File, "", "it is a list of images with annotations inside", "these are taken");
            ScanRecords(ref json, "images", Images, origin, ref where);
            json.Read();
            TakeNested();
            return;
        }
        if (json.Token == JsonTokenType.StartArray && !_report.Refuses && !set)
        {
            IsList = true;
            ScanRecords(ref json, "annotations", Annotations, origin, ref where);
            json.Read(); // anything behind the list is an error of JSON
            return;
        }
        if (single && json.Token == JsonTokenType.StartObject)
        {
            ScanRecord(ref json, "annotations", 0, Annotations, origin, where = "", null);
            json.Read();
            return;
        }
        if (set)
        {
            _report.Repaired(File, "", "it is a list around a set", "the set is taken");
            json.Read();
        }
        if (json.Token != JsonTokenType.StartObject) throw new AnnotationFileException(File, "", "a JSON object is expected");
        var found = new Sections();
        ScanSections(ref json, ref found, origin, ref where, null);
        for (int i = 1; set && json.Read() && json.Token != JsonTokenType.EndArray; i++)
        {
            _report.LeftOut(File, $"[{i}]", "it is a further set in the same file");
            json.Skip();
        }
        json.Read(); // anything behind the object is an error of JSON
        if (!found.Images && !found.Videos && !_report.Refuses && Annotations.Any(a => a.ImageId != NoImage))
        {
            _report.Repaired(File, "", "key 'images' is missing", "they are those that annotations name");
            IsList = !found.Categories; // then it is what a list would be, in an object
            if (IsList) return;
        }
        else if (!found.Images)
            throw new AnnotationFileException(File, "", found.Videos
                ? "it is a set of videos (YouTube-VIS), whose masks are of frames and not of images; save the frames and their masks as COCO"
                : "key 'images' is missing");
        if (!found.Annotations && _nested.Count > 0)
        {
            _report.Repaired(File, "", "key 'annotations' is missing, and images have annotations of their own", "these are taken");
            TakeNested();
            found.Annotations = true;
        }
        foreach (var (there, section) in ((bool, string)[])[(found.Annotations, "annotations"), (found.Categories, "categories")])
            if (!there) _report.Repaired(File, "", $"key '{section}' is missing", "an empty list is taken");
    }

    private void TakeNested()
    {
        BoxesAlone.AddRange(_nestedBoxes.Select(i => i + Annotations.Count));
        Annotations.AddRange(_nested);
    }

    /// <summary>Where the text begins, behind a byte order mark.</summary>
    private long Origin()
    {
        _stream.Position = 0;
        Span<byte> mark = stackalloc byte[3];
        return _stream.ReadAtLeast(mark, 3, throwOnEndOfStream: false) == 3 && mark.SequenceEqual((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? 3 : 0;
    }

    /// <summary>Whether the file is a list whose first member is a whole set.</summary>
    private bool IsListOfSets(long origin)
    {
        _stream.Position = origin;
        var json = new JsonPump(_stream, lenient: true, _patch);
        return json.Read() && json.Token == JsonTokenType.StartArray && json.Read() && json.Token == JsonTokenType.StartObject && IsSet(ref json);
    }

    /// <summary>Whether the file is a list whose first member is an image with its annotations, as Detectron2 has them.</summary>
    private bool IsListOfImages(long origin)
    {
        _stream.Position = origin;
        var json = new JsonPump(_stream, lenient: true, _patch);
        if (!json.Read() || json.Token != JsonTokenType.StartArray || !json.Read() || json.Token != JsonTokenType.StartObject) return false;
        bool file = false, annotations = false;
        while (json.Read() && json.Token == JsonTokenType.PropertyName)
        {
            bool isFile = json.NameIs("file_name"u8), isAnnotations = json.NameIs("annotations"u8);
            json.Read();
            file |= isFile && json.Token == JsonTokenType.String;
            annotations |= isAnnotations && json.Token == JsonTokenType.StartArray;
            json.Skip();
        }
        return file && annotations;
    }

    /// <summary>Whether the object at which the reader stands has images, and annotations or categories; it is passed over.</summary>
    public static bool IsSet(ref JsonPump json)
    {
        bool images = false, more = false;
        while (json.Read() && json.Token == JsonTokenType.PropertyName)
        {
            bool isImages = json.NameIs("images"u8), isMore = json.NameIs("annotations"u8) || json.NameIs("categories"u8);
            json.Read();
            images |= isImages && json.Token == JsonTokenType.StartArray;
            more |= isMore && json.Token == JsonTokenType.StartArray;
            json.Skip();
        }
        return images && more;
    }

    /// <summary>The sections of an object; in a file that has none at its top, those of an object under a key.</summary>
    private void ScanSections(ref JsonPump json, ref Sections found, long origin, ref string where, string? under)
    {
        while (json.Read() && json.Token == JsonTokenType.PropertyName)
        {
            if (json.NameIs("licenses"u8)) ScanList(ref json, "licenses", Licenses, origin, ref where, under);
            else if (json.NameIs("images"u8)) found.Images |= ScanList(ref json, "images", Images, origin, ref where, under);
            else if (json.NameIs("categories"u8)) found.Categories |= ScanList(ref json, "categories", Categories, origin, ref where, under);
            else if (json.NameIs("annotations"u8)) found.Annotations |= ScanList(ref json, "annotations", Annotations, origin, ref where, under);
            else
            {
                bool info = json.NameIs("info"u8);
                found.Videos |= json.NameIs("videos"u8);
                string key = info || _report.Refuses || under is not null ? "" : KeyText(ref json);
                json.Read();
                if (info && json.Token == JsonTokenType.StartObject) ScanInfo(ref json);
                else if (key.Length > 0 && json.Token == JsonTokenType.StartObject) ScanUnder(ref json, key, ref found, origin, ref where);
                else json.Skip();
            }
        }
    }

    private void ScanUnder(ref JsonPump json, string key, ref Sections found, long origin, ref string where)
    {
        if (found.Images || found.Annotations)
        {
            if (IsSet(ref json)) _report.LeftOut(File, MessageText.Cut(key), "a further set stands under this key");
            return;
        }
        ScanSections(ref json, ref found, origin, ref where, key);
        if (found.Images && found.Annotations) _report.Repaired(File, "", $"its sections stand under the key '{MessageText.Cut(key)}'", "they are taken");
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

    private bool ScanList(ref JsonPump json, string section, List<Record> records, long origin, ref string where, string? under)
    {
        where = section;
        json.Read();
        if (json.Token == JsonTokenType.Null) return true;
        if (under is not null && json.Token != JsonTokenType.StartArray) // such as a number of images
        {
            json.Skip();
            return false;
        }
        if (json.Token == JsonTokenType.StartObject && !_report.Refuses && IsRecord(origin + json.TokenStart, records))
        {
            _report.Repaired(File, section, "a list is expected, here is one record", "it is taken");
            ScanRecord(ref json, section, 0, records, origin, where, null);
            return true;
        }
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

    /// <summary>Whether an object in the place of a list is a record, and no map of records: then its first value is none.</summary>
    private bool IsRecord(long at, List<Record> section)
    {
        long position = _stream.Position;
        try
        {
            _stream.Position = at;
            var json = new JsonPump(_stream, lenient: true, _patch);
            if (!json.Read() || !json.Read() || json.Token != JsonTokenType.PropertyName) return false;
            bool isOutline = json.NameIs("segmentation"u8) || json.NameIs("bbox"u8), isName = json.NameIs("id"u8) || json.NameIs("name"u8)
                || json.NameIs("supercategory"u8);
            json.Read();
            bool plain = json.Token is not (JsonTokenType.StartObject or JsonTokenType.StartArray);
            if (ReferenceEquals(section, Images) || ReferenceEquals(section, Annotations)) return plain || isOutline;
            // The values of a map of categories may be plain names.
            return isName && plain && json.Read() && json.Token == JsonTokenType.PropertyName
                && (json.NameIs("id"u8) || json.NameIs("name"u8) || json.NameIs("supercategory"u8));
        }
        finally
        {
            _stream.Position = position;
        }
    }

    /// <summary>Records under keys; under those of annotations also lists, then the key is their image's.</summary>
    private void ScanMap(ref JsonPump json, string section, List<Record> records, long origin, ref string where)
    {
        for (int i = 0; json.Read() && json.Token == JsonTokenType.PropertyName; i++)
        {
            string key = KeyText(ref json);
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
        bool annotations = ReferenceEquals(records, Annotations) || ReferenceEquals(records, _nested), images = ReferenceEquals(records, Images);
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
        long start = json.TokenStart, image = NoImage, own = NoImage; // a record without an image is complained of when it is read
        int inside = _nested.Count;
        bool hasBox = false, hasOutline = false;
        while (json.Read() && json.Token == JsonTokenType.PropertyName)
        {
            bool isImage = json.NameIs("image_id"u8)
                || annotations && !_report.Refuses && image == NoImage && (json.NameIs("imageId"u8) || json.NameIs("img_id"u8));
            bool isCrowd = annotations && json.NameIs("iscrowd"u8);
            bool isId = annotations && json.NameIs("id"u8), isCategory = annotations && json.NameIs("category_id"u8);
            if (annotations && index == 0 && json.NameIs("segments_info"u8)) IsPanoptic = true;
            bool isName = annotations && !HasImageNames && NamesImage(ref json);
            bool isBox = annotations && json.NameIs("bbox"u8), isOutline = annotations && json.NameIs("segmentation"u8);
            bool isAttributes = annotations && json.NameIs("attributes"u8);
            bool isOwn = images && json.NameIs("id"u8), isNested = images && !_report.Refuses && json.NameIs("annotations"u8);
            json.Read();
            if (isOwn) own = _ids.Of(ref json);
            if (isCrowd && (json.Token == JsonTokenType.True || json.TryGetInt64(out long crowd) && crowd == 1)) Crowds++;
            HasImageNames |= isName && json.Token == JsonTokenType.String;
            if (isAttributes && json.Token == JsonTokenType.StartObject && HasOccluded(ref json)) OfCvat++;
            if (isNested && json.Token == JsonTokenType.StartArray) ScanNested(ref json, origin, where);
            else if (isImage) image = _ids.Of(ref json);
            else if (isId && json.TryGetInt64(out long id) && id < long.MaxValue / 2) LargestId = Math.Max(LargestId, id);
            else if (isCategory && json.TryGetInt64(out long category))
                CategoryNumbers = CategoryNumbers is { } seen ? (Math.Min(seen.Least, category), Math.Max(seen.Largest, category)) : (category, category);
            long value = json.TokenStart;
            json.Skip();
            hasBox |= isBox && json.TokenEnd - value > "null".Length;
            hasOutline |= isOutline && json.TokenEnd - value >= ShortestOutline;
        }
        if (json.TokenEnd - start > int.MaxValue) throw new AnnotationFileException(File, where, "a record of more than 2 GiB");
        if (images && own == NoImage) own = key is not null ? _ids.Of(key) : image; // some say "image_id" of an image itself
        if (hasBox && !hasOutline && (ReferenceEquals(records, Annotations) ? BoxesAlone : _nestedBoxes) is { Count: < MostBoxes } boxes)
            boxes.Add(records.Count);
        records.Add(new(origin + start, (int)(json.TokenEnd - start), images ? own : image));
        for (; inside < _nested.Count; inside++) _nested[inside] = _nested[inside] with { ImageId = own };
    }

    private static bool NamesImage(ref JsonPump json) => json.NameIs("file_name"u8) || json.NameIs("filename"u8) || json.NameIs("fileName"u8)
        || json.NameIs("image_name"u8);

    /// <summary>Whether attributes say whether the object is occluded, as CVAT's do of every annotation; they are passed over.</summary>
    private static bool HasOccluded(ref JsonPump json)
    {
        bool found = false;
        while (json.Read() && json.Token == JsonTokenType.PropertyName)
        {
            bool isIt = json.NameIs("occluded"u8);
            json.Read();
            found |= isIt && json.Token is (JsonTokenType.True or JsonTokenType.False);
            json.Skip();
        }
        return found;
    }

    /// <summary>Annotations of an image, in its record; their ids alone say nothing.</summary>
    private void ScanNested(ref JsonPump json, long origin, string where)
    {
        for (int i = 0; json.Read() && json.Token != JsonTokenType.EndArray; i++)
            if (json.Token == JsonTokenType.StartObject) ScanRecord(ref json, "annotations", i, _nested, origin, where, null);
            else json.Skip();
    }

    /// <summary>A key; one that is no valid text must not cost what stands beside it.</summary>
    private static string KeyText(ref JsonPump json)
    {
        try
        {
            return json.Text;
        }
        catch (JsonException)
        {
            return "?";
        }
    }

    /// <summary>A text, or a number in digits; null for anything else.</summary>
    private static string? PlainText(ref JsonPump json) =>
        json.Token == JsonTokenType.String ? json.Text : json.TryGetInt64(out long number) ? number.ToString(CultureInfo.InvariantCulture) : null;
}
