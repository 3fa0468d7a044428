using SemanticSam.Engine;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Sessions.Sam;
using SemanticSam.Engine.Zoo;
using SemanticSam.Foundation;
using SemanticSam.Granularity.Sam;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Engine.Zoo;
using SemanticSam.Tests.Reference.Sam;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Engine.Sessions.Sam;

/// <summary>A small SAM behind the public session.</summary>
public sealed class SamSegmenterTests
{
    private static SegmentationModel Small() => new(new SamSegmenter(SamConfigs.Model("small"), "00", CPU));

    private static RgbImage Image()
    {
        return ImageDecoder.Decode(Fixtures.OwnPath("sam/truck_300x200.png"));
    }

    [Fact]
    public void Segment_Point_GivesTheThreeOutputsByLevel()
    {
        using var scope = NewDisposeScope();
        using var model = Small();
        using var session = model.Open(Image());
        var results = session.Segment(Prompt.At(120, 80));
        Assert.Equal([GranularityLevel.Whole, GranularityLevel.Part, GranularityLevel.Subpart], results.Select(r => r.Level!.Value));

        using var network = SamConfigs.Model("small");
        using var image = network.Encode(Image());
        using var direct =
            network.Predict(image, new SamPrompts { Points = tensor(new float[] { 120, 80 }, [1, 1, 2]), Labels = ones([1, 1], ScalarType.Int64) });
        var logits = MaskPostprocessing.ToOriginal(direct.Logits, network.Config.ImageSize, image.Input, image.Original);
        for (int k = 0; k < 3; k++) // the outputs come smallest level first
        {
            Assert.Equal(GoldenMasks.Of(logits[0][2 - k].gt(0)).ToBools(), results[k].Mask.ToBools());
            Assert.Equal(direct.Iou[0][2 - k].item<float>(), results[k].PredictedIou);
        }
    }

    [Fact]
    public void Segment_UnequalPromptsTogether_EqualOneByOne()
    {
        using var model = Small();
        using var session = model.Open(Image());
        var seed = session.Segment(Prompt.Around(40, 40, 200, 160))[0].Mask;
        Prompt[] prompts =
        [
            Prompt.At(120, 80),
            new() { Points = [new(30, 40), new(200, 150, false)] },
            Prompt.Around(20, 30, 150, 140),
            new() { Points = [new(60, 60)], Box = new BoxF(20, 30, 150, 140), Mask = seed },
            new() { Mask = seed },
            Prompt.At(280, 20),
        ];
        var together = session.Segment(prompts);
        for (int p = 0; p < prompts.Length; p++)
        {
            var alone = session.Segment(prompts[p]);
            var same = together.Where(r => r.Prompt == p).ToArray();
            Assert.Equal(3, same.Length);
            for (int k = 0; k < 3; k++)
            {
                Assert.Equal(alone[k].PredictedIou, same[k].PredictedIou, 5);
                Assert.InRange(GoldenMasks.Differing(alone[k].Mask, same[k].Mask), 0, 3); // logits next to 0 may fall either way
            }
        }
        // Each thing said counts: none of the answers is another's.
        Assert.Equal(prompts.Length, together.Where(r => r.Level == GranularityLevel.Whole).Select(r => r.PredictedIou).Distinct().Count());
    }

    [Fact]
    public void Segment_Name_IsRefusedWithTheReason()
    {
        using var model = Small();
        using var session = model.Open(Image());
        Assert.False(model.AnswersNames);
        Assert.Contains("small", Assert.Throws<PromptException>(() => session.Segment(Prompt.Named("truck"))).Message);
    }

    [Fact]
    public void Segment_WhatSamCannot_IsRefusedWithWhatItCan()
    {
        using var model = Small();
        using var session = model.Open(Image());
        string Refusal(Prompt prompt, SegmentOptions? options = null) => Assert.Throws<PromptException>(() => session.Segment(prompt, options)).Message;
        Assert.Contains("no level 'group'; it has whole, part, subpart",
            Refusal(Prompt.At(1, 1), new() { Levels = [GranularityLevel.Whole, GranularityLevel.Group] }));
        Assert.Contains("has no level", Refusal(Prompt.At(1, 1), new() { Levels = [GranularityLevel.Whole], Masks = MaskChoice.Single }));
        Assert.Contains("16 x 32; the model 'small' takes 32 x 32", Refusal(new Prompt { Logits = new MaskLogits(16, 32, new float[512]) }));
        var seed = Rle.FromBox(200, 300, new(10, 10, 60, 60));
        Assert.Contains("both", Refusal(new Prompt { Mask = seed, Logits = new MaskLogits(32, 32, new float[1024]) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MaskLogits(1, 1, [float.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Segment(Prompt.At(1, 1), new() { Masks = (MaskChoice)9 }));
    }

    [Fact]
    public void Segment_Distinct_DropsWhatRepeatsABetterMask()
    {
        using var model = Small();
        using var session = model.Open(Image());
        var all = session.Segment(Prompt.At(120, 80));
        var distinct = session.Segment(Prompt.At(120, 80), new() { Masks = MaskChoice.Distinct });
        Assert.InRange(distinct.Count, 1, all.Count);
        Assert.All(distinct, d => Assert.Contains(all, a => a.Mask.Equals(d.Mask) && a.Level == d.Level));
        Assert.Equal(distinct.Select(d => Math.Round(d.PredictedIou, 2)).OrderDescending(), distinct.Select(d => Math.Round(d.PredictedIou, 2)));
    }

    [Fact]
    public void SeedMaskLogits_LeftHalf_AreSureInsideAndOutsideAndInThePadding()
    {
        using var scope = NewDisposeScope();
        using var network = new SamModel(SamConfigs.Of("small")); // frame 128, masks 32
        var mask = Rle.FromBools([.. Enumerable.Range(0, 200 * 300).Select(i => i % 300 < 150)], 200, 300);
        var logits = SeedMask.Logits(mask, new PixelSize(85, 128), network);
        Assert.Equal([1, 1, 32, 32], logits.shape);
        float sure = MathF.Log(0.999f / 0.001f);
        float[] values = logits.data<float>().ToArray();
        Assert.Equal(sure, values[10 * 32 + 3], 2);      // inside
        Assert.Equal(-sure, values[10 * 32 + 28], 2);    // outside
        Assert.Equal(-sure, values[25 * 32 + 3], 2);     // below the image: 85 rows are 21 of the 32
        Assert.Equal(sure, values[20 * 32 + 3], 2);
    }

    [SkippableFact]
    public void LoadCheckpoint_MobileSamNames_GivesASession()
    {
        using var folder = new TempFolder();
        byte[] small = new byte[8 << 20];
        Array.Fill(small, (byte)0x10); // small numbers: weights that are all zero are refused
        string path = folder.File("renamed.safetensors");
        SafetensorsWriter.Write(path, NamesFiles.Sam("vit_t").Select(t =>
        {
            var dtype = t.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal) ? CheckpointDType.Int64 : CheckpointDType.Float16;
            return CheckpointTensor.FromMemory(t.Key, dtype, [.. t.Value.Shape], small.AsMemory(0, (int)(t.Value.ElementCount * dtype.Size())));
        }));
        using var model = SegmentationModel.LoadCheckpoint(path);
        Assert.Equal(("mobile-sam", FileHash.Sha256(path)), (model.Name, model.Sha256));
        using var checkpoint = Checkpoint.Open(path);
        var weights = StateDict.From(checkpoint);
        var found = ModelRecognizer.Recognize(weights);
        Assert.Null(CheckpointModel.WhyNot(weights, found));
        Assert.Contains("Missing (1)", CheckpointModel.WhyNot(weights.Renamed(n => n == "mask_decoder.mask_tokens.weight" ? null : n), found));
    }
}
