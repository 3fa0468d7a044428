namespace SemanticSam.Formats;

/// <summary>The formats of annotations.</summary>
public enum AnnotationFormat
{
    /// <summary>COCO instances json: one file a set. "coco".</summary>
    Coco,

    /// <summary>SA-1B json: one file an image. "sa1b".</summary>
    Sa1b,

    /// <summary>The engine's own result JSON: one file an image; read only. "result".</summary>
    Result,

    /// <summary>LabelMe json: one file an image. "labelme".</summary>
    LabelMe,

    /// <summary>YOLO's segmentation labels: one text file an image and data.yaml. "yolo".</summary>
    Yolo,

    /// <summary>CVAT for images 1.1: one XML file a set. "cvat".</summary>
    Cvat,

    /// <summary>One palette PNG an image with a json of names; masks cannot overlap. "index-png".</summary>
    IndexPng,

    /// <summary>One gray PNG a mask, with a json an image. "mask-png".</summary>
    MaskPng,

    /// <summary>One PNG a mask with the image's pixels and alpha, cropped to the mask; write only. "cutout".</summary>
    Cutout,

    /// <summary>Label Studio's JSON and JSON_MIN: one file a set; read only. "label-studio".</summary>
    LabelStudio,

    /// <summary>PNGs of classes and of objects in the layout of PASCAL VOC: a folder; read only. "voc".</summary>
    Voc,
}

/// <summary>Names of formats as the command line and messages write them.</summary>
internal static class AnnotationFormats
{
    private static readonly (AnnotationFormat Format, string Name)[] Names =
    [
        (AnnotationFormat.Coco, "coco"), (AnnotationFormat.Sa1b, "sa1b"), (AnnotationFormat.Result, "result"), (AnnotationFormat.LabelMe, "labelme"),
        (AnnotationFormat.Yolo, "yolo"), (AnnotationFormat.Cvat, "cvat"), (AnnotationFormat.IndexPng, "index-png"), (AnnotationFormat.MaskPng, "mask-png"),
        (AnnotationFormat.Cutout, "cutout"), (AnnotationFormat.LabelStudio, "label-studio"), (AnnotationFormat.Voc, "voc"),
    ];

    /// <summary>Formats that can be written.</summary>
    public static IReadOnlyList<AnnotationFormat> Writable { get; } = [.. Names.Select(n => n.Format)
        .Where(f => f is not (AnnotationFormat.Result or AnnotationFormat.LabelStudio or AnnotationFormat.Voc))];

    /// <summary>Formats that can be read.</summary>
    public static IReadOnlyList<AnnotationFormat> Readable { get; } = [.. Names.Select(n => n.Format).Where(f => f != AnnotationFormat.Cutout)];

    /// <summary>"coco", "sa1b", "labelme", ...</summary>
    public static string Name(AnnotationFormat format) => Names.First(n => n.Format == format).Name;

    /// <summary>The format of a name.</summary>
    /// <exception cref="FormatException">No such format; the message names those there are.</exception>
    public static AnnotationFormat Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var (format, known) in Names)
            if (string.Equals(known, name.Trim(), StringComparison.OrdinalIgnoreCase)) return format;
        throw new FormatException($"'{name}' is not an annotation format; there are {string.Join(", ", Names.Select(n => n.Name))}.");
    }

    /// <summary>True when a set is one file and not a folder.</summary>
    public static bool IsOneFile(AnnotationFormat format) => format is AnnotationFormat.Coco or AnnotationFormat.Cvat or AnnotationFormat.LabelStudio;
}
