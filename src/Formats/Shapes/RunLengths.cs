using System.Text;
using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>
/// COCO's run lengths, {"size": [height, width], "counts": numbers or compressed text}, down each column. Scripts mistake the order of either; then the
/// annotation's box decides: a reading whose box is exactly that one is taken where the reading by the rules is not even near it. Without a box nothing is
/// guessed.
/// </summary>
internal static class RunLengths
{
    /// <summary>Sides of boxes that are the same differ by no more; some programs count to the last pixel, some beyond it.</summary>
    private const double SameSide = 1.5;

    private const double NearOverlap = 0.5;

    /// <summary>The mask.</summary>
    /// <param name="values">The annotation.</param>
    /// <param name="runs">The object of run lengths.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="claimed">[height, width] that the file gives the image, where the image itself has another: run lengths of it are cut or filled up.</param>
    /// <exception cref="AnnotationFileException">They are damaged, or of another size than the image.</exception>
    public static Rle Read(JsonValues values, JsonElement runs, int height, int width, (int Height, int Width)? claimed)
    {
        var (rows, columns) = Size(values, runs) ?? (height, width);
        var counts = Counts(values, runs);
        var box = Box(values);
        if ((rows, columns) == (height, width) || (rows, columns) == claimed)
        {
            if (Decode(counts, rows, columns, out string? fault) is not { } mask)
                return counts.Numbers is not null && Completed(values, counts.Numbers, height, width, box) is { } complete ? complete
                    : throw values.Bad(fault!);
            if ((rows, columns) != (height, width))
                return mask.Crop(new(0, 0, Math.Min(columns, width), Math.Min(rows, height))).Paste(0, 0, height, width);
            if (box is not { } there || mask.IsEmpty || Same(mask.Bounds, there) || Overlap(mask.Bounds, there) >= NearOverlap) return mask;
            if (Across(values, counts, height, width, there) is not { } across) return mask;
            values.Repaired("its run lengths go along rows and not down columns, as its box says", "they are taken so");
            return across;
        }
        string size = $"its mask is {rows} x {columns}, but its image is {height} x {width} (height x width)";
        if ((rows, columns) != (width, height)) throw values.Bad(size);
        if (box is { } known)
        {
            var down = Decode(counts, height, width, out _) is { } mask && Same(mask.Bounds, known) ? mask : null;
            var across = Across(values, counts, height, width, known);
            if ((down ?? across) is { } only && (down is null || across is null || down.Equals(across)))
            {
                values.Repaired(size, down is null ? "it is turned, as its box says" : "the size is taken the other way round, as its box says");
                return only;
            }
        }
        throw values.Bad($"{size}: the sides were exchanged, and its box does not say how");
    }

    private readonly record struct Runs(string? Text, int[]? Numbers);

    /// <summary>Rows and columns; null where none are given, which are then the image's.</summary>
    private static (int Height, int Width)? Size(JsonValues values, JsonElement runs)
    {
        var v = values.Of(runs, Inside(values));
        if (!v.Has("size", out _) && v.Has("counts", out _))
        {
            v.Repaired("key 'size' is missing", "the image's size is taken");
            return null;
        }
        var sides = v.Need("size");
        double[] size = sides.ValueKind == JsonValueKind.String && NumberText.Of(JsonValues.AsText(sides)) is { Length: 2 } text ? text
            : v.Numbers(sides, "size");
        if (sides.ValueKind == JsonValueKind.String) v.Repaired("size is a text of numbers", "they are taken");
        if (size is [_, _, 1])
        {
            v.Repaired("size has a third number, of one channel", "it is passed over");
            size = size[..2];
        }
        if (size is not [>= 1 and <= FormatLimits.LargestSide, >= 1 and <= FormatLimits.LargestSide])
            throw values.Bad($"segmentation.size is [{string.Join(", ", size)}], [height, width] is expected");
        return ((int)size[0], (int)size[1]);
    }

    private static Runs Counts(JsonValues values, JsonElement runs)
    {
        var v = values.Of(runs, Inside(values));
        var counts = v.Need("counts");
        double[] numbers;
        if (counts.ValueKind != JsonValueKind.String) numbers = v.Numbers(counts, "counts");
        else if (v.Text("counts") is var text && text.AsSpan().Trim().IndexOfAny(' ', ',') >= 0 && NumberText.Of(text) is { } written)
        {
            v.Repaired("counts is a text of numbers", "they are taken");
            numbers = written;
        }
        else return new(Plain(v, text), null);
        if (numbers.Length == 0) throw values.Bad("segmentation.counts is empty");
        var whole = new int[numbers.Length];
        for (int i = 0; i < whole.Length; i++)
            whole[i] = numbers[i] is >= 0 and <= int.MaxValue && numbers[i] == Math.Truncate(numbers[i]) ? (int)numbers[i]
                : throw values.Bad($"segmentation.counts[{i}] is {numbers[i]}; run lengths are whole and not negative");
        return new(null, whole);
    }

    private static string Inside(JsonValues values) => values.Place.Length == 0 ? "segmentation" : $"{values.Place}, segmentation";

    /// <summary>The mask by the rules; null where it is none.</summary>
    private static Rle? Decode(Runs runs, int height, int width, out string? fault)
    {
        fault = null;
        try
        {
            return runs.Numbers is not null ? Rle.FromCounts(height, width, runs.Numbers) : Rle.FromCompressedString(height, width, runs.Text);
        }
        catch (FormatException e)
        {
            fault = e.Message.TrimEnd('.');
            return null;
        }
    }

    /// <summary>COCO's compressed text, also out of what Python's bytes become on their way into JSON.</summary>
    private static string Plain(JsonValues values, string text)
    {
        if (text.Length > 3 && text[0] == 'b' && text[1] is '\'' or '"' && text[^1] == text[1])
        {
            values.Repaired("segmentation.counts is bytes of Python as text", "what they hold is taken");
            return text[2..^1].Replace(@"\\", @"\", StringComparison.Ordinal).Replace(@"\'", "'", StringComparison.Ordinal);
        }
        if (text.AsSpan().IndexOfAnyExceptInRange('0', 'o') < 0) return text;
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out int count)) return text;
        values.Repaired("segmentation.counts is base64", "what it holds is taken");
        return Encoding.Latin1.GetString(bytes, 0, count);
    }

    /// <summary>Run lengths of which the last, outside, is not written, as some scripts do; null where the box does not confirm it.</summary>
    private static Rle? Completed(JsonValues values, int[] counts, int height, int width, BoxF? box)
    {
        long sum = counts.Sum(c => (long)c), pixels = (long)height * width;
        if (box is not { } known || sum >= pixels) return null;
        // After a run inside comes the rest; after one outside it becomes longer.
        int rest = (int)(pixels - sum);
        var mask = Rle.FromCounts(height, width, counts.Length % 2 == 0 ? [.. counts, rest] : [.. counts[..^1], counts[^1] + rest]);
        if (mask.IsEmpty || !Same(mask.Bounds, known)) return null;
        values.Repaired($"its run lengths sum to {sum}, but {height} x {width} is {pixels} pixels", "the rest is outside, as its box says");
        return mask;
    }

    /// <summary>The runs taken along rows; null where that has not the box.</summary>
    private static Rle? Across(JsonValues values, Runs runs, int height, int width, BoxF box)
    {
        // Along the rows of an image is down the columns of the image turned over its diagonal.
        if (Decode(runs, width, height, out _) is not { } turned) return null;
        var b = turned.Bounds;
        if (turned.IsEmpty || !Same(new BoxI(b.Top, b.Left, b.Bottom, b.Right), box)) return null;
        var pixels = new byte[height * width];
        int at = 0;
        for (int i = 0; i < turned.Counts.Length; at += turned.Counts[i], i++)
            if (i % 2 != 0) pixels.AsSpan(at, turned.Counts[i]).Fill(1);
        return Rle.FromBytes(pixels, height, width);
    }

    /// <summary>What "bbox" says; null where it says nothing.</summary>
    private static BoxF? Box(JsonValues values) => BoxField.Read(values) is { } box && box.Right > box.Left && box.Bottom > box.Top
        ? new((float)box.Left, (float)box.Top, (float)box.Right, (float)box.Bottom) : null;

    private static bool Same(BoxI a, BoxF b) => Math.Abs(a.Left - b.X1) <= SameSide && Math.Abs(a.Top - b.Y1) <= SameSide
        && Math.Abs(a.Right - b.X2) <= SameSide && Math.Abs(a.Bottom - b.Y2) <= SameSide;

    private static double Overlap(BoxI a, BoxF b)
    {
        double w = Math.Min(a.Right, b.X2) - Math.Max(a.Left, b.X1), h = Math.Min(a.Bottom, b.Y2) - Math.Max(a.Top, b.Y1);
        if (!(w > 0 && h > 0)) return 0;
        double both = w * h;
        return both / ((double)a.Width * a.Height + (double)(b.X2 - b.X1) * (b.Y2 - b.Y1) - both);
    }
}
