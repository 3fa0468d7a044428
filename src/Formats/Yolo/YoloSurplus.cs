namespace SemanticSam.Formats.Yolo;

/// <summary>
/// Takes from the numbers of a line what is neither outline nor box: the number of an instance, key points, a confidence, the number of a track, an angle.
/// Where one line alone does not tell, the whole set does.
/// </summary>
internal sealed class YoloSurplus(DataYaml set, YoloLayout layout, Func<string, IEnumerable<string?>> lines, FormatReport problems, string setName)
{
    private static readonly (double Sin, double Cos) None = (0, 1);

    /// <summary>Larger numbers are no shares of a side, however far a place sticks out.</summary>
    private const double LargestShare = 2;

    private YoloFifthNumbers Fifth => field ??= YoloFifthNumbers.Of(layout, lines);

    private YoloSetNumbers Set => field ??= YoloSetNumbers.Of(layout, set.KeyPointNumbers ?? 0, lines);

    /// <summary>Four numbers of a box, or those of an outline, and what stood beside them.</summary>
    /// <exception cref="AnnotationFileException">They are neither.</exception>
    public (double[] Values, float? Confidence, (double Sin, double Cos) Turn) Take(double[] values, string file, string place)
    {
        AnnotationFileException Bad(string what) => new(file, place, what);
        if (BeginsWithInstance(values))
        {
            if (problems.Refuses) throw Bad("behind its class is the number of an instance");
            problems.NotedOnce(file, "lines have the number of an instance behind the class", "it is passed over; each line is an object");
            values = values[1..];
        }
        if (EndOfDeclared(values) is { } declared)
        {
            problems.NotedOnce(file, "data.yaml says that labels have key points", "boxes are read, key points are not");
            return Box(values, declared, file, place);
        }
        int? end = YoloWords.AreKeyPoints(values) ? values.Length : values.Length > 6 ? Set.KeyPoints.End(values.Length) : null;
        if (end is { } found)
        {
            problems.Repaired(file, place, "behind its box are key points, which data.yaml says nothing of (key 'kpt_shape')", "the box is read, they are not");
            return Box(values, found, file, place);
        }
        if (values.Length >= 10 && YoloKeyPointLine.MayBe(values))
            problems.Noted(file, place, "it could be a box with key points (data.yaml has no key 'kpt_shape'), and crosses itself as an outline",
                "it is taken as an outline");
        values = YoloGaps.Without(values, problems, file, place);
        if (!problems.Refuses && values.Length == 5 && Fifth.AreAngles)
        {
            problems.NotedOnce(setName, "behind the boxes of the set are numbers of which many are no confidences, 0 to 1",
                $"they are taken as angles in {Fifth.Unit}, clockwise");
            return (values[..4], null, Fifth.Read(values[4]));
        }
        float? confidence = null;
        if (EndsWithTrack(values))
        {
            PassOverTrack(file, place);
            if (values.Length % 2 == 0) confidence = (float)values[^2];
            values = values[..^(values.Length % 2 == 0 ? 2 : 1)];
        }
        else if (values.Length == 5 || values.Length > 6 && values.Length % 2 != 0)
        {
            if (problems.Refuses || values[^1] is not (>= 0 and <= 1)) throw Bad(Coordinates(values));
            confidence = (float)values[^1];
            values = values[..^1];
        }
        return values.Length == 4 || values.Length >= 6 && values.Length % 2 == 0 ? (values, confidence, None) : throw Bad(Coordinates(values));
    }

    private bool BeginsWithInstance(double[] values)
    {
        if (values.Length % 2 == 0 || !double.IsFinite(values[0]) || !YoloTrackNumbers.IsOne(values[0])) return false; // as nearly all outlines
        double[] finite = Array.TrueForAll(values, double.IsFinite) ? values : [.. values.Select(v => double.IsFinite(v) ? v : 0)];
        return YoloInstances.MayBegin(finite) && (finite[0] > LargestShare || Set.Instances.AreThere);
    }

    /// <summary>Where the key points end that data.yaml tells of. A line of another length is an outline, whatever it says.</summary>
    private int? EndOfDeclared(double[] values)
    {
        if (values.Length <= 4 || set.KeyPointNumbers is 0) return null;
        if (set.KeyPointNumbers is not { } numbers) return values.Length;
        int end = 4 + numbers;
        return values.Length == end || values.Length == end + 1
            || values.Length == end + 2 && values[^2] is >= 0 and <= 1 && YoloTrackNumbers.IsOne(values[^1]) ? end : null;
    }

    /// <summary>A box, with what stands behind its key points: a confidence, the number of a track, or both.</summary>
    private (double[] Values, float? Confidence, (double Sin, double Cos) Turn) Box(double[] values, int end, string file, string place)
    {
        double[] box = values[..4], tail = values[end..];
        if (!Array.TrueForAll(box, double.IsFinite)) throw new AnnotationFileException(file, place, "its box has what is no number");
        if (tail is [_, _] || tail is [var only] && YoloTrackNumbers.IsOne(only) && (only > 1 || Set.KeyPoints.EndWithTracks))
        {
            PassOverTrack(file, place);
            tail = tail[..^1];
        }
        return (box, tail is [>= 0 and <= 1] ? (float)tail[0] : null, None);
    }

    private bool EndsWithTrack(double[] values) => YoloWords.EndsWithTrack(values) || (values.Length == 5 ? !problems.Refuses && Fifth.AreTracks
        : values.Length > 5 && YoloTrackNumbers.IsOne(values[^1]) && Set.Tracks.Ends(values));

    private void PassOverTrack(string file, string place)
    {
        if (problems.Refuses) throw new AnnotationFileException(file, place, "it ends with the number of a track");
        problems.NotedOnce(file, "lines end with the number of a track", "it is passed over");
    }

    private static string Coordinates(double[] values) => $"{values.Length} coordinates; a polygon has an even number of them, at least 6, and a box 4";
}
