using SemanticSam.Engine.Sessions;
using SemanticSam.Formats.Shapes;
using SemanticSam.Granularity.Sam;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Resizing;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Sam;

/// <summary>From a picture to masks of its size. The slow ones need the complete golden data (SEMSAM_FIXTURES).</summary>
public sealed class SamPredictorTests(ITestOutputHelper output)
{
    private const double Tolerance = 2e-5;

    [Fact]
    [Trait("Category", "Slow")]
    public void PostprocessMasks_Golden_GivesItsLogits()
    {
        using var scope = NewDisposeScope();
        var golden = new SamGolden("sam/tiny_postprocess.safetensors");
        using var model = new SamModel(SamConfigs.Of("tiny"));
        var low = golden.Tensor("low_res");
        foreach (string name in golden.Prompts(".sizes"))
        {
            long[] sizes = golden.Raw(name + ".sizes").Integers;
            var logits = model.PostprocessMasks(low, Size(sizes, 0), Size(sizes, 2));
            if (golden.Has(name + ".logits")) golden.Check(name + ".logits", logits, Tolerance);
            if (golden.Has(name + ".logits0")) golden.Check(name + ".logits0", logits.narrow(1, 0, 1), Tolerance);
            if (golden.Has(name + ".logits.sample"))
            {
                long step = name switch { "portrait" => 5, "landscape" => 3, "large" => 25, _ => 4 };
                golden.Check(name + ".logits.sample", SamGolden.Grid(logits, step), Tolerance);
            }
            Assert.Equal(golden.Raw(name + ".positive").Integers, logits.gt(0).sum([2, 3]).data<long>().ToArray());
        }
        output.WriteLine($"postprocess: largest difference {golden.Worst:g3}");
    }

    [Theory]
    [InlineData("landscape", "truck_300x200", 5)]
    [InlineData("portrait", "bear_147x220", 4)]
    [Trait("Category", "Slow")]
    public void Predict_TinyOnPicture_GivesGoldenMasks(string file, string picture, long step)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = new SamGolden($"sam/tiny_predictor_{file}.safetensors");
        using var model = SamConfigs.Model("tiny");
        var image = Read($"sam/{picture}.png");
        var (pixels, input) = model.Preprocess(image);
        Assert.Equal(golden.Raw("resized").Raw, Resize.LongestSide(image, model.Config.ImageSize).Pixels);
        Assert.Equal(Size(golden.Raw("input_size").Integers, 0), input);
        golden.Check("preprocessed.sample", SamGolden.Grid(pixels, 4), 1e-6);
        golden.Check("preprocessed.edge", pixels[0].select(2, input.Width - 1), 1e-6);

        using var encoded = model.Encode(image);
        golden.Check("embedding.sample", SamGolden.Grid(encoded.Embedding, 2), Tolerance);
        foreach (string prompt in golden.Prompts(".scores"))
            CheckPrompt(golden, model, encoded, prompt, step, Refined(golden, prompt, file));
        output.WriteLine($"{file}: largest difference {golden.Worst:g3}");
    }

    /// <summary>The low-resolution mask that "refine" goes on from.</summary>
    private static Tensor? Refined(SamGolden golden, string prompt, string file) => prompt != "refine" ? null
        : file == "landscape" ? golden.Tensor("point.low_res").narrow(0, 1, 1).unsqueeze(0)
        : golden.Tensor("box.low_res").narrow(0, 0, 1).unsqueeze(0);

    private static void CheckPrompt(SamGolden golden, SamModel model, SamPicture picture, string prompt, long step, Tensor? mask, double tolerance = Tolerance, long lowStep = 1)
    {
        using var scope = NewDisposeScope();
        long count = golden.Raw(prompt + ".scores").Shape[0];
        using var answer = model.Predict(picture, new SamPrompts
        {
            Points = golden.Optional(prompt + ".points")?.unsqueeze(0),
            Labels = golden.Optional(prompt + ".labels")?.unsqueeze(0),
            Boxes = golden.Optional(prompt + ".box")?.unsqueeze(0),
            Masks = mask,
        }, multimask: count > 1);
        golden.Check(prompt + ".scores", answer.Iou[0], tolerance);
        golden.Check(prompt + (lowStep > 1 ? ".low_res.sample" : ".low_res"), SamGolden.Grid(answer.Logits[0], lowStep), tolerance);
        var logits = model.PostprocessMasks(answer.Logits, picture.Input, picture.Original)[0];
        if (golden.Has(prompt + ".logits.sample")) golden.Check(prompt + ".logits.sample", SamGolden.Grid(logits, step), tolerance);
        byte[] expected = golden.Raw(prompt + ".masks").Raw;
        bool[] actual = logits.gt(0).contiguous().data<bool>().ToArray();
        long differing = expected.Where((value, i) => value != 0 != actual[i]).Count();
        Assert.InRange(differing, 0, golden.Raw(prompt + ".near_zero").Integers[tolerance < 1e-4 ? 1 : 2]); // logits below 1e-4 may flip
    }

    [Theory]
    [InlineData("vit_b", "sam", "truck_300x200")]
    [InlineData("vit_t", "mobilesam", "groceries_240x160")]
    [Trait("Category", "Slow")]
    public void Predict_PublishedSizes_GiveGoldenMasks(string name, string folder, string picture)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        const double tolerance = 5e-5;
        var golden = new SamGolden($"{folder}/{name}.safetensors");
        using var model = SamConfigs.Model(name);

        var embedding = model.ImageEncoder.call(DetInput.Tensor(name + ".image", 1, 3, 1024, 1024));
        CheckEmbedding(golden, "formula", embedding, tolerance);
        var position = model.PromptEncoder.DensePosition();
        foreach (string prompt in golden.Prompts(".iou.multi"))
        {
            var embedded = model.PromptEncoder.forward(golden.Optional(prompt + ".points"), golden.Optional(prompt + ".labels"), golden.Optional(prompt + ".box"));
            foreach (string kind in new[] { "multi", "single" })
            {
                var (masks, iou) = model.MaskDecoder.forward(embedding, position, embedded, kind == "multi");
                golden.Check($"{prompt}.iou.{kind}", iou, tolerance);
                golden.Check($"{prompt}.masks.{kind}.sample", SamGolden.Grid(masks, 4), tolerance);
            }
        }

        using var encoded = model.Encode(Read($"{folder}/{picture}.png"));
        Assert.Equal(Size(golden.Raw("picture.input_size").Integers, 0), encoded.Input);
        CheckEmbedding(golden, "picture", encoded.Embedding, tolerance);
        foreach (string prompt in golden.Prompts(".scores"))
            CheckPrompt(golden, model, encoded, prompt, 1, null, tolerance, lowStep: 4);
        output.WriteLine($"{name}: largest difference {golden.Worst:g3}");
    }

    /// <summary>Several prompts at once, through every kind of input, are the prompts one by one.</summary>
    [Fact]
    public void Predict_Batch_EqualsOneByOne()
    {
        using var scope = NewDisposeScope();
        using var model = SamConfigs.Model("small");
        using var picture = model.Encode(Read("sam/truck_300x200.png"));
        var points = tensor(new float[] { 30, 40, 200, 150, 280, 20 }, [3, 1, 2]);
        var boxes = tensor(new float[] { 10, 20, 90, 80, 150, 100, 250, 190, 240, 0, 299, 60 }, [3, 4]);
        var labels = ones([3, 1], ScalarType.Int64);
        var masks = DetInput.Tensor("sam.batch", 3, 1, model.MaskSide, model.MaskSide) * 8;
        foreach (bool masked in new[] { false, true })
        {
            using var all = model.Predict(picture, new SamPrompts { Points = points, Labels = labels, Boxes = boxes, Masks = masked ? masks : null });
            for (int k = 0; k < 3; k++)
            {
                using var one = model.Predict(picture, new SamPrompts
                {
                    Points = points.narrow(0, k, 1), Labels = labels.narrow(0, k, 1), Boxes = boxes.narrow(0, k, 1), Masks = masked ? masks.narrow(0, k, 1) : null,
                });
                Close.AssertAbsolute(all.Logits[k].contiguous().data<float>().ToArray(), one.Logits[0].contiguous().data<float>().ToArray(), 1e-5, $"logits {k}");
                Close.AssertAbsolute(all.Iou[k].contiguous().data<float>().ToArray(), one.Iou[0].contiguous().data<float>().ToArray(), 1e-5, $"iou {k}");
            }
        }
    }

    private static void CheckEmbedding(SamGolden golden, string name, Tensor embedding, double tolerance)
    {
        golden.Check(name + ".embedding.sample", SamGolden.Strided(SamGolden.Grid(embedding, 4), 1, 4), tolerance);
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
