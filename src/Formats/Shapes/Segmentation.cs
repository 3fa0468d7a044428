using System.Globalization;
using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>COCO's <c>segmentation</c> value: a list of polygons, or run lengths as numbers or as compressed text.</summary>
internal static class Segmentation
{
    /// <summary>
    /// The mask; <paramref name="values"/> holds the key "segmentation". Pieces that are no polygon are left out as long as others are; what has no
    /// outline but a box is the box.
    /// </summary>
    /// <param name="values">The annotation.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="rule">How polygons become pixels.</param>
    /// <param name="claimed">[height, width] that the file gives the image, where the image itself has another: run lengths of it are cut or filled up.</param>
    /// <param name="corners">Whether boxes are two corners, as the set's are.</param>
    /// <exception cref="AnnotationFileException">It is damaged, empty, or of another size than the image.</exception>
    public static Rle Read(JsonValues values, int height, int width, PolygonRule rule = PolygonRule.Center, (int Height, int Width)? claimed = null,
        bool corners = false)
    {
        if (!values.Has("segmentation", out var value) || IsNothing(value))
            return Box(values, height, width, corners) is { } box && IsRepaired(values, "it has a box and no outline", "the box is its mask") ? box
                : throw values.Bad(Nothing(values, value));
        if (value.ValueKind == JsonValueKind.String) return OfText(values, value.GetString()!, height, width, rule, claimed, corners);
        if (PixelRows.Are(value, height, width)) return PixelRows.Read(values, value, height, width);
        if (value.ValueKind == JsonValueKind.Array)
            return value.EnumerateArray().Any(IsRuns) ? Union(values, value, height, width, claimed)
                : Polygons(values, value, height, width, rule, corners);
        if (value.ValueKind != JsonValueKind.Object) throw values.Bad("segmentation: run lengths {\"size\", \"counts\"} or a list of polygons are expected");
        // An object of keys that COCO does not have says nothing of where it is, and the box does.
        if (!IsRuns(value) && Box(values, height, width, corners) is { } instead)
        {
            values.Repaired("segmentation has no run lengths (key 'counts')", "the box is its mask");
            return instead;
        }
        return RunLengths.Read(values, value, height, width, claimed);
    }

    /// <summary>Whether an annotation has something that says where it is, besides its box.</summary>
    public static bool IsThere(JsonValues values) => values.Has("segmentation", out var value) && !IsNothing(value);

    /// <summary>Whether an annotation has polygons, and no run lengths.</summary>
    public static bool HasPolygons(JsonValues values) =>
        IsThere(values) && values.Has("segmentation", out var value) && value.ValueKind == JsonValueKind.Array && !value.EnumerateArray().Any(IsRuns);

    /// <summary>Columns and rows of a mask that says them: run lengths, or pixels that are written out. Null of any other.</summary>
    public static (int Width, int Height)? SizeOf(JsonElement annotation) =>
        annotation.ValueKind != JsonValueKind.Object || !annotation.TryGetProperty("segmentation", out var mask) ? null
            : mask.ValueKind == JsonValueKind.Object ? SizeOfRuns(mask)
            : PixelRows.SizeOf(mask) is { Width: <= FormatLimits.LargestSide, Height: <= FormatLimits.LargestSide } size ? size : null;

    /// <summary>Adds how far an annotation reaches: its outline, else its box; and the size that run lengths say.</summary>
    public static void Measure(JsonValues values, DrawnExtent extent, bool corners = false)
    {
        var size = SizeOf(values.Element);
        if (size is { } runs) extent.AddRuns(runs);
        bool isOutline = size is null && values.Has("segmentation", out var pieces) && pieces.ValueKind == JsonValueKind.Array && extent.Add(pieces);
        if (!isOutline && BoxField.Read(values, corners) is { } box) extent.Add(box.Left, box.Top, box.Right, box.Bottom);
    }

    private static (int Width, int Height)? SizeOfRuns(JsonElement runs) =>
        runs.TryGetProperty("size", out var size) && size.ValueKind == JsonValueKind.Array && size.GetArrayLength() == 2
            && JsonValues.WholeNumber(size[0]) is >= 1 and <= FormatLimits.LargestSide and { } height
            && JsonValues.WholeNumber(size[1]) is >= 1 and <= FormatLimits.LargestSide and { } width ? ((int)width, (int)height) : null;

    /// <summary>What is wrong where there is neither an outline nor a box that could stand for it.</summary>
    private static string Nothing(JsonValues values, JsonElement value) =>
        BoxField.OtherCount(values) is { } count
            ? $"it has no outline, and its box {BoxField.Describe(values)} has {count} numbers; [x, y, width, height] is expected"
            : values.Has("bbox", out _)
            ? $"it has no outline, and its box {BoxField.Describe(values)} covers no pixel of the image; [x, y, width, height] is expected"
            : values.Has("keypoints", out _) ? "it has key points alone, neither an outline nor a box"
            : values.Has("caption", out _) ? "it is a caption, without an outline or a box"
            : value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? "keys 'segmentation' and 'bbox' are missing"
            : "segmentation is empty, and there is no box";

    private static bool IsRuns(JsonElement value) => value.ValueKind == JsonValueKind.Object && JsonKeys.TryGet(value, "counts", out _);

    /// <summary>Run lengths in a list, as COCO-Stuff 10k has them: all together are the mask.</summary>
    private static Rle Union(JsonValues values, JsonElement list, int height, int width, (int, int)? claimed)
    {
        var pieces = new List<Rle>();
        AnnotationFileException? fault = null;
        int index = -1;
        foreach (var piece in list.EnumerateArray())
        {
            index++;
            try
            {
                if (!IsRuns(piece)) throw values.Bad($"segmentation[{index}] has to be run lengths as the others are, here is {JsonValues.Describe(piece)}");
                pieces.Add(RunLengths.Read(values, piece, height, width, claimed));
            }
            catch (AnnotationFileException e)
            {
                fault ??= e;
            }
        }
        if (pieces.Count == 0) throw fault!;
        if (fault is not null) values.Repaired(fault.What, "that piece is left out");
        // In pairs, so that many pieces do not go through all that came before, each.
        while (pieces.Count > 1) pieces = [.. pieces.Chunk(2).Select(p => p.Length == 2 ? p[0].Union(p[1]) : p[0])];
        return pieces[0];
    }

    private static bool IsNothing(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0 || value.GetArrayLength() == 1 && IsNothing(value[0]),
        JsonValueKind.Object => !value.EnumerateObject().Any() || JsonKeys.TryGet(value, "counts", out var counts) && (counts.ValueKind == JsonValueKind.Null
            || counts.ValueKind == JsonValueKind.String && counts.ValueEquals("") || counts.ValueKind == JsonValueKind.Array && counts.GetArrayLength() == 0),
        JsonValueKind.String => value.ValueEquals(""),
        JsonValueKind.Null or JsonValueKind.False or JsonValueKind.Undefined => true,
        _ => false,
    };

    /// <summary>A segmentation that a table made a text of; one that is no JSON leaves the box.</summary>
    private static Rle OfText(JsonValues values, string text, int height, int width, PolygonRule rule, (int, int)? claimed, bool corners)
    {
        var expected = values.Bad("segmentation is a text; run lengths {\"size\", \"counts\"} or a list of polygons are expected");
        try
        {
            using var inner = JsonDocument.Parse($"{{\"segmentation\": {text}}}");
            if (inner.RootElement.TryGetProperty("segmentation", out var value) && value.ValueKind is JsonValueKind.Array or JsonValueKind.Object)
            {
                values.Repaired("segmentation is a text that holds JSON", "what it holds is taken");
                return Read(values.Of(inner.RootElement, values.Place), height, width, rule, claimed, corners);
            }
        }
        catch (JsonException)
        {
            // Not even that; numbers alone are a polygon.
            if (NumberText.Of(text) is { Length: >= 6 } numbers)
            {
                string list = string.Join(',', numbers.Select(n => n.ToString("R", CultureInfo.InvariantCulture)));
                using var inner = JsonDocument.Parse($"{{\"segmentation\": [[{list}]]}}");
                values.Repaired("segmentation is a text of numbers", "they are taken as a polygon");
                return Polygons(values, inner.RootElement.GetProperty("segmentation"), height, width, rule, corners);
            }
        }
        return Box(values, height, width, corners) is { } box && IsRepaired(values, "segmentation is a text that holds no outline", "the box is its mask") ? box
            : throw expected;
    }

    private static bool IsRepaired(JsonValues values, string what, string done)
    {
        values.Repaired(what, done);
        return true;
    }

    private static Rle? Box(JsonValues values, int height, int width, bool corners) => BoxField.Mask(values, height, width, corners);

    /// <summary>As run lengths in compressed text.</summary>
    public static void Write(Utf8JsonWriter writer, Rle mask)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("size");
        writer.WriteNumberValue(mask.Height);
        writer.WriteNumberValue(mask.Width);
        writer.WriteEndArray();
        writer.WriteString("counts", mask.ToCompressedString());
        writer.WriteEndObject();
    }

    /// <summary>As polygons [[x1, y1, x2, y2, ...], ...].</summary>
    public static void Write(Utf8JsonWriter writer, IEnumerable<IReadOnlyList<(double X, double Y)>> polygons)
    {
        writer.WriteStartArray();
        foreach (var polygon in polygons)
        {
            writer.WriteStartArray();
            foreach (var (x, y) in polygon)
            {
                writer.WriteNumberValue(x);
                writer.WriteNumberValue(y);
            }
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
    }

    private static Rle Polygons(JsonValues values, JsonElement list, int height, int width, PolygonRule rule, bool corners)
    {
        if (AreRuns(list, height, width) is { } runs)
        {
            values.Repaired("segmentation is a list of run lengths, and no polygon", "they are taken down each column");
            return Rle.FromCounts(height, width, runs);
        }
        var polygons = new List<IReadOnlyList<(double X, double Y)>>();
        string? fault = null;
        // One polygon without its list is an error often made; so are points as pairs.
        bool single = JsonValues.FiniteNumber(list.EnumerateArray().FirstOrDefault(n => !IsNoNumber(n))) is not null || IsPairs(list);
        int index = 0;
        foreach (var piece in single ? [list] : list.EnumerateArray().SelectMany(Pieces).ToList())
        {
            if (Points(values, piece, index++, height, width, out string? why) is { } points)
            {
                why = PolygonPixels.WhyNot([points], height, width) is { } wrong ? $"segmentation: {wrong}" : null;
                if (why is null) polygons.Add(points);
            }
            fault ??= why;
        }
        if (polygons.Count == 0)
        {
            // A box that is drawn as two corners, or a line, has a box that says what is meant; coordinates that are none make everything doubtful.
            if (fault is not null && fault.EndsWith(AtLeastSix, StringComparison.Ordinal) && Box(values, height, width, corners) is { } box)
            {
                values.Repaired(fault, "the box is its mask");
                return box;
            }
            throw values.Bad(fault ?? "segmentation is empty");
        }
        if (fault is not null) values.Repaired(fault, "that piece is left out");
        if (Shares.Are([.. polygons.SelectMany(p => p)]))
        {
            values.Repaired("its outline has shares of the image's sides", "they are multiplied by them");
            polygons = [.. polygons.Select(p => Shares.ToPixels(p, height, width))];
        }
        if (polygons.Count > 1 && PolygonPixels.WhyNot(polygons, height, width) is { } together) throw values.Bad($"segmentation: {together}");
        var mask = PolygonPixels.Fill(polygons, height, width, rule);
        if (mask.IsEmpty) values.Noted("its outline covers no pixel", "its mask is empty");
        else if (DrawnExtent.IsMostlyOutside([.. polygons.SelectMany(p => p)], height, width))
            values.Noted($"most of its outline lies outside of the image of {width} x {height}", "it is cut at the image's edge");
        return mask;
    }

    /// <summary>
    /// Run lengths without their object, as a list in the place of a polygon: whole numbers that sum to the image's pixels, some of them larger than its
    /// sides; null for anything else.
    /// </summary>
    private static int[]? AreRuns(JsonElement list, int height, int width)
    {
        var numbers = list.GetArrayLength() == 1 && list[0].ValueKind == JsonValueKind.Array ? list[0] : list;
        long sum = 0, largest = 0, pixels = (long)height * width;
        foreach (var item in numbers.EnumerateArray())
        {
            if (JsonValues.WholeNumber(item) is not (>= 0 and var count) || (sum += count) > pixels) return null;
            largest = Math.Max(largest, count);
        }
        return sum == pixels && largest > Math.Max(height, width) ? [.. numbers.EnumerateArray().Select(n => (int)JsonValues.WholeNumber(n)!.Value)] : null;
    }

    /// <summary>The pieces of a piece: some have one list too many around their polygons, or an object with the key "points".</summary>
    private static IEnumerable<JsonElement> Pieces(JsonElement piece) =>
        piece.ValueKind == JsonValueKind.Object && JsonKeys.TryGet(piece, "points", out var points) ? [points]
            : piece.ValueKind == JsonValueKind.Array && piece.GetArrayLength() > 0
                && piece.EnumerateArray().All(p => p.ValueKind == JsonValueKind.Array && (p.GetArrayLength() >= 6 || IsPairs(p))) ? piece.EnumerateArray()
            : [piece];

    /// <summary>Whether it is a list of points that are pairs; one of them may be null, when enough others are there.</summary>
    private static bool IsPairs(JsonElement list)
    {
        int pairs = 0;
        foreach (var p in list.EnumerateArray())
            if (Pair(p) is { ValueKind: JsonValueKind.Array } pair && pair.GetArrayLength() == 2) pairs++;
            else if (p.ValueKind != JsonValueKind.Null) return false;
        return pairs >= 3;
    }

    /// <summary>A point of a contour as OpenCV gives it has a list of its own around it.</summary>
    private static JsonElement Pair(JsonElement point) =>
        point.ValueKind == JsonValueKind.Array && point.GetArrayLength() == 1 && point[0].ValueKind == JsonValueKind.Array ? point[0] : point;

    private static readonly double[] NoPoint = [double.NaN, double.NaN];

    private const string AtLeastSix = "a polygon has an even number of them, at least 6";

    private static List<(double X, double Y)>? Points(JsonValues values, JsonElement polygon, int index, int height, int width, out string? fault)
    {
        fault = null;
        var text = polygon.ValueKind == JsonValueKind.String ? NumberText.Of(JsonValues.AsText(polygon)) : null;
        if (polygon.ValueKind != JsonValueKind.Array && text is null)
        {
            fault = $"segmentation[{index}] has to be a list of numbers, here is {JsonValues.Describe(polygon)}";
            return null;
        }
        var numbers = new List<double>(text ?? []); // NaN where there is none
        JsonElement? none = null;
        bool pairs = text is null && IsPairs(polygon);
        foreach (var element in text is null ? polygon.EnumerateArray() : default)
        {
            var item = Pair(element);
            if (JsonValues.FiniteNumber(item) is { } number) numbers.Add(number);
            else if (IsNoNumber(item))
            {
                none ??= item;
                numbers.AddRange(item.ValueKind == JsonValueKind.Null && pairs ? NoPoint : NoPoint[..1]);
            }
            else if (item.ValueKind == JsonValueKind.String && NumberText.Of(JsonValues.AsText(item)) is { Length: > 1 } several) numbers.AddRange(several);
            else if (Coordinates(item) is var (itemX, itemY) && Coordinate(itemX) is { } x && Coordinate(itemY) is { } y)
            {
                none ??= double.IsNaN(x) ? itemX : double.IsNaN(y) ? itemY : null;
                numbers.AddRange([x, y]);
            }
            else
            {
                fault = $"segmentation[{index}] has to hold numbers, here is {JsonValues.Describe(item)}";
                return null;
            }
        }
        string? noNumber = none is { } first ? $"segmentation[{index}] has to hold numbers, here is {JsonValues.Describe(first)}" : null;
        if (noNumber is not null && numbers.Count % 2 != 0)
        {
            fault = noNumber; // of which points these numbers are is not clear
            return null;
        }
        if (numbers.Count >= 7 && numbers.Count % 2 != 0)
        {
            values.Repaired($"segmentation[{index}] has {numbers.Count} numbers; {AtLeastSix}", "the last is left out");
            numbers.RemoveAt(numbers.Count - 1);
        }
        if (numbers.Count < 6 || numbers.Count % 2 != 0)
        {
            fault = noNumber ?? $"segmentation[{index}] has {numbers.Count} numbers; {AtLeastSix}";
            return null;
        }
        var points = new List<(double X, double Y)>(numbers.Count / 2);
        for (int i = 0; i < numbers.Count; i += 2) points.Add((numbers[i], numbers[i + 1]));
        return Sound(values, points, index, height, width, noNumber, out fault);
    }

    /// <summary>
    /// Without points that are none or lie far outside, as long as they are the fewer and three others are left; those that lie far outside stay where they
    /// are not, which is complained of later.
    /// </summary>
    private static List<(double X, double Y)>? Sound(JsonValues values, List<(double X, double Y)> points, int index, int height, int width, string? noNumber,
        out string? fault)
    {
        fault = null;
        bool IsSound((double X, double Y) p) => PolygonPixels.FarOutside([p], height, width) is null; // which NaN is not
        var sound = points.TrueForAll(IsSound) ? points : points.FindAll(IsSound);
        int bad = points.Count - sound.Count;
        if (bad == 0) return points;
        if (sound.Count >= 3 && bad < sound.Count)
        {
            values.Repaired(noNumber ?? $"segmentation[{index}]: {PolygonPixels.FarOutside(points, height, width)}",
                bad == 1 ? $"that point is left out, the other {sound.Count} are taken" : $"{bad} such points are left out, the other {sound.Count} are taken");
            return sound;
        }
        fault = noNumber;
        return noNumber is null ? points : null;
    }

    /// <summary>Whether a value stands where a number should be and says that there is none.</summary>
    private static bool IsNoNumber(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.String || JsonValues.AsText(item)?.Trim() is not { } text) return item.ValueKind == JsonValueKind.Null;
        return text.Length == 0 || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && !double.IsFinite(number);
    }

    private static double? Coordinate(JsonElement item) => JsonValues.FiniteNumber(item) ?? (IsNoNumber(item) ? double.NaN : null);

    /// <summary>Those of a point that is a pair or an object; null of anything else.</summary>
    private static (JsonElement X, JsonElement Y)? Coordinates(JsonElement point) =>
        point.ValueKind == JsonValueKind.Array && point.GetArrayLength() == 2 ? (point[0], point[1])
            : point.ValueKind == JsonValueKind.Object && JsonKeys.TryGet(point, "x", out var x) && JsonKeys.TryGet(point, "y", out var y) ? (x, y) : null;
}
