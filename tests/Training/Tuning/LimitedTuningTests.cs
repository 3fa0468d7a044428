using SemanticSam.Engine.Zoo;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using SemanticSam.Training;
using SemanticSam.Training.Tuning;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Tuning;

/// <summary>What keeps a tuning within a time and a memory.</summary>
public sealed class LimitedTuningTests
{
    [Fact]
    public void Fewer_ManyRegionsOfFewTruths_KeepsSomeOfEach()
    {
        // Image 0: 20 regions of truth 0, 2 of truth 1, 1 of truth 2; image 1: 3 of its only truth.
        var regions = Enumerable.Range(0, 26).Select(i => new Region(i < 23 ? 0 : 1, new BoxF(i, 0, i + 1, 1))).ToArray();
        (int, int)[] objects = [.. Enumerable.Range(0, 26).Select(i => (i, i < 20 ? 0 : i < 22 ? 1 : i == 22 ? 2 : 0))];
        var sampled = new SampledRegions(regions, new int[26], objects);
        var fewer = sampled.Fewer(6, new Random(1));
        Assert.Equal([3, 2, 1, 3], new[] { Of(0, 0), Of(0, 1), Of(0, 2), Of(1, 0) });
        Assert.Equal(fewer.Objects.Count, fewer.Objects.Distinct().Count());
        Assert.All(fewer.Objects, o => Assert.Contains(o, objects));
        Assert.Same(sampled.Regions, fewer.Regions);
        Assert.Equal(objects, sampled.Fewer(100, new Random(1)).Objects);

        int Of(int image, int truth) => fewer.Objects.Count(o => o.Truth == truth && regions[o.Index].Image == image);
    }

    [Fact]
    public void AroundBoxes_WrongFarFromTheBox_CostsNothing()
    {
        using var scope = NewDisposeScope();
        const int Side = 64;
        var mask = zeros(1, Side, Side);
        mask.narrow(1, 16, 16).narrow(2, 20, 16).fill_(1); // rows 16 to 32, columns 20 to 36
        var truth = new InstanceTruth([new(20, 16, 36, 32)], [0], mask.to(ScalarType.Byte));
        var sampled = new SampledRegions([new(0, new BoxF(20, 16, 36, 32))], [0], [(0, 0)]);
        var logits = ((mask - 0.5) * 40).unsqueeze(0).clone();
        logits.narrow(2, 44, 16).fill_(20); // wrong, but elsewhere
        double right = RegionMaskLoss.AroundBoxes(logits, sampled, [truth]).item<float>(),
            whole = RegionMaskLoss.OfImages(logits, sampled, [truth]).item<float>();
        Assert.True(right < 0.3 && whole > 2, $"around the box {right}, of the whole image {whole}");
        logits = (-logits).requires_grad_();
        var wrong = RegionMaskLoss.AroundBoxes(logits, sampled, [truth]);
        Assert.True(wrong.item<float>() > 10, "A mask that is wrong in its box has to cost.");
        wrong.backward();
        Assert.Equal(0, logits.grad!.narrow(2, 44, 16).abs().sum().item<float>());
    }

    [Fact]
    public void Around_Box_IsALittleLargerAndWithinTheImage()
    {
        var box = PromptedMasks.Around(new BoxF(2, 20, 42, 40), 50);
        Assert.Equal(new BoxF(0, 17, 48, 43), box);
    }

    [Fact]
    public void Rate_WithATimeLimit_FallsToItsLeastWithTheTimeOrTheSteps()
    {
        var schedule = new CosineSchedule(1e-3, 100, 10);
        Assert.Equal(1e-6, schedule.Of(0, 0), 1e-9);
        Assert.Equal(1e-3 * (0.001 + 0.999 * 0.5), schedule.Of(300, 0.5), 1e-9);
        Assert.Equal(1e-6, schedule.Of(300, 1), 1e-12);
        Assert.Equal(1e-6, schedule.Of(1000, 0.2), 1e-12);
        Assert.True(schedule.Of(500, 0.7) < schedule.Of(400, 0.6));
    }

    [Fact]
    public void Run_TimeIsUp_EndsWithAModelAndCountsEarlierTurns()
    {
        using var scene = new TuningScene(images: 3);
        string folder = scene.Out("out");
        var options = new TuningOptions { Method = TuningMethod.Parser, Epochs = 100_000, TimeLimit = TimeSpan.FromSeconds(1.5), MetricsEvery = 1 };
        long steps;
        using (var tuner = Create())
        {
            var told = new List<TrainingProgress>();
            tuner.Begin(resume: false);
            Assert.True(tuner.Run(new Listening(told.Add), default));
            steps = tuner.Step;
            Assert.InRange(steps, 1, 99_999);
            // What is left is what is left of the time, and the steps are as many as that allows.
            Assert.All(told, t => Assert.True(t.Left <= t.TimeLeft && t.TimeLeft < options.TimeLimit && t.Steps < 300_000, $"{t}"));
            Assert.Equal(told.Select(t => t.TimeLeft).OrderDescending(), told.Select(t => t.TimeLeft));
        }
        Assert.True(File.Exists(Path.Combine(folder, "model.safetensors")));
        using var again = Create();
        again.Begin(resume: true);
        Assert.True(again.Run(null, default)); // there is no time left
        Assert.Equal(steps, again.Step);

        Tuner Create() => Tuner.Create(TuningData.Load(scene.Data, scene.Images, _ => { }), BaseSource.Of(scene.Sam), folder, options, CPU, _ => { });
    }

    /// <summary>An earlier turn may have been slow for other reasons; the limit says what is left, at the pace of this one.</summary>
    [Fact]
    public void Progress_WithATimeLimit_CountsTheStepsItLeavesRoomFor()
    {
        Assert.Equal(50 + 360, TrainingProgress.StepsInAll(50, 100_000, 10, TimeSpan.FromHours(1)));
        Assert.Equal(120, TrainingProgress.StepsInAll(50, 120, 10, TimeSpan.FromHours(1)));
        Assert.Equal(120, TrainingProgress.StepsInAll(50, 120, 10, null));
        Assert.Equal(50, TrainingProgress.StepsInAll(50, 120, 10, TimeSpan.Zero));
    }

    private sealed class Listening(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }

    [SkippableFact]
    public void Find_MasksInBoxes_StayAroundTheirBoxes()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = new TuningGolden("rsprompter/anchor_model.safetensors");
        using var states = PrompterModels.Encode(golden);
        var whole = PrompterModels.ConfigOf(golden);
        var frame = new ResizedFrame(96, 112, 110, 128, 128);
        var (free, kept) = (Found(whole), Found(whole with { MasksInBoxes = true }));
        Assert.Equal(free.Select(f => f.Box), kept.Select(k => k.Box));
        bool differs = false;
        for (int i = 0; i < free.Count; i++)
        {
            var around =
                frame.ToOriginal(PromptedMasks.Around(new BoxF(kept[i].Box.X1 * (float)frame.ScaleX, kept[i].Box.Y1 * (float)frame.ScaleY,
                kept[i].Box.X2 * (float)frame.ScaleX, kept[i].Box.Y2 * (float)frame.ScaleY), 128));
            bool[] all = free[i].Mask.ToBools(), inside = kept[i].Mask.ToBools();
            for (int p = 0; p < all.Length; p++)
            {
                float x = p % 112 + 0.5f, y = p / 112 + 0.5f;
                bool near = x >= around.X1 - 1e-3 && x < around.X2 + 1e-3 && y >= around.Y1 - 1e-3 && y < around.Y2 + 1e-3;
                Assert.False(inside[p] && !near);
                if (all[p] && near && x > around.X1 + 1e-3 && x < around.X2 - 1e-3 && y > around.Y1 + 1e-3 && y < around.Y2 - 1e-3) Assert.True(inside[p]);
                differs |= all[p] != inside[p];
            }
        }
        Assert.True(differs, "No mask reached beyond its box: the test tells nothing.");

        IReadOnlyList<PrompterInstance> Found(PrompterConfig config)
        {
            using var prompter = PrompterModels.Create(config);
            prompter.eval();
            return PrompterInference.Find(prompter, prompter.Maps(states), [.. states.Embedding.unbind(0).Select(_ => frame)],
                new SemanticSam.Granularity.RsPrompter.PrompterLimits())[0];
        }
    }
}
