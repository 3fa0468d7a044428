using System.Globalization;
using System.Xml.Linq;

namespace SemanticSam.Formats.Cvat;

/// <summary>
/// CVAT for video: objects of a task, with a shape a key frame. Between two of them a box moves evenly, as CVAT shows it; any other shape stays as it
/// was. A shape that is "outside" ends it until the next.
/// </summary>
/// <param name="task">What the file says of the video.</param>
/// <param name="folder">Of the names of its frames; empty for none.</param>
internal sealed class CvatTracks(CvatTask task, string folder)
{
    /// <summary>Frames beyond are not read.</summary>
    private const int LargestFrame = 1_000_000;

    /// <summary>
    /// Shapes between key frames that a file may cost: so many, and so many more for each shape that it holds. Two key frames a million frames apart are a
    /// few bytes; what they cost has to follow from what is there.
    /// </summary>
    private const long FreeBetween = 20_000, BetweenAKey = 1_000;

    /// <summary>A shape of an image of so many pixels counts as one more.</summary>
    private const long PixelsAShape = 4_000_000;

    private readonly List<List<(int Frame, XElement Shape)>> _tracks = [];
    private long _keys;
    private bool _isOffStep;

    public CvatTask Task => task;

    public bool IsEmpty => _tracks.Count == 0;

    /// <summary>How many tasks of the file share <see cref="FreeBetween"/>.</summary>
    public int Sharers { get; init; } = 1;

    /// <summary>Whether a key frame is none that the task's step takes, so that its numbers are not those of the video.</summary>
    public bool IsOffStep => _isOffStep && task.Step > 1;

    /// <summary>From one frame to the next.</summary>
    private int Step => IsOffStep ? 1 : task.Step;

    /// <summary>Frames between key frames that <see cref="Frames"/> left out, since there were too many; counted up to where it is.</summary>
    public long FramesLeftOut { get; private set; }

    /// <summary>The first of them.</summary>
    public int FirstLeftOut { get; private set; }

    /// <summary>Shapes between key frames that <see cref="Frames"/> gives at most.</summary>
    public long MostBetween => (FreeBetween / Sharers + BetweenAKey * _keys)
        / (1 + (long)(task.Width ?? 0) * (task.Height ?? 0) / PixelsAShape);

    /// <summary>As CVAT calls the images that it takes out of a video, below the task's folder.</summary>
    public string Name(int frame) => FormattableString.Invariant($"{folder}frame_{frame:d6}.PNG");

    public void Add(XElement track)
    {
        var keys = track.Elements().Where(e => e.Attribute("frame") is not null).Select(e => (Frame: FrameOf(e), Shape: Labeled(e, track)))
            .Where(k => k.Frame >= 0).OrderBy(k => k.Frame).ToList();
        if (keys.Count == 0) return;
        _tracks.Add(keys);
        _keys += keys.Count;
        _isOffStep |= keys.Any(k => k.Frame < task.Start || (k.Frame - task.Start) % task.Step != 0);
    }

    /// <summary>
    /// Frames of which something is said, with what is seen on them. Every key frame is there; of the frames between them as many as
    /// <see cref="MostBetween"/> allows.
    /// </summary>
    public IEnumerable<(int Frame, IReadOnlyList<XElement> Shapes)> Frames()
    {
        var at = new int[_tracks.Count];
        var seen = new SortedSet<int>(); // tracks that are in the image and go on
        var next = new PriorityQueue<int, int>(); // tracks by the frame at which they change
        for (int t = 0; t < at.Length; t++)
        {
            at[t] = -1;
            next.Enqueue(t, _tracks[t][0].Frame);
        }
        long left = MostBetween;
        int step = Step;
        FramesLeftOut = 0;
        for (int frame = -1; next.Count > 0;)
        {
            next.TryPeek(out _, out int change);
            if (seen.Count > 0 && frame + step < change && left < seen.Count)
            {
                if (FramesLeftOut == 0) FirstLeftOut = frame + step;
                FramesLeftOut += (change - frame - 1) / step;
            }
            frame = seen.Count > 0 && left >= seen.Count ? Math.Min(frame + step, change) : change;
            var shapes = new SortedDictionary<int, XElement>(); // in the order of the tracks
            while (next.TryPeek(out int t, out change) && change == frame)
            {
                next.Dequeue();
                var keys = _tracks[t];
                while (at[t] + 1 < keys.Count && keys[at[t] + 1].Frame == frame) at[t]++; // the last of several wins
                bool isSeen = !IsOutside(keys[at[t]].Shape), goesOn = at[t] + 1 < keys.Count;
                if (isSeen) shapes[t] = keys[at[t]].Shape;
                if (isSeen && goesOn) seen.Add(t);
                else seen.Remove(t);
                if (goesOn) next.Enqueue(t, keys[at[t] + 1].Frame);
            }
            foreach (int t in seen)
            {
                if (shapes.ContainsKey(t)) continue;
                var (key, shape) = _tracks[t][at[t]];
                var (end, to) = _tracks[t][at[t] + 1];
                shapes[t] = Between(shape, to, (double)(frame - key) / (end - key));
                left--;
            }
            yield return (frame, [.. shapes.Values]); // also a frame on which nothing is seen any more is a frame
        }
    }

    private static int FrameOf(XElement shape) => int.TryParse(shape.Attribute("frame")!.Value, out int frame) && frame is >= 0
        and <= LargestFrame ? frame : -1;

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
        if (from.Name != to.Name || from.Name.LocalName is not ("box" or "ellipse")) return from;
        var copy = new XElement(from);
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
        return shape.Attribute(name)?.Value is { } text && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }
}
