using SemanticSam.Formats.Json;
using SemanticSam.Foundation;
using SemanticSam.Imaging;

namespace SemanticSam.Formats.Png;

/// <summary>One gray PNG a mask (255 inside), of the image's size, in a folder an image, with masks.json that tells what they are.</summary>
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

/// <summary>Writes a folder an image.</summary>
internal sealed class MaskPngWriter(string path, AnnotationWriteOptions options) : AnnotationWriter(path, options)
{
    private readonly OutputNames _names = new(path);

    /// <inheritdoc/>
    private protected override void CompleteSet() { }

    private protected override int WriteImage(AnnotatedImage image)
    {
        string folder = PathFor(image, _names);
        for (int i = 0; i < image.Annotations.Count; i++)
        {
            byte[] png = ImageEncoder.Png(image.Annotations[i].Mask);
            AtomicFile.Write(System.IO.Path.Combine(folder, MaskPngs.FileName(image.Annotations[i], i)), png, Durability.Cached);
        }
        // Last, so that a folder with a json is complete.
        byte[] json = JsonText.Bytes(w =>
        {
            w.WriteStartObject();
            w.WriteString(IndexPng.FormatKey, MaskPngs.FormatName);
            ImageFields.WriteObject(w, image);
            w.WriteStartArray("annotations");
            for (int i = 0; i < image.Annotations.Count; i++)
            {
                w.WriteStartObject();
                w.WriteString("png", MaskPngs.FileName(image.Annotations[i], i));
                w.WriteString("name", PlainNames.Of(image.Annotations[i]));
                AnnotationFields.WriteIdentity(w, image.Annotations[i]);
                AnnotationFields.Write(w, image.Annotations[i]);
                w.WriteEndObject();
            }
            w.WriteEndArray();
            w.WriteEndObject();
        }, indented: true);
        AtomicFile.Write(System.IO.Path.Combine(folder, MaskPngs.Json), json, Durability.Cached);
        return image.Annotations.Count;
    }
}

/// <summary>Reads what <see cref="MaskPngWriter"/> wrote.</summary>
internal sealed class MaskPngReader(string path, AnnotationReadOptions options) : FilePerImageReader(path, options, AnnotationFormat.MaskPng)
{
    private protected override AnnotatedImage ReadImage(JsonValues v, string path)
    {
        string file = System.IO.Path.GetFileName(path), folder = System.IO.Path.GetDirectoryName(path)!;
        var image = ImageFields.ReadObject(v);
        return image with { Annotations = AnnotationList.Read(v, a => ReadAnnotation(a, file, folder, image), Problems, areMasksMade: false) };
    }

    private static Annotation ReadAnnotation(JsonValues v, string file, string folder, AnnotatedImage image)
    {
        string png = OutputNames.Relative(v.Text("png"), file);
        try
        {
            var mask = ImageDecoder.DecodeMask(System.IO.Path.Combine(folder, png), image.Width, image.Height);
            return AnnotationFields.ReadNames(v, AnnotationFields.Read(v, new() { Mask = mask }, marked: true));
        }
        catch (ImageException e)
        {
            throw v.Bad(e.Message.TrimEnd('.'));
        }
    }
}

/// <summary>One PNG a mask with the image's pixels inside and transparency outside, cropped to the mask, in a folder an image.</summary>
internal sealed class CutoutWriter(string path, AnnotationWriteOptions options) : AnnotationWriter(path, options)
{
    private readonly OutputNames _names = new(path);

    /// <inheritdoc/>
    private protected override void CompleteSet() { }

    private protected override int WriteImage(AnnotatedImage image)
    {
        string file = System.IO.Path.GetFileName(Path), folder = PathFor(image, _names);
        var pixels = Pixels(image, file);
        int written = 0;
        for (int i = 0; i < image.Annotations.Count; i++)
        {
            var a = image.Annotations[i];
            if (a.Mask.IsEmpty)
            {
                LeftOut($"{image.FileName}, annotation {a.Id ?? i + 1}", "an empty mask has no cut-out");
                continue;
            }
            byte[] png = Cutout(pixels, a.Mask);
            AtomicFile.Write(System.IO.Path.Combine(folder, MaskPngs.FileName(a, i)), png, Durability.Cached);
            written++;
        }
        return written;
    }

    private RgbImage Pixels(AnnotatedImage image, string file)
    {
        if (Options.Pixels?.Invoke(image) is { } given) return given;
        string name = OutputNames.Relative(image.FileName, file);
        string? known = image.Path is { } read && File.Exists(read) ? read : null;
        if (known is null && Options.Images is null)
            throw new AnnotationFileException(file, image.FileName,
                "a cut-out needs the image's pixels, and no folder of images is given") { Need = AnnotationNeed.Images };
        try
        {
            string path = known ?? new ImageFolder(Options.Images!).Find(name) ?? System.IO.Path.Combine(Options.Images!, name);
            var pixels = ImageDecoder.Decode(path);
            return (pixels.FullWidth, pixels.FullHeight) == (image.Width, image.Height) ? pixels
                : throw new AnnotationFileException(file, image.FileName,
                    $"the image is {pixels.FullWidth} x {pixels.FullHeight}, but its annotations are for {image.Width} x {image.Height}");
        }
        catch (ImageException e)
        {
            throw new AnnotationFileException(file, image.FileName, e.Message.TrimEnd('.'), e);
        }
    }

    private static byte[] Cutout(RgbImage image, Masks.Rle mask)
    {
        var box = mask.Bounds;
        byte[] inside = mask.Crop(box).ToBytes(), rgba = new byte[4 * box.Width * box.Height];
        var cut = image.CropFull(box.Left, box.Top, box.Width, box.Height); // of a reduced image reduced, and brought to its size again
        if (cut.IsReduced) cut = Imaging.Resizing.Resize.To(cut, box.Width, box.Height);
        for (int y = 0; y < box.Height; y++)
        {
            var row = cut.Row(y);
            for (int x = 0; x < box.Width; x++)
            {
                int at = y * box.Width + x;
                if (inside[at] == 0) continue;
                row.Slice(3 * x, 3).CopyTo(rgba.AsSpan(4 * at));
                rgba[4 * at + 3] = 255;
            }
        }
        return ImageEncoder.RgbaPng(rgba, box.Width, box.Height);
    }
}
