using SemanticSam.Granularity.Sam;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Resizing;
using SemanticSam.Masks;
using SemanticSam.Tests.Reference.Sam;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Sam;

/// <summary>From an image to masks of its size. The slow ones need the complete golden data (SEMSAM_FIXTURES).</summary>
public sealed class SamPredictorTests(ITestOutputHelper output)
{
    private const double Tolerance = 2e-5;

    [SkippableFact]
    [Trait("Category", "Slow")]
    public void PostprocessMasks_Golden_GivesItsLogits()
    {
        using var scope = NewDisposeScope();
        var golden = new SamGolden("sam/tiny_postprocess.safetensors");
        using var model = new SamModel(SamConfigs.Of(golden));
        var low = golden.Tensor("low_res");
        foreach (string name in golden.Prompts(".sizes"))
        {
            long[] sizes = golden.Raw(name + ".sizes").Integers;
            var logits = MaskPostprocessing.ToOriginal(low, model.Config.ImageSize, Size(sizes, 0), Size(sizes, 2));
            Assert.True(golden.Has(name + ".logits") || golden.Has(name + ".logits.sample"), name);
            golden.Check(name + ".logits", logits, Tolerance);
            if (golden.Has(name + ".logits0")) golden.Check(name + ".logits0", logits.narrow(1, 0, 1), Tolerance);
            // A logit within rounding of 0 may fall to either side.
            long[] positive = golden.Raw(name + ".positive").Integers, actual = logits.gt(0).sum([2, 3]).data<long>().ToArray();
            long[] near = logits.abs().lt(1e-6).sum([2, 3]).data<long>().ToArray();
            for (int mask = 0; mask < positive.Length; mask++) Assert.InRange(actual[mask], positive[mask] - near[mask], positive[mask] + near[mask]);
        }
        output.WriteLine($"postprocess: largest difference {golden.Worst:g3}");
    }

    [SkippableTheory]
    [InlineData("landscape")]
    [InlineData("portrait")]
    [Trait("Category", "Slow")]
    public void Predict_TinyOnImage_GivesGoldenMasks(string file)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = new SamGolden($"sam/tiny_predictor_{file}.safetensors");
        using var model = SamConfigs.Model(SamConfigs.Of(golden));
        var image = Read($"sam/{golden.Image}");
        var (pixels, input) = model.Preprocess(image);
        Assert.Equal(golden.Raw("resized").Raw, Resize.LongestSide(image, model.Config.ImageSize).Pixels);
        Assert.Equal(Size(golden.Raw("input_size").Integers, 0), input);
        golden.Check("preprocessed", pixels, 1e-6);
        golden.Check("preprocessed.edge", pixels[0].select(2, input.Width - 1), 1e-6);

        using var encoded = model.Encode(image);
        golden.Check("embedding", encoded.Embedding, Tolerance);
        foreach (string prompt in golden.Prompts(".scores"))
            CheckPrompt(golden, model, encoded, prompt, RefinedFrom(golden, model, encoded, prompt));
        output.WriteLine($"{file}: largest difference {golden.Worst:g3}");
    }

    /// <summary>
    /// The low-resolution mask that "refine" goes on from. It is an earlier answer, and the file does not say which: the one with which the
    /// scores come out, if any.
    /// </summary>
    private static Tensor? RefinedFrom(SamGolden golden, SamModel model, SamFeatures image, string prompt)
    {
        if (prompt != "refine") return null;
        float[] scores = golden.Raw(prompt + ".scores").Floats;
        var earlier = golden.Prompts(".low_res").Where(p => p != prompt)
            .SelectMany(p => Enumerable.Range(0, (int)golden.Raw(p + ".low_res").Shape[0])
                .Select(k => golden.Tensor(p + ".low_res").narrow(0, k, 1).unsqueeze(0))).ToArray();
        return earlier.MinBy(mask =>
        {
            using var scope = NewDisposeScope();
            using var answer = Predict(golden, model, image, prompt, mask);
            return answer.Iou[0].data<float>().ToArray().Zip(scores, (a, b) => Math.Abs(a - b)).Max();
        });
    }

    private static SamPrediction Predict(SamGolden golden, SamModel model, SamFeatures image, string prompt, Tensor? mask) =>
        model.Predict(image, new SamPrompts
    {
        Points = golden.Optional(prompt + ".points")?.unsqueeze(0),
        Labels = golden.Optional(prompt + ".labels")?.unsqueeze(0),
        Boxes = golden.Optional(prompt + ".box")?.unsqueeze(0),
        Masks = mask,
    }, multimask: golden.Raw(prompt + ".scores").Shape[0] > 1);

    private static void CheckPrompt(SamGolden golden, SamModel model, SamFeatures image, string prompt, Tensor? mask, double tolerance = Tolerance)
    {
        using var scope = NewDisposeScope();
        using var answer = Predict(golden, model, image, prompt, mask);
        golden.Check(prompt + ".scores", answer.Iou[0], tolerance);
        golden.Check(prompt + ".low_res", answer.Logits[0], tolerance);
        var logits = MaskPostprocessing.ToOriginal(answer.Logits, model.Config.ImageSize, image.Input, image.Original)[0];
        if (golden.Has(prompt + ".logits.sample")) golden.Check(prompt + ".logits", logits, tolerance);
        byte[] expected = golden.Raw(prompt + ".masks").Raw;
        bool[] actual = logits.gt(0).contiguous().data<bool>().ToArray();
        long differing = expected.Where((value, i) => value != 0 != actual[i]).Count();
        Assert.InRange(differing, 0, golden.Raw(prompt + ".near_zero").Integers[tolerance < 1e-4 ? 1 : 2]); // logits below 1e-4 may flip
    }

    [SkippableTheory]
    [InlineData("vit_b", "sam", "truck_300x200")]
    [InlineData("vit_t", "mobilesam", "groceries_240x160")]
    [Trait("Category", "Slow")]
    public void Predict_PublishedSizes_GiveGoldenMasks(string name, string folder, string image)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        const double tolerance = 5e-5;
        var golden = new SamGolden($"{folder}/{name}.safetensors");
        using var model = SamConfigs.Model(name);

        var embedding = model.ImageEncoder.call(DetInput.Tensor(name + ".image", 1, 3, model.Config.ImageSize, model.Config.ImageSize));
        CheckEmbedding(golden, "formula", embedding, tolerance);
        var position = model.PromptEncoder.DensePosition();
        foreach (string prompt in golden.Prompts(".iou.multi"))
        {
            var embedded = model.PromptEncoder.forward(golden.Optional(prompt + ".points"), golden.Optional(prompt + ".labels"),
                golden.Optional(prompt + ".box"));
            foreach (string kind in new[] { "multi", "single" })
            {
                var (masks, iou) = model.MaskDecoder.forward(embedding, position, embedded, kind == "multi");
                golden.Check($"{prompt}.iou.{kind}", iou, tolerance);
                golden.Check($"{prompt}.masks.{kind}", masks, tolerance);
            }
        }

        using var encoded = model.Encode(Read($"{folder}/{image}.png"));
        Assert.Equal(Size(golden.Raw("picture.input_size").Integers, 0), encoded.Input);
        CheckEmbedding(golden, "picture", encoded.Embedding, tolerance);
        foreach (string prompt in golden.Prompts(".scores"))
            CheckPrompt(golden, model, encoded, prompt, null, tolerance);
        output.WriteLine($"{name}: largest difference {golden.Worst:g3}");
    }

    /// <summary>Several prompts at once, through every kind of input, are the prompts one by one.</summary>
    [Fact]
    public void Predict_Batch_EqualsOneByOne()
    {
        using var scope = NewDisposeScope();
        using var model = SamConfigs.Model("small");
        using var image = model.Encode(ImageDecoder.Decode(Fixtures.OwnPath("sam/truck_300x200.png")));
        var points = tensor(new float[] { 30, 40, 200, 150, 280, 20 }, [3, 1, 2]);
        var boxes = tensor(new float[] { 10, 20, 90, 80, 150, 100, 250, 190, 240, 0, 299, 60 }, [3, 4]);
        var labels = ones([3, 1], ScalarType.Int64);
        var masks = DetInput.Tensor("sam.batch", 3, 1, model.MaskSide, model.MaskSide) * 8;
        foreach (bool masked in new[] { false, true })
        {
            using var all = model.Predict(image, new SamPrompts { Points = points, Labels = labels, Boxes = boxes, Masks = masked ? masks : null });
            for (int k = 0; k < 3; k++)
            {
                using var one = model.Predict(image, new SamPrompts
                {
                    Points = points.narrow(0, k, 1), Labels = labels.narrow(0, k, 1), Boxes = boxes.narrow(0, k, 1),
                    Masks = masked ? masks.narrow(0, k, 1) : null,
                });
                Close.AssertAbsolute(all.Logits[k].contiguous().data<float>().ToArray(),
                    one.Logits[0].contiguous().data<float>().ToArray(), 1e-5, $"logits {k}");
                Close.AssertAbsolute(all.Iou[k].contiguous().data<float>().ToArray(), one.Iou[0].contiguous().data<float>().ToArray(), 1e-5, $"iou {k}");
            }
        }
    }

    private static void CheckEmbedding(SamGolden golden, string name, Tensor embedding, double tolerance)
    {
        golden.Check(name + ".embedding", embedding, tolerance);
        golden.Check(name + ".embedding.mean_over_space", embedding[0].mean([1, 2]), tolerance);
        golden.Check(name + ".embedding.mean_over_channels", embedding[0].mean([0]), tolerance);
    }

    private static PixelSize Size(long[] sizes, int at) => new((int)sizes[at], (int)sizes[at + 1]);

    private static RgbImage Read(string relative)
    {
        var (width, height, rgb) = Png.Read(relative);
        return new RgbImage(width, height, rgb);
    }
}
