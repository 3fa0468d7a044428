using SemanticSam.Masks;
using SemanticSam.Training.Evaluation.Cases;

namespace SemanticSam.Training.Evaluation.Coco;

/// <summary>
/// The images that detections suit least, over all classes and class by class. COCO's figures are of a set and say nothing of an image, so images are
/// ordered by the panoptic quality (arXiv 1801.00868) of their sure detections: the IoU of those that meet an object, over the mean of what was to be found
/// and what was found.
/// </summary>
internal static class CocoWorstImages
{
    /// <summary>What the page calls images with all of their classes.</summary>
    public const string AllClasses = "All classes";

    /// <summary>Detections below this score decide a curve, but nobody looks at them.</summary>
    public const double LeastScore = 0.3;

    private const double Meets = 0.5;

    /// <summary>Offers every image whose file is there.</summary>
    /// <param name="cases">Keeps the worst.</param>
    /// <param name="set">What is annotated.</param>
    /// <param name="found">By image id.</param>
    /// <returns>How many there are.</returns>
    public static int Offer(WorstCases cases, CocoSet set, ILookup<long, CocoDetection> found)
    {
        var (images, classes) = set;
        int offered = 0;
        foreach (var image in images)
        {
            if (!File.Exists(image.Path)) continue;
            offered++;
            var truths = image.Truths.Where(t => !t.IsCrowd).ToLookup(t => t.Class);
            var sure = found[image.Id].Where(d => d.Score >= LeastScore).ToLookup(d => d.Class);
            var ofClasses = truths.Select(g => g.Key).Union(sure.Select(g => g.Key)).Order()
                .Select(c => (Class: c, Matched: Matched.Of([.. truths[c]], [.. sure[c]]))).ToArray();
            if (ofClasses.Length == 0) continue;
            Take(AllClasses, [.. ofClasses.Select(c => c.Class)], ofClasses.Select(c => c.Matched).Aggregate((a, b) => a + b));
            foreach (var (one, matched) in ofClasses) Take(classes[one].Name, [one], matched);

            void Take(string measure, int[] among, Matched quality)
            {
                string caption = string.Join("; ", ofClasses.Where(c => among.Contains(c.Class)).Select(c => c.Matched.Say(classes[c.Class].Name)));
                cases.Offer(measure, quality.Value, image.Path, $"{caption}. Quality {quality.Value:0.00}.",
                    [.. among.SelectMany(c => truths[c]).Select(t => t.Mask ?? Drawn(t.Box, image))],
                    [.. among.SelectMany(c => sure[c]).Select(d => d.Mask ?? Drawn(d.Box, image))]);
            }
        }
        return offered;
    }

    private static Rle Drawn(CocoBox box, CocoImage image)
    {
        int left = (int)Math.Clamp(Math.Round(box.X), 0, image.Width - 1), top = (int)Math.Clamp(Math.Round(box.Y), 0, image.Height - 1);
        return Rle.FromBox(image.Height, image.Width, new(left, top, (int)Math.Clamp(Math.Round(box.X + box.Width), left + 1, image.Width),
            (int)Math.Clamp(Math.Round(box.Y + box.Height), top + 1, image.Height)));
    }

    /// <summary>Objects and detections of an image that are each other's, the surest detection first.</summary>
    /// <param name="Overlap">Sum of the IoU of pairs.</param>
    /// <param name="Pairs">How many.</param>
    /// <param name="Objects">To be found.</param>
    /// <param name="Detections">Found.</param>
    private readonly record struct Matched(double Overlap, int Pairs, int Objects, int Detections)
    {
        public double Value => Objects + Detections == 0 ? 1 : 2 * Overlap / (Objects + Detections);

        public static Matched operator +(Matched a, Matched b) =>
            new(a.Overlap + b.Overlap, a.Pairs + b.Pairs, a.Objects + b.Objects, a.Detections + b.Detections);

        public static Matched Of(List<CocoTruth> truths, IReadOnlyList<CocoDetection> sure)
        {
            var matched = new Matched(0, 0, truths.Count, sure.Count);
            foreach (var detection in sure.OrderByDescending(d => d.Score))
            {
                var (best, truth) = truths.Select(t => (IoU(t, detection), t)).DefaultIfEmpty().MaxBy(p => p.Item1);
                if (best < Meets) continue;
                truths.Remove(truth!);
                matched += new Matched(best, 1, 0, 0);
            }
            return matched;
        }

        public string Say(string name) => $"{name} {Pairs} of {Objects}" + (Detections > Pairs ? $", {Detections - Pairs} wrong" : "");

        private static double IoU(CocoTruth truth, CocoDetection detection) =>
            truth.Mask is { } there && detection.Mask is { } mask ? mask.IoU(there) : detection.Box.IoU(truth.Box, isCrowd: false);
    }
}
