using SemanticSam.Formats.Json;
using SemanticSam.Foundation;
using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Png;

/// <summary>One gray PNG a mask (255 inside), of the picture's size, in a folder a picture, with masks.json that tells what they are.</summary>
internal static class MaskPngs
{
    public const string FormatName = "semsam-mask-png", Json = "masks.json";

    /// <summary>"003_wheel_of_car.png".</summary>
    public static string FileName(Annotation annotation, int index)
    {
        string slug = OutputNames.Slug(annotation.FullName);
        return slug.Length == 0 ? $"{index + 1:d3}.png" : $"{index + 1:d3}_{slug}.png";
    }
}

/// <summary>Writes a folder a picture.</summary>
internal sealed class MaskPngWriter(string path, AnnotationWriteOptions options) : AnnotationWriter(path, options)
{
    private readonly OutputNames _names = new(path);

    /// <inheritdoc/>
    public override void Complete() { }

    private protected override int WritePicture(AnnotatedPicture picture)
    {
        string folder = PathFor(picture, _names);
        for (int i = 0; i < picture.Annotations.Count; i++)
        {
            byte[] png = MaskPng.Write(picture.Annotations[i].Mask);
            SmallFile.Write(System.IO.Path.Combine(folder, MaskPngs.FileName(picture.Annotations[i], i)), png);
        }
        // Last, so that a folder with a json is complete.
        byte[] json = JsonText.Bytes(w =>
        {
            w.WriteStartObject();
            w.WriteString(IndexPng.FormatKey, MaskPngs.FormatName);
            PictureFields.WriteObject(w, picture);
            w.WriteStartArray("annotations");
            for (int i = 0; i < picture.Annotations.Count; i++)
            {
                w.WriteStartObject();
                w.WriteString("png", MaskPngs.FileName(picture.Annotations[i], i));
                w.WriteString("name", PlainNames.Of(picture.Annotations[i]));
                AnnotationFields.WriteIdentity(w, picture.Annotations[i]);
                AnnotationFields.Write(w, picture.Annotations[i]);
                w.WriteEndObject();
            }
            w.WriteEndArray();
            w.WriteEndObject();
        }, indented: true);
        SmallFile.Write(System.IO.Path.Combine(folder, MaskPngs.Json), json);
        return picture.Annotations.Count;
    }
}

/// <summary>Reads what <see cref="MaskPngWriter"/> wrote.</summary>
internal sealed class MaskPngReader : AnnotationReader
{
    private readonly IReadOnlyList<string> _files;

    public MaskPngReader(string path, AnnotationReadOptions options) : base(path, options)
    {
        _files = FormatFiles.Json(path, AnnotationFormat.MaskPng, Report);
        Count = _files.Count;
    }

    private protected override IEnumerable<AnnotatedPicture> Pictures() =>
        _files.Select(file => Try(() => JsonText.Read(file, v => ReadPicture(v, file)), "the picture is left out")).OfType<AnnotatedPicture>();

    private protected override string NameOf(AnnotatedPicture picture) => picture.FileName;

    private AnnotatedPicture ReadPicture(JsonValues v, string path)
    {
        string file = System.IO.Path.GetFileName(path), folder = System.IO.Path.GetDirectoryName(path)!;
        var picture = PictureFields.ReadObject(v);
        return picture with { Annotations = AnnotationList.Read(v, file, a => ReadAnnotation(a, file, folder, picture), Report) };
    }

    private static Annotation ReadAnnotation(JsonValues v, string file, string folder, AnnotatedPicture picture)
    {
        string png = OutputNames.Relative(v.Text("png"), file);
        try
        {
            var mask = MaskPng.Read(System.IO.Path.Combine(folder, png), picture.Width, picture.Height);
            return AnnotationFields.ReadNames(v, AnnotationFields.Read(v, new() { Mask = mask }));
        }
        catch (ImageException e)
        {
            throw v.Bad(e.Message.TrimEnd('.'));
        }
    }
}

/// <summary>One PNG a mask with the picture's pixels inside and transparency outside, cropped to the mask, in a folder a picture.</summary>
internal sealed class CutoutWriter(string path, AnnotationWriteOptions options) : AnnotationWriter(path, options)
{
    private readonly OutputNames _names = new(path);

    /// <inheritdoc/>
    public override void Complete() { }

    private protected override int WritePicture(AnnotatedPicture picture)
    {
        string file = System.IO.Path.GetFileName(Path), folder = PathFor(picture, _names);
        var image = Pixels(picture, file);
        int written = 0;
        for (int i = 0; i < picture.Annotations.Count; i++)
        {
            var a = picture.Annotations[i];
            if (a.Mask.IsEmpty)
            {
                Report($"{picture.FileName}, annotation {a.Id ?? i + 1}", "an empty mask has no cut-out; left out");
                continue;
            }
            byte[] png = Cutout(image, a.Mask);
            SmallFile.Write(System.IO.Path.Combine(folder, MaskPngs.FileName(a, i)), png);
            written++;
        }
        return written;
    }

    private RgbImage Pixels(AnnotatedPicture picture, string file)
    {
        if (Options.Pixels?.Invoke(picture) is { } given) return given;
        string name = OutputNames.Relative(picture.FileName, file);
        if (Options.Images is null) throw new AnnotationFileException(file, picture.FileName, "cut-outs need the picture; --images names the folder of the pictures");
        try
        {
            var image = ImageDecoder.Decode(System.IO.Path.Combine(Options.Images, name));
            return (image.Width, image.Height) == (picture.Width, picture.Height) ? image
                : throw new AnnotationFileException(file, picture.FileName, $"the picture is {image.Width} x {image.Height}, but its annotations are for {picture.Width} x {picture.Height}");
        }
        catch (ImageException e)
        {
            throw new AnnotationFileException(file, picture.FileName, e.Message.TrimEnd('.'), e);
        }
    }

    private static byte[] Cutout(RgbImage image, Masks.Rle mask)
    {
        var box = mask.Bounds;
        byte[] inside = mask.Crop(box).ToBytes(), rgba = new byte[4 * box.Width * box.Height];
        for (int y = 0; y < box.Height; y++)
        {
            var row = image.Row(box.Top + y);
            for (int x = 0; x < box.Width; x++)
            {
                int at = y * box.Width + x;
                if (inside[at] == 0) continue;
                row.Slice(3 * (box.Left + x), 3).CopyTo(rgba.AsSpan(4 * at));
                rgba[4 * at + 3] = 255;
            }
        }
        return ImageEncoder.RgbaPng(rgba, box.Width, box.Height);
    }
}
