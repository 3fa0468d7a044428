using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Evaluation.Coco;

namespace SemanticSam.Tests.Training.Evaluation.Coco;

public sealed class CocoEvaluatorTests
{
    private const int Height = 160, Width = 200, Images = 4;

    [SkippableTheory]
    [InlineData("bbox")]
    [InlineData("segm")]
    public void Summarize_GoldenSet_EqualsPycocotoolsToTheLastDigit(string kind)
    {
        var golden = Golden.Load("rsprompter/coco_eval.safetensors");
        var (truths, detections) = Read(golden);
        var evaluator = new CocoEvaluator(kind == "bbox" ? CocoMeasure.Boxes : CocoMeasure.Masks);
        for (int image = 0; image < Images; image++) evaluator.Add([.. truths[image]], [.. detections[image]]);
        var s = evaluator.Summarize();
        double?[] stats = [s.Ap, s.Ap50, s.Ap75, s.ApSmall, s.ApMedium, s.ApLarge, s.Ar100, s.ArSmall, s.ArMedium, s.ArLarge];
        Assert.Equal(golden[$"{kind}.stats"].Doubles, stats.Select(v => v!.Value));
        Assert.Equal(golden[$"{kind}.ap_per_class"].Doubles, s.Classes.Select(c => c.Ap!.Value));
        Assert.True(s.Ar1 <= s.Ar10 && s.Ar10 <= s.Ar100);
    }

    [Fact]
    public void Summarize_OneObjectFoundAmongTwo_ReadsPrecisionAtTheRecallReached()
    {
        // One of two objects is found exactly, by the surer of two detections: precision 1 up to a recall of 0.5, then nothing.
        var evaluator = new CocoEvaluator(CocoMeasure.Boxes);
        evaluator.Add([Truth(0, 0), Truth(100, 0)], [Found(0, 0, 0.9), Found(50, 50, 0.3)]);
        var summary = evaluator.Summarize();
        Assert.Equal(51 / 101.0, summary.Ap!.Value, 12);
        Assert.Equal(0.5, summary.Ar100);
        Assert.Equal(summary.Ap, summary.ApSmall); // 20 x 20
        Assert.Null(summary.ApLarge);
    }

    [Fact]
    public void Summarize_SurerMistake_CostsPrecision()
    {
        var evaluator = new CocoEvaluator(CocoMeasure.Boxes);
        evaluator.Add([Truth(0, 0)], [Found(0, 0, 0.3), Found(50, 50, 0.9)]);
        Assert.Equal(0.5, evaluator.Summarize().Ap!.Value, 12);
    }

    [Fact]
    public void Summarize_DetectionsInACrowd_CountNeitherAsRightNorAsWrong()
    {
        var evaluator = new CocoEvaluator(CocoMeasure.Boxes);
        var crowd = new CocoTruth(0, new(100, 100, 60, 40), 2400, IsCrowd: true);
        evaluator.Add([Truth(0, 0), crowd], [Found(0, 0, 0.5), Found(105, 105, 0.9), Found(120, 110, 0.8)]);
        var summary = evaluator.Summarize();
        Assert.Equal(1, summary.Ap!.Value, 12); // pycocotools adds the spacing of 1 below the line
        Assert.Equal(1, summary.Classes[0].Objects);
    }

    [Fact]
    public void Summarize_SomeClasses_LeavesTheOthersOut()
    {
        var evaluator = new CocoEvaluator(CocoMeasure.Boxes);
        evaluator.Add([Truth(0, 0), Truth(100, 0, 1)], [Found(0, 0, 0.5)]);
        Assert.Equal(1, evaluator.Summarize([0]).Ap!.Value, 12);
        Assert.Equal(0, evaluator.Summarize([1]).Ap);
        Assert.Equal(0.5, evaluator.Summarize().Ap!.Value, 12);
        Assert.Null(evaluator.Summarize([7]).Ap);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(129)]
    [InlineData(3030)]
    public void PairwiseSum_AnyLength_AddsAll(int count)
    {
        double[] values = [.. Enumerable.Range(1, count).Select(i => (double)i)];
        Assert.Equal(count * (count + 1.0) / 2, PairwiseSum.Of(values)); // whole numbers are exact in any order
    }

    private static CocoTruth Truth(double x, double y, int @class = 0) => new(@class, new(x, y, 20, 20), 400);

    private static CocoDetection Found(double x, double y, double score) => new(0, score, new(x, y, 20, 20));

    private static (ILookup<int, CocoTruth> Truths, ILookup<int, CocoDetection> Detections) Read(Golden golden)
    {
        double[] gt = golden["gt"].Doubles, det = golden["det"].Doubles;
        const int Columns = 7;
        return (Rows(gt).ToLookup(r => (int)r.V[0], r => new CocoTruth((int)r.V[1] - 1, Box(r.V), r.V[6], Mask("gt_mask_bits", r.At))),
            Rows(det).ToLookup(r => (int)r.V[0], r => new CocoDetection((int)r.V[1] - 1, r.V[6], Box(r.V), Mask("det_mask_bits", r.At))));

        static IEnumerable<(double[] V, int At)> Rows(double[] all) => all.Chunk(Columns).Select((v, i) => (v, i));

        static CocoBox Box(double[] v) => new(v[2], v[3], v[4] - v[2], v[5] - v[3]);

        Rle Mask(string name, int row)
        {
            byte[] bits = golden[name].Raw;
            int bytes = Width * Height / 8;
            var pixels = new byte[Width * Height];
            for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)(bits[row * bytes + i / 8] >> 7 - i % 8 & 1);
            return Rle.FromBytes(pixels, Height, Width);
        }
    }
}
