using SemanticSam.Formats;
using SemanticSam.Imaging;

namespace SemanticSam.Training.Data;

/// <summary>
/// Leaves out what of a set cannot be opened: images that are not there to begin with, and those that prove to be damaged when they are decoded. Each is told
/// once. Where nobody listens, the first one ends the work. Safe for several threads.
/// </summary>
/// <param name="problem">Told of what is left out; null refuses it.</param>
internal sealed class ReadableImages(Action<FormatProblem>? problem)
{
    private const string Missing = "there is no such file";

    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly FormatReport _report = new(problem);
    private readonly Lock _one = new();

    /// <summary>The annotated images of a set that are files with the header of an image; they are not decoded here.</summary>
    /// <exception cref="AnnotationFileException">None is; or one is not, and nobody listens.</exception>
    public WholePartDataset Of(WholePartDataset set)
    {
        var found = set.Where(IsThere);
        if (found.Images.Count == 0 && set.Images.Any(i => i.Annotations.Count > 0))
            throw new AnnotationFileException("the images", "", $"none of the {set.Images.Count} that are annotated can be opened");
        return found;
    }

    /// <summary>Decodes an image; null where it is left out.</summary>
    /// <param name="image">Which.</param>
    /// <param name="decode">How, from its path.</param>
    /// <exception cref="AnnotationFileException">It cannot be decoded, and nobody listens.</exception>
    public RgbImage? Decode(AnnotatedImage image, Func<string, RgbImage> decode) => Decode(image.FileName, image.Path!, decode);

    /// <summary>As the other, of a file and what messages call it.</summary>
    public RgbImage? Decode(string name, string path, Func<string, RgbImage> decode)
    {
        try
        {
            return decode(path);
        }
        catch (Exception e) when (e is ImageException or IOException or InvalidDataException)
        {
            LeaveOut(name, File.Exists(path) ? e.Message.TrimEnd('.') : Missing);
            return null;
        }
    }

    private bool IsThere(AnnotatedImage image)
    {
        if (image.Annotations.Count == 0) return false;
        if (WhyNot(image) is not { } why) return true;
        LeaveOut(image.FileName, why);
        return false;
    }

    /// <summary>Why an image cannot be learned from or measured on; null where its header is that of an image of the annotations' size.</summary>
    public static string? WhyNot(AnnotatedImage image)
    {
        if (image.Path is null) return "its name leads out of the folder of images";
        if (!File.Exists(image.Path)) return Missing;
        try
        {
            var (width, height) = ImageDecoder.SizeOf(image.Path, ImageDecoderOptions.Whole);
            return (width, height) == (image.Width, image.Height) ? null
                : $"it is {width} x {height}, but its annotations are of an image of {image.Width} x {image.Height}";
        }
        catch (Exception e) when (e is ImageException or IOException)
        {
            return e.Message.TrimEnd('.');
        }
    }

    private void LeaveOut(string name, string why)
    {
        lock (_one)
            if (_told.Add(name)) _report.LeftOut(name, "", why, "the image is left out");
    }
}
