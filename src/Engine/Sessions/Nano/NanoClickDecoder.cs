using SemanticSam.Granularity.Nano;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.Nano;

/// <summary>
/// Clicks of everything mode: all levels of all clicks are looked at coarsely, which gives their scores; what is unstable there, or what a
/// better mask of the same batch shows already, is not drawn.
/// </summary>
/// <param name="image">The image.</param>
/// <param name="request">What is wanted.</param>
/// <param name="labels">What labels masks; null for no labels.</param>
internal sealed class NanoClickDecoder(NanoEncodedImage image, ClickRequest request, NanoLabels? labels) : ClickDecoder
{
    /// <summary>
    /// Coarse masks of one batch whose IoU exceeds this are one mask: finely drawn they would all but surely exceed the 0.7 of everything mode.
    /// </summary>
    private const double SameMask = 0.85;

    /// <summary>The hidden layers of a small network are this many times its logits, and exist a few times over.</summary>
    private const int HiddenWidth = 8, Copies = 3;

    public override ClickMemory Memory
    {
        get
        {
            long cells = image.Answers.Height * image.Answers.Width * sizeof(float), levels = GranularityMap.All.Count;
            return new(Attend: PlaceHead.PromptMaps * Copies * cells + levels * HiddenWidth * Copies * cells / 4, Kept: (PlaceHead.PromptMaps + levels) * cells,
                Draw: levels * HiddenWidth * Copies * cells);
        }
    }

    public override DecodedClicks Decode(IReadOnlyList<(double X, double Y)> points)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        NanoPlace[] places = [.. points.Select(p => image.Places.Cell(p.X, p.Y)).Select(c => new NanoPlace { Clicks = [(c.X, c.Y, true)] })];
        var (masks, quality, drawing) = image.Answers.Look(places);
        int slots = drawing.Slots;
        int[] wanted = [.. (request.Levels ?? GranularityMap.All).Where(l => (int)l <= slots).Select(l => slots - (int)l)];
        int[] rows = [.. Enumerable.Range(0, places.Length).SelectMany(p => wanted.Select(w => p * slots + w))];
        float[] ious = Array.ConvertAll(rows, r => quality[r]);
        float[] raw = [.. ious];
        for (int i = 0; i < ious.Length; i++) ious[i] = image.Calibration.Of(ScoreKind.PredictedIou, ious[i]);
        Suppress(masks, rows, ious);
        return new Decoded(image, drawing.With(t => t.DetachFromDisposeScope()), wanted, slots, raw, ious, labels);
    }

    /// <summary>Gives masks that a better one repeats a predicted IoU of 0, so that they are not drawn.</summary>
    private static void Suppress(CellMasks masks, int[] rows, float[] ious)
    {
        int[] areas = Array.ConvertAll(rows, masks.Area);
        var kept = new List<int>();
        foreach (int row in Enumerable.Range(0, ious.Length).OrderByDescending(i => ious[i]))
            if (kept.Exists(k => IsSame(k, row))) ious[row] = 0;
            else kept.Add(row);

        bool IsSame(int a, int b)
        {
            int both = masks.Shared(rows[a], masks.Bits(rows[b]));
            return both > SameMask * Math.Max(1, areas[a] + areas[b] - both);
        }
    }

    private sealed class Decoded(NanoEncodedImage image, PlaceDrawing drawing, int[] wanted, int slots, float[] raw, float[] ious, NanoLabels? labels)
        : DecodedClicks
    {
        /// <summary>What the network itself thinks less of than this was in no fit of what masks are worth, and is all but never of worth.</summary>
        private const float LeastQuality = 0.2f;

        private readonly Dictionary<int, (NanoLabel Wanted, NanoLabel Own)> _labels = [];

        public override int RowsPerClick => wanted.Length;

        public override float[] PredictedIous => ious;

        public override GranularityLevel LevelOf(int row) => NanoSegmenter.LevelOf(wanted[row % wanted.Length], slots);

        public override bool IsPromising(int row, MaskFilter filter) =>
            image.Calibration.FoundMasks is null ? base.IsPromising(row, filter) : ious[row] > 0 && (raw[row] > LeastQuality || filter.IsPromising(0));

        public override MaskResult? Judge(int row, MaskResult mask, MaskFilter filter)
        {
            var names = _labels[row].Own;
            mask = mask with
            {
                LabelEvidence = _labels[row].Wanted.Evidence ?? LabelChoices.None,
                Evidence = new(raw[row], mask.StabilityScore, mask.Area / ((double)image.Width * image.Height), LevelOf(row), names.WholeFit, names.PartFit),
            };
            if (image.Calibration.FoundMasks is not { } judge) return mask;
            float worth = judge.Of(mask.Evidence.Value);
            return filter.IsPromising(worth) ? mask with { PredictedIou = worth } : null;
        }

        public override (ScoredLabel? Whole, ScoredLabel? Part) LabelsOf(int row) => (_labels[row].Wanted.Whole, _labels[row].Wanted.Part);

        public override float[] Draw(ReadOnlySpan<int> rows)
        {
            using var scope = NewDisposeScope();
            int[] chosen = rows.ToArray();
            float[] low = image.Answers.Draw(drawing, [.. chosen.Select(r => new PlaceAnswer(r / wanted.Length, wanted[r % wanted.Length]))]);
            int plane = low.Length / chosen.Length;
            for (int i = 0; i < chosen.Length; i++)
            {
                var own = image.OwnLabels.Of(low.AsSpan(i * plane, plane));
                _labels[chosen[i]] = (ReferenceEquals(labels, image.OwnLabels) ? own : labels?.Of(low.AsSpan(i * plane, plane)) ?? default, own);
            }
            return low;
        }

        public override void Dispose() => drawing.Dispose();
    }
}
