using BenchmarkDotNet.Attributes;
using SemanticSam.Engine;
using SemanticSam.Imaging;

namespace SemanticSam.Bench;

/// <summary>The main job with the embedded model on a 640 x 480 image, through the public API: what a caller waits for.</summary>
public class MainJobBenchmarks
{
    private SegmentationModel _model = null!;
    private RgbImage _image = null!;
    private ImageSession _session = null!;

    [GlobalSetup]
    public void Setup()
    {
        _model = SegmentationModel.Default();
        _image = new RgbImage(640, 480);
        new Random(1).NextBytes(_image.Pixels);
        _session = _model.Open(_image);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _session.Dispose();
        _model.Dispose();
    }

    /// <summary>Resize, backbone, pixel decoder.</summary>
    [Benchmark]
    public void Encode()
    {
        using var session = _model.Open(_image);
    }

    /// <summary>A further click: six masks at the image's size.</summary>
    [Benchmark]
    public int Click() => _session.Segment(Prompt.At(320, 240), new SegmentOptions { Vocabulary = [] }).Count;

    /// <summary>A further click, labeled with the model's own vocabulary.</summary>
    [Benchmark]
    public int LabeledClick() => _session.Segment(Prompt.At(320, 240)).Count;

    /// <summary>Four names at once; their embeddings are cached after the first call.</summary>
    [Benchmark]
    public int FourNames() => _session.Segment(Prompt.Named("car", "person", "wheel", "head")).Count;
}
