using System.Globalization;
using System.Xml.Linq;

namespace SemanticSam.Formats.Cvat;

/// <summary>
/// CVAT for video: objects with a shape a key frame. Between two of them a box moves evenly, as CVAT shows it; any other shape stays as it was. A
/// shape that is "outside" ends it until the next.
/// </summary>
internal sealed class CvatTracks
{
    /// <summary>What a hostile file says beyond is refused: frames of a video, and looks at a track for a frame.</summary>
    private const int LargestFrame = 1_000_000;

    private const long MostLooks = 100_000_000;
    private readonly List<List<(int Frame, XElement Shape)>> _tracks = [];

    public int? Width { get; private set; }

    public int? Height { get; private set; }

    public bool IsEmpty => _tracks.Count == 0;

    /// <summary>As CVAT calls the images that it takes out of a video.</summary>
    public static string Name(int frame) => FormattableString.Invariant($"frame_{frame:d6}.PNG");

    public void SetSize(XElement size)
    {
        Width ??= int.TryParse(size.Element("width")?.Value, out int w) && w is >= 1 and <= FormatLimits.LargestSide ? w : null;
        Height ??= int.TryParse(size.Element("height")?.Value, out int h) && h is >= 1 and <= FormatLimits.LargestSide ? h : null;
    }

    public void Add(XElement track)
    {
        var keys = track.Elements().Where(e => e.Attribute("frame") is not null).Select(e => (Frame: FrameOf(e), Shape: Labeled(e, track)))
            .Where(k => k.Frame >= 0).OrderBy(k => k.Frame).ToList();
        if (keys.Count > 0) _tracks.Add(keys);
    }

    /// <summary>Frames of which something is said, with what is seen on them.</summary>
    /// <exception cref="InvalidDataException">There are too many.</exception>
    public IEnumerable<(int Frame, IReadOnlyList<XElement> Shapes)> Frames()
    {
        if (IsEmpty) yield break;
        int first = _tracks.Min(t => t[0].Frame), last = _tracks.Max(t => t[^1].Frame);
        if ((long)(last - first + 1) * _tracks.Count > MostLooks) throw new InvalidDataException($"{_tracks.Count} tracks over {last - first + 1} frames are too many");
        var at = new int[_tracks.Count];
        for (int frame = first; frame <= last; frame++)
        {
            var shapes = new List<XElement>();
            bool known = false;
            for (int t = 0; t < at.Length; t++)
            {
                var keys = _tracks[t];
                while (at[t] + 1 < keys.Count && keys[at[t] + 1].Frame <= frame) at[t]++;
                var (key, shape) = keys[at[t]];
                if (key > frame || key < frame && at[t] + 1 == keys.Count) continue;
                known |= key == frame; // also a frame on which it is not seen is a frame
                if (IsOutside(shape)) continue;
                shapes.Add(key == frame ? shape : Between(shape, keys[at[t] + 1].Shape, (double)(frame - key) / (keys[at[t] + 1].Frame - key)));
            }
            if (known || shapes.Count > 0) yield return (frame, shapes);
        }
    }

    private static int FrameOf(XElement shape) => int.TryParse(shape.Attribute("frame")!.Value, out int frame) && frame is >= 0 and <= LargestFrame ? frame : -1;

    private static bool IsOutside(XElement shape) => shape.Attribute("outside")?.Value is "1" or "true";

    /// <summary>Shapes of a track have its label and its group.</summary>
    private static XElement Labeled(XElement shape, XElement track)
    {
        foreach (string name in (string[])["label", "group_id"])
            if (shape.Attribute(name) is null && track.Attribute(name)?.Value is { } value) shape.SetAttributeValue(name, value);
        return shape;
    }

    private static XElement Between(XElement from, XElement to, double share)
    {
        var copy = new XElement(from);
        if (from.Name != to.Name || from.Name.LocalName is not ("box" or "ellipse")) return copy;
        foreach (string name in (string[])["xtl", "ytl", "xbr", "ybr", "cx", "cy", "rx", "ry", "rotation"])
        {
            if (!Number(from, name, out double a) | !Number(to, name, out double b)) continue;
            if (name == "rotation") b = a + (b - a + 540) % 360 - 180; // the shorter way around
            copy.SetAttributeValue(name, (a + (b - a) * share).ToString("R", CultureInfo.InvariantCulture));
        }
        return copy;
    }

    private static bool Number(XElement shape, string name, out double value)
    {
        value = 0;
        return shape.Attribute(name)?.Value is { } text && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }
}
