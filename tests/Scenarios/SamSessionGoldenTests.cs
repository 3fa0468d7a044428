using SemanticSam.Engine;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Sessions.Sam;
using SemanticSam.Granularity.Sam;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Scenarios;

/// <summary>The prompts of golden/sam and golden/mobilesam through the public session: points, boxes, mask logits, batches, single and multimask,
/// refinement.</summary>
public sealed class SamSessionGoldenTests
{
    private const double Tolerance = 2e-5;

    [SkippableFact]
    public void Segment_SmallPrompts_GiveGoldenAnswers() => CheckPrompts("sam/small_prompts.safetensors", "sam/small_encoder.safetensors");

    [SkippableFact]
    public void Segment_MobileTinyPrompts_GiveGoldenAnswers() => CheckPrompts("mobilesam/tiny_prompts.safetensors");

    /// <summary>Needs the complete golden data (SEMSAM_FIXTURES).</summary>
    [SkippableFact]
    [Trait("Category", "Slow")]
    public void Segment_TinyPrompts_GiveGoldenAnswers() => CheckPrompts("sam/tiny_prompts.safetensors", "sam/tiny_encoder.safetensors");

    /// <summary>The golden embedding as saved features of an image that fills the encoder's square, so that pixels are those of the fixtures.</summary>
    private static void CheckPrompts(string file, string? encoder = null)
    {
        using var scope = NewDisposeScope();
        using var folder = new TempFolder();
        var golden = new SamGolden(file);
        var network = SamConfigs.Model(encoder is null ? SamConfigs.Of(golden) : SamConfigs.Of(golden, new SamGolden(encoder)));
        int side = network.Config.ImageSize;
        var segmenter = new SamSegmenter(network, "00", CPU);
        using var model = new SegmentationModel(segmenter);
        var square = new PixelSize(side, side);
        using (var still = no_grad())
        using (var encoded = new SamEncodedImage(segmenter, network,
            new SamFeatures(network.ImageEncoder.call(SamConfigs.Image(network.Config)), square, square), CPU))
            FeaturesFile.Write(folder.File("features"), encoded, "unknown");
        using var session = model.OpenFeatures(folder.File("features"));

        var names = golden.Prompts(".iou.multi").ToArray();
        Assert.NotEmpty(names);
        int compared = 0;
        foreach (string prompt in names)
        {
            if (Prompts(golden, prompt) is not { } all) continue; // padding points and no prompt at all cannot be said
            compared++;
            // A negative point alone is refused by the session; the reference answers it.
            int[] rows = [.. Enumerable.Range(0, all.Length)
                .Where(i => all[i].Points.Count == 0 || all[i].Box is not null || all[i].Points.Any(point => point.Positive))];
            Prompt[] prompts = [.. rows.Select(i => all[i])];
            Assert.NotEmpty(prompts);
            var every = session.Segment(prompts, new() { KeepLogits = true });
            var single = session.Segment(prompts, new() { KeepLogits = true, Masks = MaskChoice.Single });
            for (int p = 0; p < prompts.Length; p++)
            {
                // Of three masks the largest level is output 2.
                Compare(golden, prompt, "multi", rows[p], [.. every.Where(r => r.Prompt == p).Reverse()]);
                Compare(golden, prompt, "single", rows[p], [.. single.Where(r => r.Prompt == p)]);
            }
            Assert.All(single, s => Assert.Null(s.Level));
        }
        Assert.NotEqual(0, compared);
    }

    private static Prompt[]? Prompts(SamGolden golden, string name)
    {
        bool Has(string what) => golden.Has($"{name}.{what}");
        long[] labels = Has("labels") ? golden.Raw(name + ".labels").Integers : [];
        if (labels.Contains(-1) || !(Has("points") || Has("box") || Has("mask_input"))) return null;
        var first = golden.Raw(name + (Has("points") ? ".points" : Has("box") ? ".box" : ".mask_input"));
        int count = (int)first.Shape[0];
        var prompts = new Prompt[count];
        for (int p = 0; p < count; p++)
        {
            prompts[p] = new Prompt();
            if (Has("points"))
            {
                var points = golden.Raw(name + ".points");
                int n = (int)points.Shape[1];
                prompts[p] = prompts[p] with
                {
                    Points = [.. Enumerable.Range(p * n, n).Select(i => new PointPrompt(points.Floats[2 * i], points.Floats[2 * i + 1], labels[i] == 1))],
                };
            }
            if (Has("box"))
            {
                float[] box = golden.Raw(name + ".box").Floats;
                prompts[p] = prompts[p] with { Box = new BoxF(box[4 * p], box[4 * p + 1], box[4 * p + 2], box[4 * p + 3]) };
            }
            if (Has("mask_input"))
            {
                var mask = golden.Raw(name + ".mask_input");
                int plane = (int)(mask.Shape[2] * mask.Shape[3]);
                prompts[p] = prompts[p] with { Logits = new MaskLogits((int)mask.Shape[2], (int)mask.Shape[3], mask.Floats.AsSpan(p * plane, plane)) };
            }
        }
        return prompts;
    }

    private static void Compare(SamGolden golden, string prompt, string kind, int index, MaskResult[] results)
    {
        var masks = golden.Raw($"{prompt}.masks.{kind}");
        float[] ious = golden.Raw($"{prompt}.iou.{kind}").Floats, values = masks.Floats;
        int count = (int)masks.Shape[1], plane = (int)(masks.Shape[2] * masks.Shape[3]);
        Assert.Equal(count, results.Length);
        for (int k = 0; k < count; k++)
        {
            Assert.Equal(ious[index * count + k], results[k].PredictedIou, Tolerance);
            Close.AssertAbsolute(results[k].Logits!.Values.Span, values.AsSpan((index * count + k) * plane, plane), Tolerance, $"{prompt}.{kind} {index}.{k}");
        }
    }

    /// <summary>The whole SamPredictor: image, prompts, masks at the image's size, refinement. Needs the complete golden data (SEMSAM_FIXTURES).</summary>
    [SkippableTheory]
    [InlineData("landscape")]
    [InlineData("portrait")]
    [Trait("Category", "Slow")]
    public void Segment_Predictor_GivesGoldenMasks(string file)
    {
        var golden = new SamGolden($"sam/tiny_predictor_{file}.safetensors");
        using var model = new SegmentationModel(new SamSegmenter(SamConfigs.Model(SamConfigs.Of(golden)), "00", CPU));
        var (width, height, rgb) = Png.Read($"sam/{golden.Image}");
        using var session = model.Open(new RgbImage(width, height, rgb));
        foreach (string name in golden.Prompts(".scores"))
        {
            var scores = golden.Raw(name + ".scores");
            bool single = scores.Shape[0] == 1;
            var prompt = Said(golden, name);
            if (name == "refine") prompt = RefinedFrom(session, golden, prompt, single);

            var results = session.Segment(prompt, new() { KeepLogits = true, Masks = single ? MaskChoice.Single : MaskChoice.EveryLevel }).Reverse().ToArray();
            Assert.Equal(scores.Shape[0], results.Length);
            byte[] masks = golden.Raw(name + ".masks").Raw;
            long flips = 0;
            for (int k = 0; k < results.Length; k++)
            {
                Assert.Equal(scores.Floats[k], results[k].PredictedIou, Tolerance);
                var expected = Rle.FromBytes(masks.AsSpan(k * width * height, width * height), height, width);
                flips += GoldenMasks.Differing(expected, results[k].Mask);
                var logits = results[k].Logits!;
                Close.AssertAbsolute(logits.Values.Span, golden.Raw(name + ".low_res").Floats.AsSpan(k * logits.Values.Length, logits.Values.Length),
                    Tolerance, $"{name} {k}");
            }
            Assert.InRange(flips, 0, golden.Raw(name + ".near_zero").Integers[1]); // logits below 1e-4 may flip
        }
    }

    /// <summary>
    /// With the answer that "refine" goes on from, as the session gave it. The file does not say which of the earlier ones that is: the one
    /// with which the scores come out, if any.
    /// </summary>
    private static Prompt RefinedFrom(ImageSession session, SamGolden golden, Prompt prompt, bool single)
    {
        float[] scores = golden.Raw("refine.scores").Floats;
        return golden.Prompts(".scores").Where(name => name != "refine").SelectMany(name => Answers(session, golden, name))
            .Select(logits => prompt with { Logits = logits })
            .MinBy(p => session.Segment(p, new() { Masks = single ? MaskChoice.Single : MaskChoice.EveryLevel }).Reverse()
                .Zip(scores, (r, score) => Math.Abs(r.PredictedIou - score)).Max())!;
    }

    private static IEnumerable<MaskLogits> Answers(ImageSession session, SamGolden golden, string name)
    {
        bool single = golden.Raw(name + ".scores").Shape[0] == 1;
        return session.Segment(Said(golden, name), new() { KeepLogits = true, Masks = single ? MaskChoice.Single : MaskChoice.EveryLevel })
            .Select(r => r.Logits!);
    }

    /// <summary>The points and the box of a prompt of the predictor, in pixels of the image.</summary>
    private static Prompt Said(SamGolden golden, string name)
    {
        var prompt = new Prompt();
        if (golden.Has(name + ".points"))
        {
            float[] points = golden.Raw(name + ".points").Floats;
            long[] labels = golden.Raw(name + ".labels").Integers;
            prompt = prompt with { Points = [.. labels.Select((label, i) => new PointPrompt(points[2 * i], points[2 * i + 1], label == 1))] };
        }
        if (golden.Has(name + ".box"))
        {
            float[] box = golden.Raw(name + ".box").Floats;
            prompt = prompt with { Box = new BoxF(box[0], box[1], box[2], box[3]) };
        }
        return prompt;
    }
}
