using BenchmarkDotNet.Attributes;
using SemanticSam.Engine;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Sessions.Nano;
using SemanticSam.Granularity.Nano;
using SemanticSam.Imaging;
using SemanticSam.TextEncoder.Sentences;
using TorchSharp;

namespace SemanticSam.Bench;

/// <summary>
/// The new embedded family on an image of 640 x 480, seen at 448 pixels, with random weights: what encoding, a click and ten names cost does
/// not depend on them. Names that are found cost more, by the things that they are divided into.
/// </summary>
public class NanoBenchmarks : DeviceBenchmark
{
    private static readonly string[] Ten = ["person", "dog", "car", "chair", "tree", "wheel", "head", "sofa", "bottle", "sky"];

    private NanoSegmenter _model = null!;
    private EncodedImage _encoded = null!;
    private RgbImage _image = null!;
    private IReadOnlyList<ReadName> _names = null!;

    protected override (double, string) Yield => (1, "images");

    protected override void Prepare()
    {
        _image = new RgbImage(640, 480);
        new Random(1).NextBytes(_image.Pixels);
        var network = new NanoModel(new());
        network.to(On);
        using var json =
            new MemoryStream(System.Text.Encoding.UTF8.GetBytes($$"""{"wholes": [{{string.Join(',', Ten.Select(n => $$"""{"name": "{{n}}"}"""))}}]}"""));
        var random = new Random(2);
        var remembered = Ten.Select(n => (n, Enumerable.Range(0, 384).Select(_ => (float)(random.NextDouble() - 0.5) / 5.6f).ToArray()));
        var text = new SentenceText(384, On, () => throw new NotSupportedException("All names are remembered."));
        _model = new NanoSegmenter(network, new NanoNames(NameVocabulary.Read(json), text, remembered, new()), new("bench", 448, "00"), new(), On);
        _encoded = _model.Encode(_image);
        _names = _model.NameBook.Read(Ten);
    }

    protected override void Release()
    {
        _encoded.Dispose();
        _model.Dispose();
    }

    /// <summary>Resize, backbone, pyramid, pixel embeddings, mask features.</summary>
    [Benchmark]
    public void Encode()
    {
        _model.Encode(_image).Dispose();
        Wait();
    }

    /// <summary>Six masks at the image's size.</summary>
    [Benchmark]
    public int Click() => _encoded.AnswerPlaces([Prompt.At(320, 240)], new([]))[0].Count;

    /// <summary>Whether each of ten names is there; what is not is never drawn.</summary>
    [Benchmark]
    public float[]? PresenceOfTenNames() => _encoded.PresenceOf(_names);

    /// <summary>An eighth of everything mode's grid, looked at coarsely, the promising ones drawn.</summary>
    [Benchmark]
    public int SixtyFourClicks()
    {
        using var clicks = _encoded.OpenClicks(new(null, []));
        using var decoded = clicks.Decode([.. Enumerable.Range(0, 64).Select(i => (i % 8 * 80.0 + 40, i / 8 * 60.0 + 30))]);
        return decoded.PredictedIous.Count(s => s > 0.42);
    }
}

/// <summary>
/// Everything mode with the embedded model as it comes, on a photograph, encoding apart: a grid of clicks, each looked at coarsely, what passes the model's
/// own filters drawn. What it costs depends on the image: on how much passes.
/// </summary>
public class NanoEverythingBenchmarks : DeviceBenchmark
{
    private SegmentationModel _model = null!;
    private ImageSession _session = null!;

    [Params(16, 32)]
    public int Side { get; set; }

    protected override (double, string) Yield => (Side * Side, "prompts");

    protected override void Prepare()
    {
        using var photo = typeof(NanoEverythingBenchmarks).Assembly.GetManifestResourceStream("photo.jpg")!;
        using var file = new MemoryStream();
        photo.CopyTo(file);
        _model = SegmentationModel.Default(new() { Device = Device });
        _session = _model.Open(ImageDecoder.Decode(file.ToArray()));
    }

    protected override void Release()
    {
        _session.Dispose();
        _model.Dispose();
    }

    [Benchmark]
    public async Task<int> Everything()
    {
        int count = 0;
        await foreach (var _ in _session.SegmentEverything(new EverythingOptions { PointsPerSide = Side })) count++;
        Wait();
        return count;
    }
}
