using System.Text.Json;
using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Engine.Batch;

/// <summary>Whether a result file, its overlay and its picture are sound and fit together: for checking a batch and for going on with it.</summary>
internal static class ResultCheck
{
    /// <summary>What is wrong with a result; null when nothing is.</summary>
    /// <param name="path">The file; it exists.</param>
    /// <param name="picture">Name that the result must carry.</param>
    /// <param name="modelSha256">Hash of the model that must have given it.</param>
    /// <param name="size">Columns and rows that the result declares, as far as it can be read.</param>
    /// <param name="masks">How many masks it holds, as far as it can be read.</param>
    public static string? Find(string path, string picture, string modelSha256, out (int Width, int Height) size, out int masks)
    {
        (size, masks) = (default, 0);
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = json.RootElement;
            var image = root.GetProperty("image");
            size = (image.GetProperty("width").GetInt32(), image.GetProperty("height").GetInt32());
            if (image.GetProperty("file_name").GetString() is var name && name != picture) return $"it is the result of '{name}'";
            if (root.GetProperty("model").GetProperty("sha256").GetString() is var model && model != modelSha256) return $"another model gave it ({model})";
            var annotations = root.GetProperty("annotations");
            int count = masks = annotations.GetArrayLength(), at = 0;
            foreach (var annotation in annotations.EnumerateArray())
            {
                at++;
                if (Wrong(annotation, at, count, size) is { } wrong) return $"mask {at}: {wrong}";
            }
            return null;
        }
        catch (JsonException e)
        {
            return $"it is no JSON ({e.Message.TrimEnd('.')})";
        }
        catch (KeyNotFoundException)
        {
            return "a key is missing";
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            return "a value is of the wrong kind";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"it cannot be read ({e.Message.TrimEnd('.')})";
        }
    }

    /// <summary>In what a picture differs from its result; null when it does not, or when it is gone or cannot be read.</summary>
    /// <param name="picture">The picture's path.</param>
    /// <param name="size">Columns and rows that the result declares.</param>
    /// <param name="seen">Whether the two could be compared.</param>
    public static string? FindInPicture(string picture, (int Width, int Height) size, out bool seen)
    {
        seen = false;
        if (!File.Exists(picture)) return null;
        try
        {
            var (_, width, height) = ImageDecoder.Identify(picture);
            seen = true;
            return (width, height) == size ? null : $"it is {size.Width} x {size.Height}, the picture {width} x {height}";
        }
        catch (ImageException)
        {
            return null; // the picture went bad since
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
            var (_, width, height) = ImageDecoder.Identify(path);
            return (width, height) == size ? null : $"the overlay is {width} x {height}, the picture {size.Width} x {size.Height}";
        }
        catch (ImageException e)
        {
            return e.Message;
        }
    }

    private static string? Wrong(JsonElement annotation, int id, int count, (int Width, int Height) size)
    {
        if (annotation.GetProperty("id").GetInt32() is var given && given != id) return $"its id is {given}";
        var segmentation = annotation.GetProperty("segmentation");
        int height = segmentation.GetProperty("size")[0].GetInt32(), width = segmentation.GetProperty("size")[1].GetInt32();
        if ((width, height) != size) return $"it is {width} x {height}, the picture {size.Width} x {size.Height}";
        if (width < 1 || height < 1 || (long)width * height > int.MaxValue) return $"{width} x {height} is no size";
        Rle mask;
        try
        {
            mask = Rle.FromCompressedString(height, width, segmentation.GetProperty("counts").GetString());
        }
        catch (FormatException e)
        {
            return e.Message.TrimEnd('.');
        }
        if (annotation.GetProperty("area").GetInt32() is var area && area != mask.Area) return $"its area is {area}, its runs have {mask.Area}";
        var (x, y, boxWidth, boxHeight) = mask.BoxXywh;
        int[] box = [.. annotation.GetProperty("bbox").EnumerateArray().Select(v => v.GetInt32())];
        if (!box.AsSpan().SequenceEqual([x, y, boxWidth, boxHeight])) return $"its box is [{string.Join(", ", box)}], its runs have [{x}, {y}, {boxWidth}, {boxHeight}]";
        if (annotation.GetProperty("parent") is { ValueKind: JsonValueKind.Number } parent && (parent.GetInt32() is var above) && (above < 1 || above > count || above == id))
            return $"its parent is {above}";
        return null;
    }
}
