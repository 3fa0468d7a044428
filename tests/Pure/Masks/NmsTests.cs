using CsCheck;
using SemanticSam.Masks;
using SemanticSam.Tests.Pure.Support;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Masks;

public sealed class NmsTests
{
    private static Golden Pieces => AmgPieces.Tensors;

    private static BoxF[] Boxes(GoldenTensor t) => [.. t.Floats.Chunk(4).Select(b => new BoxF(b[0], b[1], b[2], b[3]))];

    /// <summary>Names before ".boxes" of which the file holds what is kept.</summary>
    public static TheoryData<string> Sets() =>
        Fixtures.Cases(() => Pieces.Tensors.Keys.Where(n => n.EndsWith(".boxes", StringComparison.Ordinal)).Select(n => n[..^".boxes".Length])
        .Where(name => Pieces.Tensors.Keys.Any(n => n.StartsWith($"{name}.keep.", StringComparison.Ordinal))));

    [SkippableTheory]
    [MemberData(nameof(Sets))]
    public void Keep_GoldenBoxes_GivesReferenceIndices(string name)
    {
        var boxes = Boxes(Pieces[$"{name}.boxes"]);
        var cases = Pieces.Tensors.Where(t => t.Key.StartsWith($"{name}.keep.", StringComparison.Ordinal)).ToList();
        bool ordered = boxes.Length <= 1000; // beyond, the reference's order among equal scores is unspecified
        foreach (var (key, keep) in cases)
        {
            double threshold = double.Parse(key[$"{name}.keep.".Length..], System.Globalization.CultureInfo.InvariantCulture);
            long[] kept = [.. Nms.Keep(boxes, Pieces[$"{name}.scores"].Floats, threshold).Select(i => (long)i)];
            Assert.Equal(ordered ? keep.Integers : [.. keep.Integers.Order()], ordered ? kept : [.. kept.Order()]);
        }
    }

    [SkippableFact]
    public void KeepByClass_GoldenBoxes_GivesReferenceIndices()
    {
        var cases = Pieces.Tensors.Where(t => t.Key.StartsWith("nms.keep_by_class.", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(cases);
        int[] classes = [.. Pieces["nms.classes"].Integers.Select(c => (int)c)];
        foreach (var (key, keep) in cases)
        {
            double threshold = double.Parse(key["nms.keep_by_class.".Length..], System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(keep.Integers, Nms.KeepByClass(Boxes(Pieces["nms.boxes"]), Pieces["nms.scores"].Floats, classes, threshold).Select(i => (long)i));
        }
    }

    private static readonly Gen<BoxF> GenBox =
        from x in Gen.Int[0, 20] from y in Gen.Int[0, 20] from w in Gen.Int[0, 12] from h in Gen.Int[0, 12] select new BoxF(x, y, x + w, y + h);

    private static readonly Gen<(BoxF[] Boxes, float[] Scores, double Threshold)> GenCase =
        from boxes in GenBox.Array[0, 60] from scores in Gen.Int[0, 9].Array[boxes.Length] from t in Gen.Double[0, 1]
        select (boxes, Array.ConvertAll(scores, s => s / 9f), t);

    [Fact]
    public void Keep_AnyBoxes_KeptAreApartAndEveryOtherHasAReason() => GenCase.Sample(c =>
    {
        int[] kept = Nms.Keep(c.Boxes, c.Scores, c.Threshold);
        int[] order = [.. Enumerable.Range(0, c.Boxes.Length).OrderByDescending(i => c.Scores[i])];
        Assert.Equal(order.Where(kept.Contains), kept); // best first, ties in input order
        for (int i = 0; i < kept.Length; i++)
            for (int j = 0; j < i; j++) Assert.False(BoxF.IoU(c.Boxes[kept[i]], c.Boxes[kept[j]]) > c.Threshold);
        foreach (int i in order.Except(kept))
            Assert.Contains(kept, k => BoxF.IoU(c.Boxes[k], c.Boxes[i]) > c.Threshold && Array.IndexOf(order, k) < Array.IndexOf(order, i));
        Assert.Equal(kept.Length, Nms.Keep([.. kept.Select(k => c.Boxes[k])], [.. kept.Select(k => c.Scores[k])], c.Threshold).Length);
    });

    [Fact]
    public void KeepMasks_Rectangles_AgreesWithKeep() => GenCase.Sample(c =>
    {
        // Boxes without area have no counterpart among masks.
        var boxes = Array.ConvertAll(c.Boxes, b => b with { X2 = b.X2 + 1, Y2 = b.Y2 + 1 });
        var masks = Array.ConvertAll(boxes, b => Rle.FromBox(40, 40, new((int)b.X1, (int)b.Y1, (int)b.X2, (int)b.Y2)));
        // 0.61 lies between all quotients of small whole numbers that occur, so rounding cannot matter.
        double threshold = Math.Round(c.Threshold, 1) + 0.0101;
        Assert.Equal(Nms.Keep(boxes, c.Scores, threshold), Nms.KeepMasks(masks, c.Scores, threshold));
    });

    [Fact]
    public void Keep_NaN_ScoresComeFirstAndBoxesNeverSuppress()
    {
        BoxF box = new(0, 0, 10, 10), odd = new(0, 0, 10, float.NaN);
        Assert.Equal([2, 1], Nms.Keep([box, odd, box], [0.5f, 0.6f, float.NaN], 0.5));
    }

    [Fact]
    public void KeepByClass_ManyBoxes_SuppressesWithinClassesOnly()
    {
        var boxes = Enumerable.Repeat(new BoxF(0, 0, 9, 9), 1500).ToArray();
        int[] classes = [.. Enumerable.Range(0, 1500).Select(i => i % 3)];
        var scores = Enumerable.Repeat(0.5f, 1500).ToArray();
        Assert.Equal([0, 1, 2], Nms.KeepByClass(boxes, scores, classes, 0.5));
        Assert.Equal([0, 1, 2], Nms.KeepByClass(boxes[..900], scores[..900], classes[..900], 0.5));
    }

    [Fact]
    public void Keep_LengthsDiffer_Refuses() => Assert.Throws<ArgumentException>(() => Nms.Keep(new BoxF[2], new float[3], 0.5));
}
