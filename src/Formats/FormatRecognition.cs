using System.Text.Json;
using System.Xml;
using SemanticSam.Formats.Cvat;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Png;
using SemanticSam.Formats.Yolo;

namespace SemanticSam.Formats;

/// <summary>Tells the format of a file or folder from its content.</summary>
internal static class FormatRecognition
{
    /// <summary>So many files of a folder are looked into.</summary>
    private const int LooksInto = 50;

    /// <summary>The format, and the file or folder to open with it.</summary>
    /// <exception cref="AnnotationFileException">It is of no known format, or of several.</exception>
    /// <exception cref="FileNotFoundException">There is nothing of that name.</exception>
    public static (AnnotationFormat Format, string Path) Of(string path)
    {
        if (Directory.Exists(path)) return OfFolder(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file or folder '{path}'.", path);
        return (OfFile(path) ?? throw new AnnotationFileException(Path.GetFileName(path), "", $"it is of no known annotation format; known are {Known()}"), path);
    }

    /// <summary>The format of a json file; null if it is none of them, or no JSON.</summary>
    public static AnnotationFormat? OfJson(string path) => OfJson(path, out _);

    /// <summary>As the other; <paramref name="fault"/> says why the file is no JSON, as far as it was read.</summary>
    public static AnnotationFormat? OfJson(string path, out string? fault)
    {
        fault = null;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            if (stream.ReadByte() != 0xEF || stream.ReadByte() != 0xBB || stream.ReadByte() != 0xBF) stream.Position = 0;
            return OfJson(new JsonPump(stream));
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            fault = e is JsonException ? $"not valid JSON: {e.Message.TrimEnd('.')}" : $"cannot be read: {e.Message.TrimEnd('.')}";
            return null;
        }
    }

    private static AnnotationFormat? OfJson(JsonPump json)
    {
        if (!json.Read() || json.Token != JsonTokenType.StartObject) return null;
        bool image = false, annotations = false, imageId = false, ours = false, error = false;
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
                case "annotations": annotations = true; break;
                case "model" or "seconds": ours = true; break;
                case "error": error = true; break;
            }
            json.Skip();
            if (image && annotations && (imageId || ours)) break;
        }
        if (image && annotations) return imageId && !ours ? AnnotationFormat.Sa1b : AnnotationFormat.Result;
        return image && error ? AnnotationFormat.Result : null;
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

    private static AnnotationFormat? OfFile(string path)
    {
        string extension = Path.GetExtension(path).ToLowerInvariant();
        if (extension is ".yaml" or ".yml") return AnnotationFormat.Yolo;
        if (extension is ".jsonl" or ".ndjson") return AnnotationFormat.Result;
        if (extension is ".png") return AnnotationFormat.IndexPng;
        return First(path) switch
        {
            (byte)'{' => OfJson(path),
            (byte)'<' => IsCvat(path) ? AnnotationFormat.Cvat : null,
            _ => null,
        };
    }

    private static (AnnotationFormat, string) OfFolder(string folder)
    {
        if (File.Exists(Path.Combine(folder, ClassNames.File)) || Directory.Exists(Path.Combine(folder, YoloReader.LabelFolder))) return (AnnotationFormat.Yolo, folder);
        var json = FormatFiles.Below(folder, ".json").Take(LooksInto).Select(f => (File: f, Format: OfJson(f))).Where(f => f.Format is not null).ToList();
        var formats = json.Select(f => f.Format!.Value).Distinct().ToList();
        if (formats.Count > 1)
            throw new AnnotationFileException(folder, "",
                $"it holds annotations of several formats ({string.Join(", ", formats.Select(AnnotationFormats.Name))}); name the format, or a folder " +
                $"below") { Need = AnnotationNeed.Format };
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
        throw new AnnotationFileException(folder, "", $"no file in it is of a known annotation format; known are {Known()}");
    }

    private static bool IsCvat(string path)
    {
        try
        {
            using var xml = CvatReader.OpenXml(path);
            return xml.MoveToContent() == XmlNodeType.Element && xml.LocalName == "annotations";
        }
        catch (XmlException e) when (e.Message.Contains("DTD", StringComparison.Ordinal))
        {
            return true; // its reader says what is wrong with that
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The first byte that is no white space and no byte order mark.</summary>
    private static byte First(string path)
    {
        using var stream = File.OpenRead(path);
        var start = new byte[1 << 12];
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        ReadOnlySpan<byte> blank = [(byte)' ', (byte)'\t', (byte)'\r', (byte)'\n', 0xEF, 0xBB, 0xBF];
        int first = start.AsSpan(0, read).IndexOfAnyExcept(blank);
        return first < 0 ? (byte)0 : start[first];
    }

    private static string Known() => string.Join(", ", AnnotationFormats.Readable.Select(AnnotationFormats.Name));
}
