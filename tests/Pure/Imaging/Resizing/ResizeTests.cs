using System.Security.Cryptography;
using System.Text.Json;
using CsCheck;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Resizing;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Imaging.Resizing;

public sealed class ResizeTests
{
    private static RgbImage Image(string relative) => ImageDecoder.Decode(Fixtures.Path(relative));

    [SkippableFact]
    public void LongestSide_SamResizeCases_EqualPillowBitForBit()
    {
        Golden golden = Golden.Load("sam/resize.safetensors");
        using JsonDocument sidecar = Fixtures.Json("sam/transforms.json");
        foreach (JsonElement row in sidecar.RootElement.GetProperty("resize_cases").EnumerateArray())
        {
            int[] box = [.. row.GetProperty("crop_xyxy").EnumerateArray().Select(v => v.GetInt32())];
            RgbImage part = Image($"sam/{row.GetProperty("picture").GetString()}").Crop(box[0], box[1], box[2] - box[0], box[3] - box[1]);
            RgbImage resized = Resize.LongestSide(part, row.GetProperty("target_length").GetInt32());
            string name = $"case{row.GetProperty("case").GetInt32()}.out";
            Assert.Equal<long>(golden[name].Shape, new long[] { resized.Height, resized.Width, 3 });
            Assert.True(golden[name].Raw.AsSpan().SequenceEqual(resized.Pixels), name);
        }
    }

    [SkippableFact]
    public void LongestSide_SamNoise_EqualsPillowBitForBit()
    {
        Golden golden = Golden.Load("sam/resize.safetensors");
        GoldenTensor source = golden["noise.in"];
        var image = new RgbImage((int)source.Shape[1], (int)source.Shape[0], source.Raw);
        int seen = 0;
        foreach (var (name, expected) in golden.Tensors.Where(t => t.Key.StartsWith("noise.out", StringComparison.Ordinal)))
        {
            RgbImage resized = Resize.LongestSide(image, int.Parse(name["noise.out".Length..]));
            Assert.Equal<long>(expected.Shape, new long[] { resized.Height, resized.Width, 3 });
            Assert.True(expected.Raw.AsSpan().SequenceEqual(resized.Pixels), name);
            seen++;
        }
        Assert.True(seen > 0);
    }

    [SkippableTheory]
    [InlineData("sam/tiny_predictor_landscape.safetensors")]
    [InlineData("sam/tiny_predictor_portrait.safetensors")]
    public void LongestSide_SamPredictorImages_EqualPillowBitForBit(string tensors)
    {
        Golden golden = Golden.Load(tensors);
        RgbImage resized = Resize.LongestSide(Image($"sam/{golden.Metadata["picture"]}"), (int)golden["resized"].Shape.Max());
        Assert.True(golden["resized"].Raw.AsSpan().SequenceEqual(resized.Pixels));
    }

    [SkippableFact]
    public void ShortestSide_SemanticSamDemo_EqualsPillowBitForBit()
    {
        Golden golden = Golden.Load("semantic_sam/demo.safetensors");
        using JsonDocument sidecar = Fixtures.Json("semantic_sam/demo.json");
        JsonElement root = sidecar.RootElement;
        RgbImage source = Image($"semantic_sam/{root.GetProperty("source").GetProperty("file").GetString()}");
        int seen = 0;
        foreach (JsonProperty entry in root.EnumerateObject().Where(e => e.Name.StartsWith("resize", StringComparison.Ordinal)))
        {
            int side = entry.Value.TryGetProperty("shortest_edge", out JsonElement edge) ? edge.GetInt32() : int.Parse(entry.Name["resize".Length..]);
            RgbImage resized = Resize.ShortestSide(source, side);
            Assert.Equal([resized.Height, resized.Width], entry.Value.GetProperty("size_hw").EnumerateArray().Select(v => v.GetInt32()));
            Assert.Equal(entry.Value.GetProperty("rgb_sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(resized.Pixels)));
            string samples = $"{entry.Name}_rgb_hwc";
            if (golden.Tensors.ContainsKey(samples))
            {
                int stride = root.GetProperty("tensors").GetProperty(samples).GetProperty("stride").GetInt32();
                Assert.Equal(golden[samples].Raw, resized.Pixels.Where((_, i) => i % stride == 0));
            }
            else
                Assert.Equal(Image($"semantic_sam/{entry.Value.GetProperty("file").GetString()}").Pixels, resized.Pixels);
            seen++;
        }
        Assert.True(seen > 0);
    }

    [SkippableFact]
    public void ShortestSide_ClipPreprocessing_HasPillowsHashes()
    {
        using JsonDocument sidecar = Fixtures.Json("clip_image/preprocess.json");
        foreach (JsonElement row in sidecar.RootElement.GetProperty("cases").EnumerateArray())
        {
            RgbImage image = Image($"clip_image/{row.GetProperty("picture").GetString()}");
            if (row.GetProperty("crop_x0y0x1y1_before") is { ValueKind: JsonValueKind.Array } crop)
            {
                int[] box = [.. crop.EnumerateArray().Select(v => v.GetInt32())];
                image = image.Crop(box[0], box[1], box[2] - box[0], box[3] - box[1]);
            }
            RgbImage resized = Resize.ShortestSide(image, row.GetProperty("n_px").GetInt32());
            Assert.Equal(row.GetProperty("resized_sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(resized.Pixels)));
        }
    }

    /// <summary>Against Pillow itself, for the filters that no golden folder covers: fixtures/imaging/make.py wrote the hashes.</summary>
    [Fact]
    public void To_EveryFilter_HasPillowsHashes()
    {
        using JsonDocument cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Fixtures.Own, "imaging", "resize.json")));
        RgbImage image = ImageDecoder.Decode(Path.Combine(Fixtures.Own, "imaging", "rgb8.png"));
        foreach (JsonElement row in cases.RootElement.EnumerateArray())
        {
            var filter = Enum.Parse<ResizeFilter>(row.GetProperty("filter").GetString()!);
            RgbImage resized = Resize.To(image, row.GetProperty("width").GetInt32(), row.GetProperty("height").GetInt32(), filter);
            Assert.True(row.GetProperty("sha256").GetString() == Convert.ToHexStringLower(SHA256.HashData(resized.Pixels)), row.ToString());
        }
    }

    private static readonly Gen<RgbImage> AnyImage = Gen.Select(Gen.Int[1, 90], Gen.Int[1, 90], Gen.Int).Select((w, h, seed) =>
    {
        var image = new RgbImage(w, h);
        new Random(seed).NextBytes(image.Pixels);
        return image;
    });

    private static readonly Gen<ResizeFilter> AnyFilter = Gen.Enum<ResizeFilter>();

    [Fact]
    public void To_ConstantImage_StaysConstant() =>
        Gen.Select(Gen.Int[1, 70], Gen.Int[1, 70], Gen.Int[1, 150], Gen.Int[1, 150], AnyFilter, Gen.Byte).Sample((w, h, nw, nh, filter, value) =>
        {
            var image = new RgbImage(w, h);
            image.Pixels.AsSpan().Fill(value);
            RgbImage resized = Resize.To(image, nw, nh, filter);
            Assert.Equal((nw, nh), (resized.Width, resized.Height));
            Assert.DoesNotContain(resized.Pixels, b => b != value);
        }, iter: 300);

    [Fact]
    public void To_SameSize_IsTheSameImageInNewMemory() =>
        Gen.Select(AnyImage, AnyFilter).Sample((image, filter) =>
        {
            RgbImage resized = Resize.To(image, image.Width, image.Height, filter);
            Assert.Equal(image.Pixels, resized.Pixels);
            Assert.NotSame(image.Pixels, resized.Pixels);
        }, iter: 50);

    [Fact]
    public void To_VectorAndPlainCode_GiveTheSameBits() =>
        Gen.Select(AnyImage, Gen.Int[1, 120], Gen.Int[1, 120], AnyFilter).Sample(
            (image, w, h, filter) => Assert.Equal(Resize.Run(image, w, h, filter, vectors: false).Pixels,
            Resize.Run(image, w, h, filter, vectors: true).Pixels), iter: 300);

    [Fact]
    public void To_SizesBelowOne_AreRefused()
    {
        var image = new RgbImage(4, 4);
        Assert.Throws<ArgumentOutOfRangeException>(() => Resize.To(image, 0, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => Resize.To(image, 4, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Resize.To(image, 8, 8, (ResizeFilter)99));
        Assert.Throws<ArgumentOutOfRangeException>(() => Resize.LongestSide(new RgbImage(5000, 1), 1024));
        Assert.Throws<ArgumentOutOfRangeException>(() => Resize.ShortestSide(image, 0));
    }
}
