using BenchmarkDotNet.Attributes;
using SemanticSam.Engine;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Sessions.Sam;
using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Sam;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Bench;

/// <summary>How much work the parts of SAM are, as they are written in the original.</summary>
internal static class SamWork
{
    /// <summary>Multiply-adds of the decoder a prompt (3 masks, 4,096 positions).</summary>
    public const double DecoderMacs = 1.75e9;

    public static SamConfig Config(string model) => model switch
    {
        "mobile-sam" => SamConfig.MobileSam,
        "vit-b" => SamConfig.VitB,
        "vit-l" => SamConfig.VitL,
        _ => SamConfig.VitH,
    };

    /// <summary>Multiply-adds of an image encoder: TinyViT's as counted once, a ViT's from its sizes.</summary>
    public static double EncoderMacs(SamConfig config)
    {
        if (config.Vit is not { } vit) return 38e9;
        double width = vit.Width, tokens = (double)vit.Grid * vit.Grid, windows = Math.Ceiling(vit.Grid / (double)vit.Window);
        double window = (double)vit.Window * vit.Window, padded = windows * windows * window;
        double Block(double attended, double keys, double side) => attended * 4 * width * width + 2 * attended * keys * width + attended * 2 * side * width
            + tokens * 2 * vit.MlpRatio * width * width;
        double neck = tokens * (width * vit.Output + 9.0 * vit.Output * vit.Output), patches = tokens * 3 * vit.Patch * vit.Patch * width;
        return patches + vit.GlobalBlocks.Count * Block(tokens, tokens, vit.Grid)
            + (vit.Depth - vit.GlobalBlocks.Count) * Block(padded, window, vit.Window) + neck;
    }

    public static SamModel Model(string model, Device device)
    {
        var made = new SamModel(Config(model));
        made.to(device);
        made.Freeze();
        return made;
    }

    public static RgbImage Image(int width, int height)
    {
        var image = new RgbImage(width, height);
        new Random(1).NextBytes(image.Pixels);
        return image;
    }
}

/// <summary>Image encoders on the 1024 x 1024 that they see, random weights.</summary>
public class SamEncoderBenchmarks : DeviceBenchmark
{
    private SamModel _model = null!;
    private Tensor _pixels = null!;

    [Params("mobile-sam", "vit-b", "vit-l", "vit-h")]
    public string Model { get; set; } = "";

    protected override double Macs => SamWork.EncoderMacs(SamWork.Config(Model));

    protected override (double, string) Yield => (1, "images");

    protected override void Prepare()
    {
        _model = SamWork.Model(Model, On);
        _pixels = randn(1, 3, 1024, 1024, device: On);
    }

    protected override void Release()
    {
        _pixels.Dispose();
        _model.Dispose();
    }

    [Benchmark]
    public void Encode()
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        _model.ImageEncoder.call(_pixels);
        Wait();
    }
}

/// <summary>A click each.</summary>
public abstract class SamPromptsBenchmark : DeviceBenchmark
{
    private protected SamModel Sam { get; private set; } = null!;

    private protected Tensor Points { get; private set; } = null!;

    private protected Tensor Labels { get; private set; } = null!;

    [Params(1, 16, 64, 256)]
    public int Prompts { get; set; }

    protected override (double, string) Yield => (Prompts, "prompts");

    protected override void Prepare()
    {
        Sam = SamWork.Model("mobile-sam", On);
        Points = rand(Prompts, 1, 2, device: On) * 1024;
        Labels = ones([Prompts, 1], ScalarType.Int64, device: On);
    }

    protected override void Release()
    {
        Points.Dispose();
        Labels.Dispose();
        Sam.Dispose();
    }
}

/// <summary>The prompt encoder, the same for all sizes of SAM.</summary>
public class SamPromptEncoderBenchmarks : SamPromptsBenchmark
{
    /// <summary>Two embeddings a click, written once: next to nothing, so that what is over the floor is the calls.</summary>
    protected override double Bytes => Prompts * 2.0 * 256 * sizeof(float);

    [Benchmark]
    public void EncodePrompts()
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        Sam.PromptEncoder.forward(Points, Labels);
        Wait();
    }
}

/// <summary>Prompt encoder and mask decoder, the same for all sizes of SAM: low-resolution logits and IoUs.</summary>
public class SamDecoderBenchmarks : SamPromptsBenchmark
{
    private SamFeatures _image = null!;

    protected override double Macs => Prompts * SamWork.DecoderMacs;

    protected override void Prepare()
    {
        base.Prepare();
        _image = new(randn(1, 256, 64, 64, device: On), new PixelSize(1024, 1024), new PixelSize(1024, 1024));
    }

    protected override void Release()
    {
        _image.Dispose();
        base.Release();
    }

    [Benchmark]
    public void Decode()
    {
        // As sessions do: sixteen at a time, which bounds the memory.
        for (int start = 0; start < Prompts; start += 16)
        {
            int count = Math.Min(16, Prompts - start);
            using var scope = NewDisposeScope();
            using var prediction = Sam.Predict(_image, new SamPrompts { Points = Points.narrow(0, start, count), Labels = Labels.narrow(0, start, count) });
        }
        Wait();
    }
}

/// <summary>Everything mode on an encoded image of 1024 x 768: a grid of clicks, filters that let everything pass, NMS, run lengths.</summary>
public class SamEverythingBenchmarks : DeviceBenchmark
{
    private SegmentationModel _model = null!;
    private ImageSession _session = null!;

    [Params(4, 32)]
    public int Side { get; set; }

    protected override double Macs => Side * Side * SamWork.DecoderMacs;

    protected override (double, string) Yield => (Side * Side, "prompts");

    protected override void Prepare()
    {
        _model = new SegmentationModel(new SamSegmenter(SamWork.Model("mobile-sam", On), "", On));
        _session = _model.Open(SamWork.Image(1024, 768));
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
        await foreach (var _ in _session.SegmentEverything(
            new EverythingOptions { PointsPerSide = Side, PredictedIouThreshold = -1000, StabilityThreshold = 0 })) count++;
        Wait();
        return count;
    }
}

/// <summary>From three masks of 256 x 256 logits (discs, as smooth as real masks are) to run lengths of the image's size.</summary>
public abstract class SamMasksBenchmark : DeviceBenchmark
{
    private protected SamModel Sam { get; private set; } = null!;

    /// <summary>[1, 3, 256, 256].</summary>
    private protected Tensor Logits { get; private set; } = null!;

    [Params(1, 12, 50)]
    public int Megapixels { get; set; }

    /// <summary>4 : 3.</summary>
    private protected PixelSize Original => new((int)Math.Sqrt(Megapixels * 0.75e6), (int)Math.Sqrt(Megapixels * 1e6 / 0.75));

    private protected static PixelSize Input => new(768, 1024);

    protected override (double, string) Yield => (1, "prompts");

    protected override void Prepare()
    {
        Sam = SamWork.Model("mobile-sam", On);
        using var scope = NewDisposeScope();
        var along = linspace(-1, 1, 256, device: On);
        var distance = (along.view(256, 1).square() + along.view(1, 256).square()).sqrt();
        Logits = (stack([0.2 - distance, 0.5 - distance, 0.8 - distance], 0) * 10).unsqueeze(0).MoveToOuterDisposeScope();
    }

    protected override void Release()
    {
        Logits.Dispose();
        Sam.Dispose();
    }
}

/// <summary>As sessions do it: only where the masks are.</summary>
public class SamPostprocessBenchmarks : SamMasksBenchmark
{
    private MaskUpsampler _upsampler = null!;

    /// <summary>Low-resolution logits are read once; run lengths are few.</summary>
    protected override double Bytes => 3.0 * 256 * 256 * sizeof(float);

    protected override void Prepare()
    {
        base.Prepare();
        _upsampler = MaskUpsampler.Bilinear(new PixelSize(256, 256), new ImageGeometry(new PixelSize(1024, 1024), Input, Original));
    }

    [Benchmark] public int Postprocess() => MaskDrawing.Cut(Logits.cpu().contiguous().data<float>().ToArray(), _upsampler).Sum(m => m.Mask.Area);
}

/// <summary>As the original does it: planes of the image's size.</summary>
public class SamWholePlaneBenchmarks : SamMasksBenchmark
{
    /// <summary>Logits of the image's size are written and read once.</summary>
    protected override double Bytes => 3.0 * 2 * 4 * Original.Height * Original.Width;

    [Benchmark]
    public int PostprocessWhole()
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var square = nn.functional.interpolate(Logits, [1024, 1024], mode: InterpolationMode.Bilinear, align_corners: false);
        var full = nn.functional.interpolate(square.narrow(2, 0, Input.Height).narrow(3, 0, Input.Width), [Original.Height, Original.Width],
            mode: InterpolationMode.Bilinear, align_corners: false)[0];
        return Enumerable.Range(0, 3).Sum(i =>
        {
            float[] values = full[i].contiguous().cpu().data<float>().ToArray();
            return Stability.Score(values) >= 0 ? Rle.FromLogits(values, Original.Height, Original.Width).Area : 0;
        });
    }
}
