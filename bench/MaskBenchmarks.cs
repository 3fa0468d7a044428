using BenchmarkDotNet.Attributes;
using SemanticSam.Masks;
using SemanticSam.Training.Losses;

namespace SemanticSam.Bench;

/// <summary>Masks without a model: a megapixel mask of discs and checks (14,000 runs), and 1,000 wavy discs at 640 x 480.</summary>
[MemoryDiagnoser]
public class MaskBenchmarks
{
    private const int Side = 1024;
    private readonly byte[] _pixels = new byte[Side * Side];
    private readonly float[] _logits = new float[Side * Side];
    private readonly Rle[] _masks = new Rle[1000];
    private readonly float[] _scores = new float[1000], _cost = new float[316 * 60];
    private BoxF[] _boxes = [];
    private Rle _mask = Rle.Empty(1, 1);
    private string _text = "";

    [GlobalSetup]
    public void Setup()
    {
        for (int i = 0; i < _pixels.Length; i++)
        {
            int x = i % Side - 500, y = i / Side - 480;
            _pixels[i] = (byte)(x * x + y * y < 300 * 300 || (x / 40 + y / 40) % 3 == 0 ? 1 : 0);
            _logits[i] = _pixels[i] * 2 - 1;
        }
        _mask = Rle.FromBytes(_pixels, Side, Side);
        _text = _mask.ToCompressedString();
        var random = new Random(5);
        for (int i = 0; i < _masks.Length; i++)
        {
            _masks[i] = WavyDisc(random);
            _scores[i] = random.NextSingle();
        }
        _boxes = Array.ConvertAll(_masks, m => m.InclusiveBox);
        for (int i = 0; i < _cost.Length; i++) _cost[i] = random.NextSingle();
    }

    [Benchmark] public Rle EncodeBytes() => Rle.FromBytes(_pixels, Side, Side);

    [Benchmark] public Rle EncodeLogits() => Rle.FromLogits(_logits, Side, Side);

    [Benchmark] public void Decode() => _mask.CopyTo(_pixels);

    [Benchmark] public string WriteText() => _mask.ToCompressedString();

    [Benchmark] public Rle ReadText() => Rle.FromCompressedString(Side, Side, _text);

    [Benchmark] public double Iou() => _mask.IoU(_mask);

    [Benchmark] public float StabilityScore() => Stability.Score(_logits);

    [Benchmark] public Rle RemoveSmallRegions() => MaskRegions.Clean(_mask, 100).Mask;

    [Benchmark] public int TraceContours() => Contours.Trace(_mask).Count;

    [Benchmark] public (int, int) InnermostPixel() => DistanceTransform.FindClick(_mask);

    [Benchmark] public int[] BoxNms1000() => Nms.Keep(_boxes, _scores, 0.7);

    [Benchmark] public int[] MaskNms1000() => Nms.KeepMasks(_masks, _scores, 0.7);

    [Benchmark] public PartTree PartTree1000() => PartTree.Build(_masks);

    [Benchmark] public (int[], int[]) Assign316x60() => LinearAssignment.Solve(_cost, 316, 60);

    private static Rle WavyDisc(Random random)
    {
        double cx = random.Next(640), cy = random.Next(480), radius = 5 + 150 * Math.Pow(random.NextDouble(), 3), waves = random.Next(3, 12);
        var outline = new (double, double)[90];
        for (int k = 0; k < outline.Length; k++)
        {
            double angle = k * Math.Tau / outline.Length, r = radius * (1 + 0.2 * Math.Sin(waves * angle));
            outline[k] = (cx + r * Math.Cos(angle), cy + r * Math.Sin(angle));
        }
        return PolygonFill.Fill([outline], 480, 640);
    }
}
