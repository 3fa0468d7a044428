using System.Text;
using System.Text.RegularExpressions;
using SemanticSam.Formats.Text;
using SemanticSam.Foundation;

namespace SemanticSam.Formats;

/// <summary>Names annotation files of formats that are not read, for the message that says so and what can be done.</summary>
internal static partial class ForeignFormats
{
    private const int Beginning = 1 << 16;
    private const string AsCoco = "; export it as COCO", Boxes = ", which has boxes alone", Unpack = "; unpack it and name what was in it";
    private const string SegmentsAi = "a release of Segments.ai; its package for Python makes COCO of it";

    /// <summary>JSON, told by keys of which all occur at the beginning; the first that fits.</summary>
    private static readonly (string[] Keys, string What)[] Json =
    [
        (["_via_img_metadata"], "a project of the VGG Image Annotator" + AsCoco),
        (["file_attributes"], "an export of the VGG Image Annotator" + AsCoco),
        (["region_attributes", "shape_attributes"], "an export of the VGG Image Annotator" + AsCoco),
        (["classTitle"], "of Supervisely" + AsCoco),
        (["classes", "tags", "projectType"], "of Supervisely, the list of its classes" + AsCoco),
        (["datasetId", "annotations"], "of Dataloop; its converter makes COCO of it"),
        (["confidence", "box", "x1"], "results of Ultralytics as JSON; with save_txt it writes labels of YOLO, which can be read"),
        (["labels", "scores", "bboxes"], "predictions of MMDetection for an image; its metric for COCO writes a list of results, which can be read"),
        (["segmentation_bitmap"], SegmentsAi),
        (["dataset", "task_type", "samples"], SegmentsAi),
        (["item1", "pair_id"], "of DeepFashion2; its own script makes COCO of it"),
        (["item1", "landmarks"], "of DeepFashion2; its own script makes COCO of it"),
        (["featureclass"], "of SuperAnnotate" + AsCoco),
        (["instances", "className"], "of SuperAnnotate" + AsCoco),
        (["dataset_slug"], "of V7 Darwin" + AsCoco),
        (["item", "slots"], "of V7 Darwin" + AsCoco),
        (["annotations", "polygon", "path"], "of V7 Darwin, version 1" + AsCoco),
        (["annotations", "bounding_box", "dataset"], "of V7 Darwin, version 1" + AsCoco),
        (["Label", "Labeled Data"], "of Labelbox" + AsCoco),
        (["Label", "External ID"], "of Labelbox" + AsCoco),
        (["data_row", "projects"], "of Labelbox; its package for Python makes COCO or masks of it"),
        (["samples", "filepath"], "of FiftyOne; its export as COCODetectionDataset makes COCO of it"),
        (["dm_format_version"], "of Datumaro; 'datum convert -f coco' makes COCO of it"),
        (["items", "label_id"], "of Datumaro; 'datum convert -f coco' makes COCO of it"),
        (["coordinates", "imagefilename"], "of Create ML" + Boxes + AsCoco),
        (["coordinates", "image", "label"], "of Create ML" + Boxes + AsCoco),
        (["shapes", "tracks", "tags"], "a backup of a task of CVAT; export it as 'CVAT for images' or as COCO"),
        (["imgHeight", "imgWidth", "objects"], "of Cityscapes; its PNGs of label numbers can be read, with a list of names"),
        (["category", "poly2d"], "of BDD100K (Scalabel); its tools make COCO of it"),
        (["category", "box2d"], "of BDD100K (Scalabel)" + Boxes + "; its tools make COCO of it"),
        (["class_names", "task"], "a set of Ultralytics as one file; export it as YOLO, or as COCO"),
        (["source-ref"], "a manifest of SageMaker Ground Truth; its label PNGs can be read, with a list of names"),
        (["imageGcsUri"], "of Google's Vertex AI" + Boxes + AsCoco),
        (["prefix", "suffix"], "a list of texts for PaliGemma or Florence" + AsCoco),
        (["file_name", "objects", "bbox"], "metadata of an image folder of Hugging Face" + Boxes + AsCoco),
        (["masklet"], "of SA-V, whose masks are of the frames of videos; its package for Python reads them"),
        (["sample_data_token"], "of nuScenes or nuImages; its package for Python gives masks"),
        (["openlabel"], "of ASAM OpenLABEL" + AsCoco),
        (["label_hash", "data_units"], "of Encord" + AsCoco),
        (["jsonResponse"], "of Kili" + AsCoco),
        (["metainfo", "data_list"], "of OpenMMLab, version 2; the COCO file that it was made of can be read"),
        (["captions"], "captions, and no masks"),
        (["caption", "image_id"], "captions, and no masks"),
        (["questions"], "questions, and no masks"),
        (["geometry", "objectType"], "GeoJSON of QuPath, whose coordinates are of a slide; export a label image, and read that as index-png"),
        (["geometry", "coordinates"], "GeoJSON, whose coordinates are of the earth or of a slide, not of an image; export masks or COCO"),
        (["predictions", "confidence"], "an answer of Roboflow's inference; ask for COCO, or export the set"),
        (["category", "segmentation", "layer"], "of ISAT; its converter makes COCO of it"),
        (["vertices", "label"], "of Scale AI" + AsCoco),
        (["gtboxes", "fbox"], "of CrowdHuman" + Boxes + AsCoco),
        (["objects", "polygon", "label", "key"], "of Mapillary Vistas; its PNGs of label numbers can be read, with a list of names"),
        (["image_filename", "annotations"], "of RectLabel" + AsCoco),
        (["class", "annotations", "filename"], "of sloth" + AsCoco),
        (["spans", "image"], "of Prodigy" + AsCoco),
        (["dataRow", "bbox"], "labels to be imported by Labelbox" + AsCoco),
        (["FeatureCollection"], "GeoJSON, whose coordinates are of the earth or of a slide, not of an image; export masks or COCO"),
    ];

    /// <summary>JSON that has lists called as COCO calls its own, and other things in them.</summary>
    private static readonly (string[] Keys, string What)[] LikeCoco =
    [
        (["label_classes", "export_format_version"], "of Hasty; export it as COCO"),
    ];

    /// <summary>XML, told by words of which all occur at the beginning; the first that fits.</summary>
    private static readonly (string[] Words, string What)[] Xml =
    [
        (["<annotation", "<pt>"], "of LabelMe's first version, for browsers; draw it anew, or convert it to COCO"),
        (["<annotation", "<polygon>"], "Pascal VOC with polygons" + AsCoco),
        (["<annotation>"], "Pascal VOC, which has boxes alone; other programs make COCO of it"),
        (["<annotation "], "Pascal VOC, which has boxes alone; other programs make COCO of it"),
        (["<dataset>", "<image file="], "of dlib's imglab" + Boxes + AsCoco),
        (["<ASAP_Annotations"], "of ASAP, for slides; export masks or COCO"),
        (["<svg"], "a drawing (SVG); save its masks as PNGs"),
        (["<html"], "a web page, and not the file that was to be downloaded: log in, or look at the address"),
        (["<HTML"], "a web page, and not the file that was to be downloaded: log in, or look at the address"),
        (["<Annotations", "MicronsPerPixel"], "of Aperio ImageScope, for slides; export masks or COCO"),
    ];

    /// <summary>Tables, told by columns of which all are there, in small letters; the first that fits.</summary>
    private static readonly (string[] Columns, string What)[] Tables =
    [
        (["region_shape_attributes"], "a table of the VGG Image Annotator" + AsCoco),
        (["id", "predicted_iou", "stability_score", "crop_box_x0"], "the table beside the PNGs that SAM's own script (amg.py) writes; "
            + "with --convert-to-rle it writes JSON, which can be read"),
        (["encodedpixels"], Kaggle),
        (["rle_mask"], Kaggle),
        (["rle"], Kaggle),
        (["id", "class", "segmentation"], Kaggle),
        (["id", "annotation", "cell_type"], Kaggle),
        (["maskpath", "imageid", "labelname"], "a table of Open Images; its PNGs hold the masks, and FiftyOne makes COCO of both"),
        (["imageid", "labelname"], "a table of Open Images" + Boxes + "; FiftyOne makes COCO of it"),
        (["annotation_id", "annotator"], "a table of Label Studio; export it as JSON"),
        (["labeled data", "label"], "a table of Labelbox" + AsCoco),
        (["filename", "class", "xmin"], "a table of boxes as for TensorFlow" + AsCoco),
        (["image", "label", "xmin"], "a table of boxes" + AsCoco),
    ];

    private const string Kaggle = "a table of run lengths as of a competition on Kaggle: pixels count from 1, down each column; "
        + "write each as a PNG of the image's size, or as COCO with its run lengths";

    /// <summary>Files that are no text, told by their first bytes.</summary>
    private static readonly (byte[] Start, string What)[] Binary =
    [
        ([0x50, 0x4B, 3, 4], "a ZIP archive" + Unpack),
        ([0x1F, 0x8B], "a gzip archive" + Unpack),
        ([0x37, 0x7A, 0xBC, 0xAF], "a 7z archive" + Unpack),
        ("Rar!"u8.ToArray(), "a RAR archive" + Unpack),
        ("PAR1"u8.ToArray(), "a Parquet table; export it as COCO"),
        ([0x89, 0x48, 0x44, 0x46], "an HDF5 file; export its masks as PNGs or COCO"),
        ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], "an array of NumPy; save its masks as PNGs or COCO"),
        ("MATLAB 5.0"u8.ToArray(), "a file of MATLAB; save its masks as PNGs or COCO"),
        ([0x80, 2], Pickle), ([0x80, 3], Pickle), ([0x80, 4], Pickle), ([0x80, 5], Pickle),
        ([0xFF, 0xD8, 0xFF], "a JPEG image; name its annotations"),
        ("Iout"u8.ToArray(), "a region of ImageJ; save its mask as a PNG"),
        ("version https://git-lfs"u8.ToArray(), "a pointer of Git LFS, and not the file itself; 'git lfs pull' fetches that"),
    ];

    private const string Pickle = "a pickle of Python; save what it holds as COCO";

    /// <summary>Whether the file is of one of these formats.</summary>
    public static bool IsKnown(string path) => Name(path) is not null;

    /// <summary>Such as ": it is Pascal VOC, ..."; empty for what is not known.</summary>
    public static string Describe(string path) => Name(path) is { } what ? $": it is {what}" : "";

    /// <summary>The first of the files that is known, as " (a/b.xml: it is Pascal VOC, ...)"; empty where none is.</summary>
    /// <param name="folder">Names are told from here.</param>
    /// <param name="files">Not more than are to be looked into.</param>
    public static string DescribeFirst(string folder, IEnumerable<string> files)
    {
        foreach (string file in files)
            if (Name(file) is { } what) return $" ({Path.GetRelativePath(folder, file)} is {what})";
        return "";
    }

    private static string? Name(string path)
    {
        try
        {
            using var stream = RegularFile.OpenRead(path);
            var bytes = new byte[Beginning];
            var start = bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
            foreach (var (first, what) in Binary)
                if (start.StartsWith(first)) return what;
            if (start.Length >= 132 && start[128..132].SequenceEqual("DICM"u8)) return "a DICOM file; export its masks as PNGs or COCO";
            string extension = Path.GetExtension(path).ToLowerInvariant();
            if (extension is ".tfrecord" or ".tfrecords" or ".record") return "a TFRecord; export the set it was made of as COCO";
            string text = (TextEncodings.Wide(start) ?? Encoding.UTF8).GetString(start).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
            if (text.Length == 0) return stream.Length <= Beginning ? "empty" : null;
            return text[0] switch
            {
                '{' or '[' => OfJson(text),
                '<' => Xml.FirstOrDefault(x => x.Words.All(w => text.Contains(w, StringComparison.Ordinal))).What,
                _ => OfLines(text, extension),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Whether it only looks as COCO does.</summary>
    public static bool LooksLikeCoco(string path)
    {
        try
        {
            using var stream = RegularFile.OpenRead(path);
            var bytes = new byte[Beginning];
            var start = bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
            var keys = Keys((TextEncodings.Wide(start) ?? Encoding.UTF8).GetString(start));
            return LikeCoco.Any(j => j.Keys.All(keys.Contains));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static HashSet<string> Keys(string text) => Key().Matches(text).Select(m => m.Groups[1].Value).ToHashSet(StringComparer.Ordinal);

    private static string? OfJson(string text)
    {
        if (text.TrimEnd() is "{}" or "[]") return "JSON without anything in it";
        var keys = Keys(text);
        if (text.Contains("\"FeatureCollection\"", StringComparison.Ordinal)) keys.Add("FeatureCollection"); // a value, of "type"
        return Json.Concat(LikeCoco).FirstOrDefault(j => j.Keys.All(keys.Contains)).What;
    }

    /// <summary>Tables, and lines of words and numbers.</summary>
    private static string? OfLines(string text, string extension)
    {
        string[] lines = [.. text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0).Take(4)];
        if (lines.Length == 0) return null;
        char separator = lines[0].Contains('\t') ? '\t' : lines[0].Contains(';') && !lines[0].Contains(',') ? ';' : ',';
        string[] columns = [.. lines[0].Split(separator).Select(c => c.Trim().Trim('"').ToLowerInvariant())];
        if (columns.Length > 1)
        {
            if (Tables.FirstOrDefault(t => t.Columns.All(columns.Contains)).What is { } table) return table;
            if (columns[0] is "filename" or "image" && lines.Length > 1 && lines[1].Split(separator).Skip(1).All(c => c.Trim() is "0" or "1"))
                return "a table of the classes of each image, as Roboflow's multi-class export, and says nothing of places" + AsCoco;
        }
        if (columns.Length is 6 or 8 && IsNumbers(columns[1..5]) && !IsNumbers([columns[0]]) && !IsNumbers([columns[5]]))
            return "a table of boxes without a head, as makesense and RetinaNet have them" + AsCoco;
        if (lines.Length > 2 && ImageFolder.IsImage(lines[0]) && IsNumbers([lines[1]]) && IsNumbers(lines[2].Split(' ', StringSplitOptions.RemoveEmptyEntries)))
            return "of WIDER FACE" + Boxes + "; other programs make COCO of it";
        if (lines[0].Contains("gs://", StringComparison.Ordinal)) return "a table of Google's AutoML Vision" + Boxes + AsCoco;
        string[] words = lines[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (lines[0].StartsWith("imagesource:", StringComparison.Ordinal) || words.Length == 10 && IsNumbers(words[..8]) && !IsNumbers(words[8..9]))
            return "of DOTA; in a folder called labelTxt beside one called images it is read as YOLO, and Ultralytics' converter makes labels of YOLO of it";
        if (words.Length is 15 or 16 && !IsNumbers(words[..1]) && IsNumbers(words[1..])) return "of KITTI" + Boxes + "; other programs make COCO of it";
        if (words.Length == 6 && IsNumbers(words[..5]) && !IsNumbers(words[5..]))
            return "of MOTS, run lengths of the frames of a video; other programs make COCO of it";
        if (lines.All(IsTrack)) return "of MOT, boxes of the frames of a video" + AsCoco;
        if (lines.All(IsVisDrone)) return "of VisDrone" + Boxes + "; Ultralytics' converter makes labels of YOLO of it";
        return extension is ".csv" or ".tsv" ? "a table, which cannot be read" + AsCoco : null;
    }

    /// <summary>Whether a line of numbers with commas is of boxes in pixels, which YOLO's could be taken for.</summary>
    public static bool IsPixelBox(string line) => IsTrack(line) || IsVisDrone(line);

    /// <summary>Whether these are frame, track, left, top, width, height and three or four more numbers of a line of MOT, in pixels.</summary>
    private static bool IsTrack(string line) => line.Split(',') is { Length: 9 or 10 } fields && IsNumbers(fields)
        && fields[2..6].Any(f => double.Parse(f, System.Globalization.CultureInfo.InvariantCulture) > 2);

    /// <summary>Whether these are left, top, width, height, score, class, truncation and occlusion of a line of VisDrone, in pixels.</summary>
    private static bool IsVisDrone(string line)
    {
        string[] fields = line.Trim().TrimEnd(',').Split(',');
        if (fields.Length != 8) return false;
        var numbers = new int[8];
        for (int i = 0; i < 8; i++)
            if (!int.TryParse(fields[i], System.Globalization.NumberStyles.AllowLeadingSign | System.Globalization.NumberStyles.AllowLeadingWhite,
                System.Globalization.CultureInfo.InvariantCulture, out numbers[i])) return false;
        return numbers[4] is 0 or 1 && numbers[5] is >= 0 and <= 11 && numbers[6] is >= -1 and <= 1 && numbers[7] is >= -1 and <= 2
            && numbers[..4].Max() > 2;
    }

    private static bool IsNumbers(string[] words) =>
        words.All(w => double.TryParse(w, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out _));

    [GeneratedRegex("\"([^\"\\\\\\r\\n]{1,40})\"\\s{0,20}:")]
    private static partial Regex Key();
}
