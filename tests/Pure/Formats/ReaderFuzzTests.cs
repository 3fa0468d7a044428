using System.Diagnostics;
using System.Text;
using CsCheck;
using SemanticSam.Formats;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Png;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;

namespace SemanticSam.Tests.Pure.Formats;

/// <summary>
/// Small files of every dialect, changed at random by words that hurt: whatever they are, reading ends soon, in little memory, with images, a
/// report or an <see cref="AnnotationFileException"/>. A few inputs a reader in every run; SEMSAM_FUZZ says how many in the slow one (1,000,000 by
/// default, hours).
/// </summary>
public sealed class ReaderFuzzTests(ITestOutputHelper output) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static readonly Dictionary<string, (AnnotationFormat Format, string Name, byte[] Seed)> Seeds = new()
    {
        ["coco"] =
            (AnnotationFormat.Coco, "in.json",
            Utf8("""{"info": {"contributor": "semsam"}, "images": [{"id": 1, "file_name": "a.jpg", "width": 20, "height": 10}], "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "level": "part", "parent": 2, "segmentation": [[2, 2, 8, 2, 8, 6, 2, 6], [10, 1, 12, 3]], "bbox": [2, 2, NaN, 4]}, {"id": 2, "image_id": 1, "category_id": 1, "segmentation": {"size": [10, 20], "counts": "f046000d4"}}, {"id": 2, "image_id": "1", "category_id": 1, "segmentation": [], "bbox": [2, 2, 6, 4]}], "categories": [{"id": 1, "name": "cat", "level": 2}]}""")),
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
        ["yolo"] = (AnnotationFormat.Yolo, "labels/a.txt", Utf8("0 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8 0.91\n1 0.3 0.5 0.4 0.6\n")),
        ["yaml"] = (AnnotationFormat.Yolo, "data.yaml", Utf8("path: .\ntrain: images\nnc: 2\nkpt: [1, {a: *b}]\nnames:\n  0: cat\n  1: 'traffic light'\n")),
        ["index-png"] =
            (AnnotationFormat.IndexPng, "in.json",
            Utf8("""{"format": "semsam-index-png", "png": "in.png", "image": {"file_name": "a.jpg", "width": 4, "height": 2}, "annotations": [{"index": 1, "name": "cat", "whole": {"label": "cat"}}]}""")),
        ["mask-png"] =
            (AnnotationFormat.MaskPng, "masks.json",
            Utf8("""{"format": "semsam-mask-png", "image": {"file_name": "a.jpg", "width": 4, "height": 2}, "annotations": [{"png": "in.png", "name": "cat", "id": 1}]}""")),
    };

    public static TheoryData<string> Readers() => new(Seeds.Keys);

    /// <summary>Words that hurt: other types, numbers at the limits, structure.</summary>
    private static readonly byte[][] Words =
    [
        .. ((string[])["null", "-1", "99999999999999999999", "1e308", "-1e308", "NaN", "-Infinity", "\"x\"", "[]", "{}", "[[", "}}", "true", "0", "65535",
        "2147483647", "\"\\ud800\"", "..", "/", "\\",
            "\"", ",", ":", "<", ">", "&#x0;", "<track>", "&x b", "*x", "- ", "\n", "\0", "\u00e9", "1,1;", "id", "image_id", "segmentation",
            "bbox"]).Select(Utf8), [0xFF], [0xC3, 0x28], [0xFE, 0xFF],
    ];

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Where, what, and with which word.</summary>
    private static readonly Gen<(int At, int Kind, int Word, int Length)[]> Changes =
        Gen.Select(Gen.Int[0, 100_000], Gen.Int[0, 19], Gen.Int[0, 1000], Gen.Int[1, 24]).Array[1, 3];

    private static byte[] Changed(byte[] seed, (int At, int Kind, int Word, int Length)[] changes)
    {
        byte[] file = seed;
        foreach (var (place, kind, word, length) in changes)
        {
            if (file.Length == 0) return file;
            int at = place % file.Length, end = Math.Min(file.Length, at + length);
            file = kind switch
            {
                0 => file[..at],
                < 4 => [.. file[..at], .. file[end..]],
                < 8 => [.. file[..at], .. Words[word % Words.Length], .. file[at..]],
                < 14 => [.. file[..at], .. Words[word % Words.Length], .. file[end..]],
                < 16 => [.. file[..end], .. file[at..]],
                _ => [.. file[..at], (byte)(file[at] ^ (1 << word % 8)), .. file[(at + 1)..]],
            };
        }
        return file;
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void Read_ChangedFiles_EndsWell(string reader) => Fuzz(reader, 300);

    [Theory]
    [Trait("Category", "Slow")]
    [MemberData(nameof(Readers))]
    public void Read_AMillionChangedFiles_EndsWell(string reader) =>
        Fuzz(reader, long.TryParse(Environment.GetEnvironmentVariable("SEMSAM_FUZZ"), out long inputs) ? inputs : 1_000_000);

    private void Fuzz(string reader, long inputs)
    {
        var (format, name, seed) = Seeds[reader];
        string path = _folder.Write(name, seed);
        _folder.Write("images/a.png", ImageEncoder.Png(new RgbImage(20, 10)));
        _folder.Write("in.png", PngCodec.Encode([0, 1, 1, 0, 0, 0, 1, 0], 4, 2, SemanticSam.Formats.Png.IndexPng.Palette));
        if (reader == "yolo") _folder.Write("data.yaml", Utf8("names: [cat, dog]"));
        if (reader == "yaml") _folder.Write("labels/a.txt", Utf8("0 0.3 0.5 0.4 0.6"));
        string open = format == AnnotationFormat.Yolo ? _folder.Path : path;
        var (slowest, most, read, reported, refused) = (TimeSpan.Zero, 0L, 0, 0, 0);
        var clock = new Stopwatch();
        Changes.Sample(changes =>
        {
            File.WriteAllBytes(path, Changed(seed, changes));
            long before = GC.GetAllocatedBytesForCurrentThread();
            clock.Restart();
            try
            {
                int problems = 0;
                using var set = AnnotationFiles.Open(open, format, new() { Problem = p => problems += p.ToString().Length > 0 ? 1 : 0 });
                foreach (var image in set.Read())
                    foreach (var annotation in image.Annotations)
                        Assert.Equal((image.Height, image.Width), (annotation.Mask.Height, annotation.Mask.Width));
                if (problems > 0) reported++;
                else read++;
            }
            catch (AnnotationFileException)
            {
                refused++;
            }
            if (clock.Elapsed > slowest) slowest = clock.Elapsed;
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }, iter: inputs, threads: 1);
        output.WriteLine($"{reader}: {inputs} inputs, {read} read, {reported} with a report, {refused} refused; slowest {slowest.TotalMilliseconds:f0} ms, " +
            $"most memory {most / 1e6:f1} MB");
        Assert.InRange(most, 0, 512L << 20);
        Assert.InRange(slowest.TotalSeconds, 0, 5); // a second, on a machine that does nothing else
    }
}
