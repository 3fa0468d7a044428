using CsCheck;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Pure.Masks;

public sealed class MaskGathererTests
{
    private const int Height = 40, Width = 50;

    private static MaskResult Of(BoxI box, float iou) => new() { Mask = Rle.FromBox(Height, Width, box), PredictedIou = iou };

    [Fact]
    public void AddCrop_SmallerCropFirst_ItsMaskWins()
    {
        var gatherer = new MaskGatherer(MaskThresholds.Sam, severalCrops: true);
        var small = Of(new(0, 0, 9, 9), 0.1f);
        Assert.Equal([small], gatherer.AddCrop([small]));
        Assert.Empty(gatherer.AddCrop([Of(new(0, 0, 9, 9), 0.9f)]));
    }

    [Fact]
    public void Finish_CorrectedMasks_ComeLastAndKeepTheirScores()
    {
        var holed = new MaskResult
        {
            Mask = Rle.FromBox(Height, Width, new(0, 0, 20, 20)).Subtract(Rle.FromBox(Height, Width, new(5, 5, 7, 7))),
            PredictedIou = 0.95f, StabilityScore = 0.97f,
        };
        MaskResult whole = Of(new(20, 10, 40, 30), 0.9f), twin = Of(new(20, 10, 40, 29), 0.8f);
        var gatherer = new MaskGatherer(MaskThresholds.SemanticSam, severalCrops: false);
        Assert.Equal([whole], gatherer.AddCrop([twin, holed, whole]));
        Assert.Equal([holed with { Mask = Rle.FromBox(Height, Width, new(0, 0, 20, 20)) }], gatherer.Finish());
    }

    [Fact]
    public void AddCrop_OverlapByMasks_KeepsAPartThatFillsTheBoxOfItsWhole()
    {
        var whole = Of(new(0, 0, 20, 20), 0.9f);
        // a diagonal
        var part = new MaskResult
        {
            Mask = Rle.Merge(Enumerable.Range(0, 20).Select(i => Rle.FromBox(Height, Width, new(i, i, i + 1, i + 1)))), PredictedIou = 0.8f,
        };
        Assert.Equal([whole], new MaskGatherer(MaskThresholds.Sam, false).AddCrop([whole, part]));
        Assert.Equal([whole, part], new MaskGatherer(MaskThresholds.Sam with { Overlap = OverlapMeasure.Masks }, false).AddCrop([whole, part]));
    }

    [Fact]
    public void AddCrop_MasksOfOneLabel_RepeatOneAnotherEarlier()
    {
        MaskResult person = Named("person", 0, 0.9f), again = Named("person", 3, 0.8f);
        MaskResult clothing = Named("clothing", 3, 0.7f), apart = Named("person", 20, 0.6f);
        var thresholds = MaskThresholds.Sam with { Overlap = OverlapMeasure.Masks };
        Assert.Equal([person, again, apart], new MaskGatherer(thresholds, false).AddCrop([apart, clothing, again, person]));
        // The second person repeats the first one, and does not stand in the way of its clothing.
        Assert.Equal([person, clothing, apart], new MaskGatherer(thresholds with { LabelNmsThreshold = 0.5 }, false).AddCrop([apart, clothing, again, person]));

        static MaskResult Named(string label, int left, float iou) => Of(new(left, 0, left + 10, 10), iou) with { Whole = new(label, 1) };
    }

    /// <summary>An unsure mask of a label that is a piece of a better one, or holds it, goes; a sure one stays, and so does one of another label.</summary>
    [Fact]
    public void AddCrop_PiecesOfOneLabel_GoWhereTheyAreNotSure()
    {
        var thresholds = MaskThresholds.Sam with { Overlap = OverlapMeasure.Masks, LabelNmsThreshold = 0.6 };
        MaskResult oven = Named("oven", new(0, 0, 20, 10), 0.8f), door = Named("oven", new(0, 0, 10, 10), 0.36f), both = Named("oven", new(0, 0, 38, 10), 0.3f);
        MaskResult beside = Named("oven", new(21, 0, 38, 10), 0.35f), sure = Named("oven", new(0, 0, 40, 10), 0.6f);
        MaskResult knob = Named("knob", new(0, 0, 4, 4), 0.3f);
        Assert.Equal([oven, beside, knob], new MaskGatherer(thresholds, false).AddCrop([both, door, oven, knob, beside]));
        Assert.Equal([oven, sure, knob], new MaskGatherer(thresholds, false).AddCrop([sure, door, oven, knob]));
        // A family whose masks have no labels compares none.
        Assert.Equal([oven, door], new MaskGatherer(thresholds with { LabelNmsThreshold = 1 }, false).AddCrop([door, oven]));

        static MaskResult Named(string label, BoxI box, float iou) => Of(box, iou) with { Whole = new(label, 1) };
    }

    /// <summary>What comes step by step is what the reference's three suppressions over everything at once give, in their order.</summary>
    [Fact]
    public void Gather_AnyCrops_EqualsTheReferenceAtOnce()
    {
        var box = Gen.Select(Gen.Int[0, 38], Gen.Int[0, 28], Gen.Int[1, 12], Gen.Int[1, 12], (x, y, w, h) => new BoxI(x, y, x + w, y + h));
        var mask = Gen.Select(box, box.Array[0, 2], Gen.Int[0, 5], (first, holes, iou) =>
            new MaskResult
            {
                Mask = holes.Aggregate(Rle.FromBox(Height, Width, first), (m, hole) => m.Subtract(Rle.FromBox(Height, Width, hole))), PredictedIou = iou / 5f,
            });
        Gen.Select(mask.Array[0, 15].Array[1, 4], Gen.Int[0, 1], Gen.Int[0, 8]).Sample((crops, overlap, area) =>
        {
            double nms = 0.5, cropNms = 0.3 + 0.4 * overlap;
            var thresholds = MaskThresholds.Sam with { NmsThreshold = nms, CropNmsThreshold = cropNms, MinRegionArea = area };
            // Areas that ascend: the order of the crops is that of their priority.
            var gatherer = new MaskGatherer(thresholds, crops.Length > 1);
            var steps = crops.SelectMany(c => gatherer.AddCrop(c)).ToList();
            steps.AddRange(gatherer.Finish());
            Assert.Equal(AtOnce(crops, nms, cropNms, area), steps);
        }, iter: 300);
    }

    private static IReadOnlyList<MaskResult> AtOnce(MaskResult[][] crops, double nms, double cropNms, int area)
    {
        var all = new List<MaskResult>();
        var scores = new List<float>();
        for (int c = 0; c < crops.Length; c++)
            foreach (int i in Nms.Keep([.. crops[c].Select(m => m.Box)], [.. crops[c].Select(m => m.PredictedIou)], nms))
            {
                all.Add(crops[c][i]);
                scores.Add(1f / (c + 1));
            }
        if (crops.Length > 1) all = [.. Nms.Keep([.. all.Select(m => m.Box)], [.. scores], cropNms).Select(i => all[i])];
        if (area == 0) return all;
        var cleaned = all.Select(m => (Mask: MaskRegions.Clean(m.Mask, area), Of: m)).ToList();
        var corrected = cleaned.Select(c => c.Mask.Changed ? c.Of with { Mask = c.Mask.Mask } : c.Of).ToList();
        return [.. Nms.Keep([.. corrected.Select(m => m.Box)], [.. cleaned.Select(c => c.Mask.Changed ? 0f : 1f)], Math.Max(nms, cropNms))
            .Select(i => corrected[i])];
    }
}
