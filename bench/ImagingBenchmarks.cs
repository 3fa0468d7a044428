using BenchmarkDotNet.Attributes;
using SemanticSam.Granularity.Layers;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Overlays;
using SemanticSam.Imaging.Resizing;
using SemanticSam.Masks;

namespace SemanticSam.Bench;

/// <summary>A 12 MP image: decoding, the two resizes, the network input, an overlay of 40 discs.</summary>
[MemoryDiagnoser]
public class ImagingBenchmarks
{
    private const int Width = 4000, Height = 3000;
    private byte[] _jpeg = [];
    private RgbImage _image = new(1, 1), _small = new(1, 1);
    private OverlayMask[] _masks = [];

    [GlobalSetup]
    public void Setup()
    {
        _image = new(Width, Height);
        var random = new Random(2);
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
            {
                int wave = (int)(60 * Math.Sin(x / 90.0) * Math.Cos(y / 70.0)) + random.Next(12);
                int at = (y * Width + x) * 3;
                _image.Pixels[at] = (byte)(120 + wave);
                _image.Pixels[at + 1] = (byte)(x * 200 / Width + random.Next(12));
                _image.Pixels[at + 2] = (byte)(y * 200 / Height - wave / 2 + 40);
            }
        _jpeg = ImageEncoder.Jpeg(_image, 90);
        _small = Resize.LongestSide(_image, 1024);
        _masks = [.. Enumerable.Range(0, 40).Select(i => new OverlayMask(Disc(random.Next(Width), random.Next(Height), 60 + 12 * i), $"disc {i}", 0.5f))];
    }

    [Benchmark] public RgbImage Decode() => ImageDecoder.Decode(_jpeg);

    [Benchmark] public RgbImage Bilinear1024() => Resize.LongestSide(_image, 1024);

    [Benchmark] public RgbImage Bicubic640() => Resize.ShortestSide(_image, 640);

    [Benchmark]
    public void NetworkInput()
    {
        using var tensor = ImageTensor.Create(_small, 1024, 1024);
    }

    [Benchmark] public RgbImage Overlay() => OverlayPainter.Paint(_image, _masks);

    private static Rle Disc(int centerX, int centerY, int radius)
    {
        var pixels = new byte[Width * Height];
        for (int y = Math.Max(0, centerY - radius); y < Math.Min(Height, centerY + radius); y++)
            for (int x = Math.Max(0, centerX - radius); x < Math.Min(Width, centerX + radius); x++)
                if ((x - centerX) * (x - centerX) + (y - centerY) * (y - centerY) < radius * radius) pixels[y * Width + x] = 1;
        return Rle.FromBytes(pixels, Height, Width);
    }
}
