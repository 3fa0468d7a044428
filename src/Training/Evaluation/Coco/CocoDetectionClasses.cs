using SemanticSam.Formats;

namespace SemanticSam.Training.Evaluation.Coco;

/// <summary>A detection whose class is a number that is yet to be understood.</summary>
/// <param name="Image">Where it was found.</param>
/// <param name="Number">The number; null where the class is known by its name.</param>
/// <param name="Found">What was found; its class holds only where <paramref name="Number"/> is null.</param>
/// <param name="Place">What messages call it.</param>
internal sealed record CocoNumbered(CocoImage Image, long? Number, CocoDetection Found, string Place);

/// <summary>
/// What numbers of classes mean that are not all ids of the annotations: programs that know no ids count the categories, from 0 or from 1, in the order of
/// their ids. Then they meet more objects of their class than as ids.
/// </summary>
internal static class CocoDetectionClasses
{
    private const double Meets = 0.5;

    private readonly record struct Reading(int First, string What);

    private static readonly Reading[] Counts = [new(0, "counted from 0, in the order of the ids"), new(1, "counted from 1, in the order of the ids")];

    /// <summary>Understands them; those of which it is not clear what they mean are reported.</summary>
    /// <param name="found">All detections.</param>
    /// <param name="lookup">The classes by id.</param>
    /// <param name="count">How many classes there are.</param>
    /// <param name="areNames">
    /// Whether the numbers stand in the place of names, as in labels of YOLO whose names nobody tells, and are places rather than ids.
    /// </param>
    /// <param name="report">Told of what was assumed or left out.</param>
    /// <param name="file">What messages call the file.</param>
    public static IEnumerable<(CocoImage, CocoDetection)> Understand(IReadOnlyList<CocoNumbered> found, CocoLookup lookup, int count, bool areNames,
        FormatReport report, string file)
    {
        var reading = Choose(found, lookup, count, areNames, report, file);
        foreach (var d in found)
        {
            if (d.Number is not { } number) yield return (d.Image, d.Found);
            else if ((reading is { } places ? Place(number, places, count) : lookup.ClassOf(number)) is { } @class)
                yield return (d.Image, d.Found with { Class = @class });
            else if (areNames) report.LeftOut(file, d.Place, $"the category '{number}' is not among those of the annotations");
            else
                report.LeftOut(file, d.Place, $"category_id {number} is not among those of the annotations"
                    + (number == 0 && lookup.LeastClass == 1 ? ", which count from 1; the detections seem to count from 0" : ""));
        }
    }

    private static Reading? Choose(IReadOnlyList<CocoNumbered> found, CocoLookup lookup, int count, bool areNames, FormatReport report, string file)
    {
        long[] numbers = [.. found.Select(d => d.Number).OfType<long>().Distinct()];
        if (numbers.Length == 0 || report.Refuses && !areNames) return null;
        bool areIds = numbers.All(n => lookup.ClassOf(n) is not null);
        if (areIds && !areNames) return null;
        int asIds = Met(found, n => lookup.ClassOf(n));
        foreach (var places in areNames ? Counts[..1] : Counts)
        {
            if (!numbers.All(n => Place(n, places, count) is not null)) continue;
            int asPlaces = Met(found, n => Place(n, places, count));
            if (areNames && asPlaces >= asIds)
            {
                report.NotedOnce(file, "classes of detections have no names, but numbers", $"they are places among the categories, {places.What}");
                return places;
            }
            if (asPlaces <= asIds) continue;
            report.Repaired(file, "", $"category_id is not always an id of the annotations; {places.What}, {asPlaces:N0} of {found.Count:N0} detections "
                + $"meet an object of their class, as ids {asIds:N0}", $"categories are {places.What}");
            return places;
        }
        return null;
    }

    /// <summary>The class at a place; null where there is none. Classes lie in the order of their ids.</summary>
    private static int? Place(long number, Reading places, int count) =>
        number - places.First is >= 0 and var at && at < count ? (int)at : null;

    /// <summary>How many meet an object of their class.</summary>
    private static int Met(IReadOnlyList<CocoNumbered> found, Func<long, int?> classOf) => found.Count(d => d.Number is { } number
        && classOf(number) is { } @class && d.Image.Truths.Any(t => t.Class == @class && d.Found.Box.IoU(t.Box, isCrowd: false) >= Meets));
}
