using System.Runtime.InteropServices;
using SemanticSam.Granularity.Layers;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Resizing;
using SemanticSam.Tests.Support;
using TorchSharp;

namespace SemanticSam.Tests.Granularity.Layers;

public sealed class ImageTensorTests
{
    [Fact]
    public void Create_AnyImage_IsNormalizedAndZeroOutside()
    {
        RgbImage image = ImageDecoder.Decode(Fixtures.OwnPath("sam/bear_147x220.png"));
        int height = (image.Height + 31) / 32 * 32, width = (image.Width + 31) / 32 * 32;
        using torch.Tensor tensor = ImageTensor.Create(image, height, width);
        Assert.Equal([1, 3, height, width], tensor.shape);
        float[] mean = [123.675f, 116.28f, 103.53f], std = [58.395f, 57.12f, 57.375f];
        Span<float> values = MemoryMarshal.Cast<byte, float>(tensor.bytes);
        for (int c = 0; c < 3; c++)
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                {
                    float expected = y < image.Height && x < image.Width ? (image.Row(y)[x * 3 + c] - mean[c]) / std[c] : 0;
                    Assert.Equal(expected, values[(c * height + y) * width + x]);
                }
    }

    [SkippableTheory]
    [InlineData("sam/tiny_predictor_landscape.safetensors")]
    [InlineData("sam/tiny_predictor_portrait.safetensors")]
    public void Create_SamPredictorImages_EqualTheReference(string tensors)
    {
        var golden = new SamGolden(tensors);
        int side = (int)golden.Raw("resized").Shape.Max();
        RgbImage resized = Resize.LongestSide(ImageDecoder.Decode(Fixtures.Path($"sam/{golden.Image}")), side);
        using var scope = torch.NewDisposeScope();
        golden.Check("preprocessed", ImageTensor.Create(resized, side, side), 0);
    }

    [Fact]
    public void Normalize_OneValueAndATensor_GiveTheSameBits()
    {
        var statistics = new PixelStatistics([10.5f, 20.25f, 33.3f], [7.1f, 58.395f, 0.3f]);
        using var scope = torch.NewDisposeScope();
        float[] values = [.. Enumerable.Range(0, 3 * 300).Select(i => i % 300 * 0.85f)];
        float[] normalized = statistics.Normalize(torch.tensor(values, [1, 3, 1, 300]), 1, 300).data<float>().ToArray();
        Assert.Equal(normalized, values.Select((v, i) => statistics.Normalize(v, i / 300)));
        Assert.Throws<ArgumentException>(() => new PixelStatistics([1], [1, 2, 3]));
    }

    [Fact]
    public void Create_TensorSmallerThanTheImage_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageTensor.Create(new RgbImage(8, 8), 4, 8));
}
