using System.Text.Json;
using System.Xml;
using SemanticSam.Formats.Coco;
using SemanticSam.Formats.Cvat;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Png;
using SemanticSam.Formats.Sa1b;
using SemanticSam.Formats.Text;
using SemanticSam.Formats.Voc;
using SemanticSam.Formats.Yolo;
using SemanticSam.Foundation;

namespace SemanticSam.Formats;

/// <summary>Tells the format of a file or folder from its content.</summary>
internal static class FormatRecognition
{
    /// <summary>So many files of a folder are looked into.</summary>
    private const int LooksInto = 50;

    /// <summary>Lists of colors, which stand for the set around them.</summary>
    private static readonly string[] Lists = ["labelmap.txt", .. CamVidLayout.Lists];

    /// <summary>Endings of files that may hold annotations of formats that are not read.</summary>
    private static readonly string[] Foreign = [".json", ".jsonl", ".ndjson", ".xml", ".csv", ".tsv", ".txt", ".manifest", ".odgt"];

    /// <summary>The format, and the file or folder to open with it.</summary>
    /// <exception cref="AnnotationFileException">It is of no known format, or of several.</exception>
    /// <exception cref="FileNotFoundException">There is nothing of that name.</exception>
    public static (AnnotationFormat Format, string Path) Of(string path)
    {
        if (Directory.Exists(path)) return OfFolder(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file or folder '{path}'.", path);
        return (OfFile(path) ?? throw Unknown(path), path);
    }

    /// <summary>The format of a json file; null if it is none of them, or no JSON.</summary>
    public static AnnotationFormat? OfJson(string path) => OfJson(path, out _);

    /// <summary>As the other; <paramref name="fault"/> says why the file is no JSON, as far as it was read.</summary>
    public static AnnotationFormat? OfJson(string path, out string? fault)
    {
        fault = null;
        try
        {
            using var stream = TextFile.Open(path, null, check: false).Stream;
            if (stream.ReadByte() != 0xEF || stream.ReadByte() != 0xBB || stream.ReadByte() != 0xBF) stream.Position = 0;
            // The engine's own results are told by little that other programs do not have, too.
            var format = OfJson(new JsonPump(stream));
            return format == AnnotationFormat.Result && ForeignFormats.IsKnown(path) || format == AnnotationFormat.Coco && ForeignFormats.LooksLikeCoco(path)
                ? null : format;
        }
        catch (Exception e) when (e is JsonException or AnnotationFileException or IOException or UnauthorizedAccessException)
        {
            fault = e switch
            {
                JsonException json => $"not valid JSON: {JsonMessage.What(json)}",
                AnnotationFileException file => file.What,
                _ => $"cannot be read: {e.Message.TrimEnd('.')}",
            };
            return null;
        }
    }

    /// <summary>The format of a bare list, told from its first object.</summary>
    private static AnnotationFormat? OfList(ref JsonPump json)
    {
        while (json.Read() && json.Token is not (JsonTokenType.EndArray or JsonTokenType.StartObject)) json.Skip();
        if (json.Token != JsonTokenType.StartObject) return null;
        var keys = new HashSet<string>();
        while (json.Read() && json.Token == JsonTokenType.PropertyName)
        {
            keys.Add(json.Text);
            json.Read();
            json.Skip();
        }
        if (keys.Contains("image_id") && (keys.Contains("category_id") || keys.Contains("segmentation") || keys.Contains("bbox"))) return AnnotationFormat.Coco;
        if (keys.Contains("images") && (keys.Contains("annotations") || keys.Contains("categories"))) return AnnotationFormat.Coco;
        if (keys.Contains("file_name") && keys.Contains("annotations")) return AnnotationFormat.Coco;
        if (keys.Contains("segmentation")) return AnnotationFormat.Sa1b;
        bool task = keys.Contains("data") && (keys.Contains("annotations") || keys.Contains("completions") || keys.Contains("predictions"));
        return task || keys.Contains("annotation_id") || keys.Contains("annotator") ? AnnotationFormat.LabelStudio : null;
    }

    private static AnnotationFormat? OfJson(JsonPump json)
    {
        if (!json.Read()) return null;
        if (json.Token == JsonTokenType.StartArray) return OfList(ref json);
        if (json.Token != JsonTokenType.StartObject) return null;
        bool image = false, annotations = false, grounded = false, imageId = false, ours = false, error = false;
        bool images = false, under = false, task = false, result = false, alone = false; // annotations that name their images
        while (json.Read() && json.Token == JsonTokenType.PropertyName)
        {
            string key = json.Text;
            if (!json.Read()) break;
            switch (key)
            {
                case "images" or "categories" when json.Token == JsonTokenType.StartArray: return AnnotationFormat.Coco;
                case "shapes" when json.Token == JsonTokenType.StartArray: return AnnotationFormat.LabelMe;
                case IndexPng.FormatKey when json.Token == JsonTokenType.String:
                    if (json.Text == IndexPng.FormatName) return AnnotationFormat.IndexPng;
                    if (json.Text == MaskPngs.FormatName) return AnnotationFormat.MaskPng;
                    break;
                case "image":
                    image = true;
                    imageId = json.Token == JsonTokenType.StartObject && HasKey(ref json, "image_id");
                    break;
                case Sa1bReader.ImagePath when json.Token == JsonTokenType.String: grounded = true; break;
                case "images" when json.Token == JsonTokenType.StartObject: images = true; break; // by their ids
                case "annotations":
                    annotations = true;
                    if (json.Token != JsonTokenType.StartArray) break;
                    alone |= OfList(ref json) == AnnotationFormat.Coco;
                    if (json.Token == JsonTokenType.EndArray) break; // there is no object in it
                    while (json.Read() && json.Token != JsonTokenType.EndArray) json.Skip();
                    break;
                case "model" or "seconds": ours = true; break;
                case "error": error = true; break;
                case "data" or "task" when json.Token == JsonTokenType.StartObject: task = true; break; // of Label Studio
                case "result" or "predictions" or "completions" when json.Token == JsonTokenType.StartArray: result = true; break;
                default: under |= json.Token == JsonTokenType.StartObject && CocoIndex.IsSet(ref json); break;
            }
            json.Skip();
            if (image && annotations && (imageId || ours)) break;
        }
        if (!image && (images && annotations || under)) return AnnotationFormat.Coco;
        if (grounded && annotations && !image) return AnnotationFormat.Sa1b;
        if (task && (result || annotations) && !image) return AnnotationFormat.LabelStudio;
        if (image && annotations) return imageId && !ours ? AnnotationFormat.Sa1b : AnnotationFormat.Result;
        return image && error ? AnnotationFormat.Result : alone ? AnnotationFormat.Coco : null;
    }

    private static bool HasKey(ref JsonPump json, string key)
    {
        bool found = false;
        while (json.Read() && json.Token == JsonTokenType.PropertyName)
        {
            found |= json.Text == key;
            json.Read();
            json.Skip();
        }
        return found;
    }

    private static AnnotationFileException Unknown(string path)
    {
        string file = Path.GetFileName(path);
        if (First(path) is (byte)'{' or (byte)'[' && OfJson(path, out string? fault) is null && fault is not null) return new(file, "", fault);
        return new(file, "", $"it is of no known annotation format{ForeignFormats.Describe(path)}; known are {Known()}");
    }

    private static AnnotationFormat? OfFile(string path)
    {
        string extension = Path.GetExtension(path).ToLowerInvariant();
        if (extension is ".yaml" or ".yml") return AnnotationFormat.Yolo;
        if (JsonLineFiles.Are(path)) return ForeignFormats.IsKnown(path) ? null : CocoLines.Are(path) ? AnnotationFormat.Coco : AnnotationFormat.Result;
        if (extension is ".png") return AnnotationFormat.IndexPng;
        if (Lists.Contains(Path.GetFileName(path), StringComparer.OrdinalIgnoreCase)
            && VocLayout.Roots(Path.GetDirectoryName(Path.GetFullPath(path))!).Count == 1) return AnnotationFormat.Voc;
        if (extension is ".txt" && YoloReader.LooksLikeLabels(path)) return AnnotationFormat.Yolo;
        return First(path) switch
        {
            (byte)'{' or (byte)'[' => OfJson(path),
            (byte)'<' => IsCvat(path) ? AnnotationFormat.Cvat : null,
            _ => null,
        };
    }

    private static (AnnotationFormat, string) OfFolder(string folder)
    {
        if (VocLayout.Roots(folder) is { Count: > 0 } sets)
            return sets.Count == 1 ? (AnnotationFormat.Voc, sets[0]) : throw new AnnotationFileException(folder, "",
                $"it holds {sets.Count} sets in the layout of PASCAL VOC, such as {Path.GetFileName(sets[0])} and {Path.GetFileName(sets[1])}; name one");
        if (File.Exists(Path.Combine(folder, ClassNames.File)) || HasLabels(Path.Combine(folder, YoloReader.LabelFolder))
            || HasLabels(Path.Combine(folder, DotaLine.Folder))) return (AnnotationFormat.Yolo, folder);
        if (RoboflowMasks.Are(folder)) return (AnnotationFormat.IndexPng, folder);
        var json = FormatFiles.Below(folder, ".json").Take(LooksInto).Select(f => (File: f, Format: OfJson(f))).Where(f => f.Format is not null).ToList();
        var formats = json.Select(f => f.Format!.Value).Distinct().ToList();
        if (formats.Count > 1)
            throw new AnnotationFileException(folder, "",
                $"it holds annotations of several formats ({string.Join(", ", formats.Select(AnnotationFormats.Name))}); name the format, or a folder " +
                $"below") { Need = AnnotationNeed.Format };
        if (formats is [AnnotationFormat.Coco] && CocoSplitsReader.Files(folder) is { Count: > 1 } splits && splits.Count == json.Count)
            return (AnnotationFormat.Coco, folder);
        if (formats is [AnnotationFormat.LabelStudio])
            return json.Count == 1 ? (AnnotationFormat.LabelStudio, json[0].File)
                : throw new AnnotationFileException(folder, "", $"it holds {json.Count} exports of Label Studio; name one");
        if (formats is [AnnotationFormat.Coco])
            return json.Count == 1 ? (AnnotationFormat.Coco, json[0].File)
                : throw new AnnotationFileException(folder, "",
                    $"it holds {json.Count} COCO files, such as {Path.GetFileName(json[0].File)} and {Path.GetFileName(json[1].File)}; name one");
        if (formats.Count == 1) return (formats[0], folder);
        var xml = FormatFiles.Below(folder, ".xml").Take(LooksInto).Where(IsCvat).ToList();
        if (xml.Count == 1) return (AnnotationFormat.Cvat, xml[0]);
        if (xml.Count > 1)
            throw new AnnotationFileException(folder, "",
                $"it holds {xml.Count} CVAT files, such as {Path.GetFileName(xml[0])} and {Path.GetFileName(xml[1])}; name one");
        if (FormatFiles.Below(folder, ".txt").Any(YoloReader.LooksLikeLabels)) return (AnnotationFormat.Yolo, folder);
        string found = DescribeForeign(folder);
        if (ObjectMasks.Of(folder).Count > 0) return (AnnotationFormat.MaskPng, folder);
        bool pngs = found.Length == 0 && FormatFiles.Below(folder, ".png").Count > 0;
        bool masks = pngs || found.Length == 0 && PlainMasks.Of(folder).Files.Count > 0;
        throw new AnnotationFileException(folder, "", $"no file in it is of a known annotation format{found}; known are {Known()}"
            + (masks ? $"; if its {(pngs ? "PNGs" : "images")} are masks whose values are classes, they are index-png" : ""))
            { Need = masks ? AnnotationNeed.Format : null };
    }

    /// <summary>The first file in a folder that is of a format that is not read, as <see cref="ForeignFormats.DescribeFirst"/> names it.</summary>
    public static string DescribeForeign(string folder) => ForeignFormats.DescribeFirst(folder, FormatFiles.Below(folder, Foreign).Take(LooksInto));

    /// <summary>A folder "labels" with text files in it; some keep json files in such a folder.</summary>
    private static bool HasLabels(string labels) => Directory.Exists(labels) && ReadableFolders.IsReadable(labels)
        && (FormatFiles.Below(labels, ".txt").Count > 0 || FormatFiles.Below(labels, ".json", ".xml").Count == 0);

    private static bool IsCvat(string path)
    {
        try
        {
            using var xml = CvatReader.OpenXml(path);
            return xml.MoveToContent() == XmlNodeType.Element && xml.LocalName == "annotations";
        }
        catch (XmlException e) when (e.Message.Contains("DTD", StringComparison.Ordinal))
        {
            return !ForeignFormats.IsKnown(path); // its reader says what is wrong with that
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The first byte that is no white space and no byte order mark.</summary>
    private static byte First(string path)
    {
        using var stream = RegularFile.OpenRead(path);
        var start = new byte[1 << 12];
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        ReadOnlySpan<byte> blank = [(byte)' ', (byte)'\t', (byte)'\r', (byte)'\n', 0xEF, 0xBB, 0xBF];
        ReadOnlySpan<byte> seen = start.AsSpan(0, read);
        if (TextEncodings.Wide(seen) is { } wide)
        {
            string text = wide.GetDecoder() is var decoder && new char[read] is var chars
                ? new string(chars, 0, decoder.GetChars(seen, chars, flush: false)).TrimStart('\uFEFF', ' ', '\t', '\r', '\n') : "";
            return text.Length > 0 && text[0] < 128 ? (byte)text[0] : (byte)0;
        }
        int first = seen.IndexOfAnyExcept(blank);
        return first < 0 ? (byte)0 : start[first];
    }

    private static string Known() => string.Join(", ", AnnotationFormats.Readable.Select(AnnotationFormats.Name));
}
