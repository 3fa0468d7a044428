using SemanticSam.Formats.Results;
using SemanticSam.Foundation;
using SemanticSam.Imaging;

namespace SemanticSam.Engine.Batch;

/// <summary>Whether a result file, its overlay and its image are sound and fit together: for checking a batch and for going on with it.</summary>
internal static class ResultCheck
{
    /// <summary>Bytes of a result, 256 MiB: thousands of masks of many megapixels.</summary>
    private const long LargestResult = 256 << 20;

    /// <summary>What is wrong with a result; null when nothing is.</summary>
    /// <param name="path">The file; it exists.</param>
    /// <param name="image">Name that the result must carry.</param>
    /// <param name="modelSha256">Hash of the model that must have given it.</param>
    /// <param name="size">Columns and rows that the result declares, as far as it can be read.</param>
    /// <param name="masks">How many masks it holds, as far as it can be read.</param>
    public static string? Find(string path, string image, string modelSha256, out (int Width, int Height) size, out int masks)
    {
        (size, masks) = (default, 0);
        byte[] content;
        try
        {
            content = RegularFile.ReadAllBytes(path, LargestResult);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"it cannot be read ({e.Message.TrimEnd('.')})";
        }
        if (ResultSchema.Read(content, out string? fault) is not { } result) return fault;
        size = (result.Image?.Width ?? 0, result.Image?.Height ?? 0);
        masks = result.Annotations?.Count ?? 0;
        if (result.Image?.FileName is { } name && name != image) return $"it is the result of '{name}'";
        if (result.Model?.Sha256 is { } model && model != modelSha256) return $"another model gave it ({model})";
        return ResultSchema.Find(result);
    }

    /// <summary>In what an image differs from its result; null when it does not, or when it is gone or cannot be read.</summary>
    /// <param name="image">The image's path.</param>
    /// <param name="size">Columns and rows that the result declares.</param>
    /// <param name="sha256">Of the image's file when the result was computed; null when that is not known.</param>
    /// <param name="seen">Whether the two could be compared.</param>
    public static string? FindInImage(string image, (int Width, int Height) size, string? sha256, out bool seen)
    {
        seen = false;
        if (!File.Exists(ImagePage.FileOf(image))) return null;
        try
        {
            var file = ImageFile.Open(image);
            seen = true;
            if ((file.Width, file.Height) != size) return $"it is {size.Width} x {size.Height}, the image {file.Width} x {file.Height}";
            return sha256 is null || file.Sha256() == sha256 ? null : "the image was changed since";
        }
        catch (ImageException)
        {
            return null; // the image went bad since
        }
    }

    /// <summary>What is wrong with an overlay; null when nothing is.</summary>
    /// <param name="path">The overlay's path.</param>
    /// <param name="size">Columns and rows that the result declares.</param>
    public static string? FindInOverlay(string path, (int Width, int Height) size)
    {
        if (!File.Exists(path)) return "the overlay is missing";
        try
        {
            var (width, height) = ImageDecoder.SizeOf(path);
            // That of an image which was reduced is as small as what was decoded, and of the same shape.
            bool reduced = (long)size.Width * size.Height > ImageDecoderOptions.Default.ReduceAbove
                && (long)width * height <= ImageDecoderOptions.Default.ReduceAbove
                && Math.Abs((double)width / size.Width - (double)height / size.Height) <= 1.0 / Math.Min(size.Width, size.Height);
            return (width, height) == size || reduced ? null : $"the overlay is {width} x {height}, the image {size.Width} x {size.Height}";
        }
        catch (ImageException e)
        {
            return e.Message;
        }
    }
}
