using System.Text;
using SemanticSam.Formats;
using SemanticSam.Formats.Results;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Png;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Formats;

/// <summary>A small set on the disk, one file of which is changed.</summary>
/// <param name="File">That file.</param>
/// <param name="Open">What is opened.</param>
/// <param name="Format">Its format.</param>
/// <param name="Images">Where its images are; null where no folder is told.</param>
internal sealed record ReaderSeed(string File, string Open, AnnotationFormat Format, string? Images = null)
{
    private static readonly Dictionary<string, (AnnotationFormat Format, string Name, byte[] Content)> Dialects = new()
    {
        ["coco"] =
            (AnnotationFormat.Coco, "in.json",
            Utf8("""{"info": {"contributor": "semsam"}, "images": [{"id": 1, "file_name": "a.jpg", "width": 20, "height": 10}], "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "level": "part", "parent": 2, "segmentation": [[2, 2, 8, 2, 8, 6, 2, 6], [10, 1, 12, 3]], "bbox": [2, 2, NaN, 4]}, {"id": 2, "image_id": 1, "category_id": 1, "segmentation": {"size": [10, 20], "counts": "f046000d4"}}, {"id": 2, "image_id": "1", "category_id": 1, "segmentation": [], "bbox": [2, 2, 6, 4]}], "categories": [{"id": 1, "name": "cat", "level": 2}]}""")),
        ["coco of scripts"] =
            (AnnotationFormat.Coco, "in.json",
            Utf8("""{"split": "train", "set": {"images": [{"image_id": 1, "filename": "a.jpg", "w": 20, "h": 10, "annotations": [{"id": 7, "category_name": "cat", "segmentation": "2, 2, 8, 2, 8, 6"}]}], "annotations": [{"imageId": 1, "class_id": "1", "segmentation": [[[2, 2, 8, 2, 8, 6, 2, 6]]], "bbox": {"xmin": 2, "ymin": 2, "xmax": 8, "ymax": 6}}], "categories": ["cat", "dog"]}}""")),
        ["coco of maps"] =
            (AnnotationFormat.Coco, "in.json",
            Utf8("""{"images": {"1": {"file_name": "a.jpg", "width": 20, "height": 10}}, "annotations": {"1": [{"category_id": 1, "segmentation": [], "bbox": "[2, 2, 6, 4]"}], "9": {"image_id": 1, "category_id": 2, "segmentation": {"size": [10, 20], "counts": [5, 20, 175]}}}, "categories": {"1": "cat", "2": {"name": "dog"}}}""")),
        ["coco of parts"] = // as PACO has them; and all of it crowds, as CVAT writes what was painted
            (AnnotationFormat.Coco, "in.json",
            Utf8("""{"images": [{"id": 1, "file_name": "a.jpg", "width": 20, "height": 10}], "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "obj_ann_id": 1, "iscrowd": 1, "segmentation": {"size": [10, 20], "counts": [22, 5, 5, 5, 163]}, "bbox": [2, 2, 2, 5]}, {"id": 2, "image_id": 1, "category_id": 2, "obj_ann_id": 1, "iscrowd": 1, "segmentation": [[2, 2, 4, 2, 4, 4]], "bbox": [2, 2, 2, 2]}], "categories": [{"id": 1, "name": "mug ", "supercategory": "OBJECT"}, {"id": 2, "name": "mug:handle", "supercategory": "PART"}, {"id": 3, "name": "mug  cup"}]}""")),
        ["results"] =
            (AnnotationFormat.Coco, "in.json",
            Utf8("""[{"image_id": 1, "category_id": 1, "segmentation": {"size": [10, 20], "counts": [5, 20, 175]}, "score": 0.9}, {"image_id": 2, "category_id": 1, "bbox": [1, 1, 3, 3], "score": 0.1}]""")),
        ["sa1b"] =
            (AnnotationFormat.Sa1b, "in.json",
            Utf8("""{"image": {"image_id": 5, "width": 20, "height": 10, "file_name": "a.jpg"}, "annotations": [{"id": 1, "segmentation": {"size": [10, 20], "counts": "f046000d4"}, "bbox": [2, 2, 2, 3], "area": 12, "predicted_iou": 0.9, "stability_score": 0.9, "point_coords": [[3, 3]], "crop_box": [0, 0, 20, 10]}]}""")),
        ["amg"] =
            (AnnotationFormat.Sa1b, "in.json",
            Utf8("""[{"segmentation": {"size": [10, 20], "counts": "f046000d4"}, "area": 12, "bbox": [2, 2, 2, 3], "predicted_iou": 0.95, "point_coords": [[3.0, 3.0]], "stability_score": 0.97}]""")),
        ["labelme"] =
            (AnnotationFormat.LabelMe, "in.json",
            Utf8($$"""{"shapes": [{"label": "cat", "points": [[2, 2], [8, 2], [8, 6]], "group_id": 1, "shape_type": "polygon"}, {"label": "x", "points": [[1, 1], [5, 5]], "shape_type": "rectangle", "semsam": {"id": 1, "level": "part"} }, {"label": "b", "points": [[5, 6], [7, 7]], "shape_type": "mask", "mask": "{{Convert.ToBase64String(ImageEncoder.Png(SemanticSam.Masks.Rle.FromBytes([1, 0, 1, 0, 1, 0], 2, 3)))}}"}], "imagePath": "..\\a.jpg", "imageData": null, "imageHeight": 10, "imageWidth": 20}""")),
        ["result"] =
            (AnnotationFormat.Result, "in.jsonl",
            Utf8("""{"image": {"file_name": "a.jpg", "width": 20, "height": 10}, "model": {"name": "m", "sha256": "0"}, "annotations": [{"id": 1, "segmentation": {"size": [10, 20], "counts": "f046000d4"}, "level": "whole", "whole": {"label": "cat", "score": 0.5}, "parent": null}]}""")),
        ["cvat"] =
            (AnnotationFormat.Cvat, "in.xml",
            Utf8("""<annotations><meta><labels><label><name>car</name></label></labels></meta><image id="0" name="a.jpg" width="20" height="10"><polygon label="car" points="1.00,1.00;9.00,1.00;9.00,3.00"><attribute name="semsam_id">1</attribute></polygon><box label="car" xtl="1" ytl="2" xbr="5" ybr="4" rotation="30"/><ellipse label="b" cx="7" cy="4" rx="2" ry="1"/><mask label="car" rle="1, 2, 2, 1" left="3" top="6" width="3" height="2"/></image></annotations>""")),
        ["video"] =
            (AnnotationFormat.Cvat, "in.xml",
            Utf8("""<annotations><meta><task><original_size><width>20</width><height>10</height></original_size></task></meta><track id="0" label="car"><box frame="0" outside="0" xtl="1" ytl="2" xbr="5" ybr="4"/><box frame="9" outside="1" xtl="3" ytl="2" xbr="5" ybr="4"/></track></annotations>""")),
        ["label-studio"] =
            (AnnotationFormat.LabelStudio, "in.json",
            Utf8("""[{"id": 2, "annotations": [{"result": [{"original_width": 20, "original_height": 10, "id": "a", "type": "rectanglelabels", "value": {"x": 10, "y": 10, "width": 20, "height": 30, "rotation": 5, "rectanglelabels": ["h"]}}, {"original_width": 20, "original_height": 10, "id": "b", "type": "brushlabels", "value": {"format": "rle", "rle": [0, 0, 3, 32, 57, 27, 255, 255, 255, 0, 246, 22], "brushlabels": ["c"]}}, {"type": "relation", "from_id": "a", "to_id": "b", "labels": ["part of"]}], "was_cancelled": false}], "data": {"image": "/data/upload/2/x.jpg"}}]""")),
        ["voc"] = (AnnotationFormat.Voc, "labelmap.txt", Utf8("# label:color_rgb:parts:actions\nbackground:0,0,0::\ncar:128,0,0:wheel:\ndog:0,128,0::\n")),
        ["voc png"] = (AnnotationFormat.Voc, "SegmentationClass/a.png", VocPng),
        ["yolo"] = (AnnotationFormat.Yolo, "labels/a.txt", Utf8("0 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8 0.91\n1 0.3 0.5 0.4 0.6\n")),
        ["yolo angles"] = (AnnotationFormat.Yolo, "labels/a.txt", Utf8("0 0.5 0.5 0.4 0.2 0.5\n1 0.3 0.5 0.4 0.6 1.57\n1 0.3 0.5 0.4 0.6 -0.2\n")),
        ["yaml"] = (AnnotationFormat.Yolo, "data.yaml", Utf8("path: .\ntrain: images\nnc: 2\nkpt: [1, {a: *b}]\nnames:\n  0: cat\n  1: 'traffic light'\n")),
        ["index-png"] =
            (AnnotationFormat.IndexPng, "in.json",
            Utf8("""{"format": "semsam-index-png", "png": "in.png", "image": {"file_name": "a.jpg", "width": 4, "height": 2}, "annotations": [{"index": 1, "name": "cat", "whole": {"label": "cat"}}]}""")),
        ["mask-png"] =
            (AnnotationFormat.MaskPng, "masks.json",
            Utf8("""{"format": "semsam-mask-png", "image": {"file_name": "a.jpg", "width": 4, "height": 2}, "annotations": [{"png": "in.png", "name": "cat", "id": 1}]}""")),
    };

    /// <summary>Formats as they are written here; "data.yaml" is the same set as "yolo", with another file to change.</summary>
    private static readonly Dictionary<string, AnnotationFormat> Own = new()
    {
        ["own coco"] = AnnotationFormat.Coco, ["own sa1b"] = AnnotationFormat.Sa1b, ["own labelme"] = AnnotationFormat.LabelMe,
        ["own cvat"] = AnnotationFormat.Cvat, ["own yolo"] = AnnotationFormat.Yolo, ["own data.yaml"] = AnnotationFormat.Yolo,
        ["own index-png"] = AnnotationFormat.IndexPng, ["own mask-png"] = AnnotationFormat.MaskPng, ["own result"] = AnnotationFormat.Result,
    };

    /// <summary>Dialects of others, and what is written here.</summary>
    public static TheoryData<string> Kinds() => new(Dialects.Keys.Concat(Own.Keys));

    /// <summary>Writes a set into a folder.</summary>
    public static ReaderSeed Write(string kind, TempFolder folder) => Own.TryGetValue(kind, out var format)
        ? WriteOwn(kind, format, folder) with { Images = folder.File("images") } : WriteDialect(kind, folder);

    private static byte[] VocPng => PngCodec.Encode([0, 1, 1, 0, 2, 2, 1, 0], 4, 2, SemanticSam.Formats.Png.IndexPng.Palette);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static ReaderSeed WriteDialect(string kind, TempFolder folder)
    {
        var (format, name, content) = Dialects[kind];
        string path = folder.Write(name, content);
        folder.Write("images/a.png", ImageEncoder.Png(new RgbImage(20, 10)));
        folder.Write("in.png", PngCodec.Encode([0, 1, 1, 0, 0, 0, 1, 0], 4, 2, SemanticSam.Formats.Png.IndexPng.Palette));
        if (kind == "voc") folder.Write("SegmentationClass/a.png", VocPng);
        if (format == AnnotationFormat.Voc) folder.Write("SegmentationObject/a.png", VocPng);
        if (kind is "yolo" or "yolo angles") folder.Write("data.yaml", Utf8("names: [cat, dog]"));
        if (kind == "yaml") folder.Write("labels/a.txt", Utf8("0 0.3 0.5 0.4 0.6"));
        return new(path, format is AnnotationFormat.Yolo or AnnotationFormat.Voc ? folder.Path : path, format);
    }

    private static ReaderSeed WriteOwn(string kind, AnnotationFormat format, TempFolder folder)
    {
        var image = new AnnotatedImage
        {
            FileName = "a.png", Width = 12, Height = 10, Id = 1,
            Annotations =
            [
                new() { Mask = Rle.FromBox(10, 12, new(1, 2, 8, 9)), Id = 1, Whole = new("car", 0.5f), Role = AnnotationRole.Whole },
                new() { Mask = Rle.FromBox(10, 12, new(2, 3, 5, 6)), Id = 2, Parent = 1, Whole = new("car"), Part = new("wheel"), Role = AnnotationRole.Part },
            ],
        };
        folder.Write("images/a.png", ImageEncoder.Png(new RgbImage(12, 10)));
        if (format == AnnotationFormat.Result)
        {
            string path = folder.Write("r/a.json", Utf8(ResultJson.ToText("a.png", 12, 10, new("m", new string('0', 64)), null,
            [
                new MaskResult { Mask = image.Annotations[0].Mask, PredictedIou = 0.5f, StabilityScore = 1 },
                new MaskResult { Mask = image.Annotations[1].Mask, PredictedIou = 0.5f, StabilityScore = 1, Parent = 0 },
            ])));
            return new(path, path, format);
        }
        string to = folder.File(format == AnnotationFormat.Coco ? "set.json" : format == AnnotationFormat.Cvat ? "set.xml" : "set");
        using (var writer = AnnotationFiles.Create(to, format, new() { Polygons = true, Problem = _ => { } }))
        {
            writer.Write(image);
            writer.Complete();
        }
        string In(params string[] names) => Path.Combine([to, .. names]);
        return kind switch
        {
            "own coco" or "own cvat" => new(to, to, format),
            "own yolo" => new(In("labels", "a.txt"), to, format),
            "own data.yaml" => new(In("data.yaml"), to, format),
            "own mask-png" => new(In("a", "masks.json"), to, format),
            "own index-png" => new(In("a.png"), In("a.json"), format), // the pixels
            _ => new(In("a.json"), In("a.json"), format),
        };
    }
}
