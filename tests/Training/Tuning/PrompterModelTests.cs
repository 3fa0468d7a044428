using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Tests.Granularity.RsPrompter;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Losses;
using SemanticSam.Training.Objectives;
using SemanticSam.Training.Tuning;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Tuning;

public sealed class PrompterModelTests
{
    private const string AnchorModel = "anchor_model", QueryModel = "query_model", MaskRcnn = "samseg_maskrcnn_model", Mask2Former = "samseg_mask2former_model";

    [SkippableTheory]
    [InlineData(AnchorModel)]
    [InlineData(QueryModel)]
    [InlineData(MaskRcnn)]
    [InlineData(Mask2Former)]
    public void Loss_WholeModel_GivesGoldenLossesAndGradients(string file)
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden($"rsprompter/{file}.safetensors");
        using var states = PrompterModels.Encode(golden);
        using var prompter = PrompterModels.Create(PrompterModels.ConfigOf(golden));
        PrompterModels.CheckNames(golden, prompter);
        prompter.train();
        var report = new LossReport();
        int draws = 0;
        var loss = new PrompterObjective(prompter, Options(golden)).Loss(prompter.Maps(states), Truths(golden), new Random(1),
            _ => golden.Input($"rand{draws++}"), report);
        var losses = report.Means.ToDictionary();
        string[] names = golden.List("loss_names");
        double[] expected = golden["losses"].Doubles;
        for (int i = 0; i < names.Length; i++)
            Assert.True(Math.Abs(losses[names[i]] - expected[i]) <= 1e-5 * Math.Abs(expected[i]) + 1e-7, $"{names[i]}: {losses[names[i]]}, not {expected[i]}.");
        Assert.Equal(golden.Scalar("loss"), loss.item<float>(), 1e-5 * golden.Scalar("loss"));
        Assert.Equal(golden.HasInput("rand0"), draws > 0);
        Assert.False(golden.HasInput($"rand{draws}"), "Not all points were drawn.");
        loss.backward();
        golden.CheckGradients(PrompterModels.Parameters(prompter));
    }

    [SkippableTheory]
    [InlineData(AnchorModel)]
    [InlineData(QueryModel)]
    [InlineData(MaskRcnn)]
    [InlineData(Mask2Former)]
    public void Find_WholeModel_GivesGoldenInstances(string file)
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden($"rsprompter/{file}.safetensors");
        using var states = PrompterModels.Encode(golden);
        using var prompter = PrompterModels.Create(PrompterModels.ConfigOf(golden));
        prompter.eval();
        using var still = no_grad();
        var maps = prompter.Maps(states);
        if (golden.Has("eval.image_embedding")) golden.Check("eval.image_embedding", states.Embedding, 1e-5);
        for (int i = 2; i < maps.Maps.Count && golden.Has($"eval.map{i}"); i++) golden.Check($"eval.map{i}", maps.Maps[i], 1e-5);
        var frame = Frame(golden);
        int count = golden["pred0.scores"].Floats.Length;
        var limits = new PrompterLimits { Proposals = Proposals(golden), Detections = new(0.05f, count), Pairs = count };
        var found = PrompterInference.Find(prompter, maps, [.. states.Embedding.unbind(0).Select(_ => frame)], limits);
        for (int image = 0; image < found.Count; image++)
        {
            string start = $"pred{image}.";
            float[] scores = golden[start + "scores"].Floats;
            // The reference leaves queries in the order of its selection, which is not sorted.
            int[] order = [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i])];
            Close.AssertAbsolute([.. found[image].Select(f => f.Score)], [.. order.Select(i => scores[i])], 4e-6, start + "scores");
            Assert.Equal(order.Select(i => golden[start + "labels"].Integers[i]), found[image].Select(f => (long)f.Label));
            var boxes = golden.Boxes(start + "boxes");
            // An anchor of the coarsest level is 724 pixels long, and a millionth of that is what float32 leaves of its moves.
            RegionTests.CheckBoxes([.. order.Select(i => boxes[i])], [.. found[image].Select(f => f.Box)], tolerance: 7e-4);
            bool[][] masks = golden.Bits(start + "mask_bits", frame.Height * frame.Width);
            for (int k = 0; k < order.Length; k++)
            {
                int differing = found[image][k].Mask.ToBools().Zip(masks[order[k]]).Count(p => p.First != p.Second);
                Assert.True(differing <= 1, $"{start}{k}: {differing} pixels of the mask differ.");
            }
        }
    }

    /// <summary>
    /// Which of two nearly equal boxes is kept can hang on one rounding, and processors with other vector units round otherwise. So weights may begin a
    /// rounding away from those given, and one such beginning has to give every loss and weight.
    /// </summary>
    [SkippableTheory]
    [InlineData("anchor_train")]
    [InlineData("query_train")]
    public void Step_SixTimes_GivesGoldenLossesAndWeights(string file)
    {
        var golden = new TuningGolden($"rsprompter/{file}.safetensors");
        string? difference = null;
        for (ulong seed = 0; seed < 24 && (seed == 0 || difference is not null); seed++)
        {
            string? found = SixSteps(golden, seed);
            if (seed == 0 || found is null) difference = found;
        }
        Assert.True(difference is null, difference);
    }

    /// <summary>What differs from the golden losses and weights first; null for nothing.</summary>
    /// <param name="golden">The file.</param>
    /// <param name="seed">Decides by which rounding each weight is moved; 0 for none.</param>
    private static string? SixSteps(TuningGolden golden, ulong seed)
    {
        const double Tolerance = 2e-5;
        using var scope = NewDisposeScope();
        using var states = PrompterModels.Encode(golden);
        using var prompter = PrompterModels.Create(PrompterModels.ConfigOf(golden));
        if (seed > 0) MoveByARounding(prompter, seed);
        prompter.train();
        var objective = new PrompterObjective(prompter, Options(golden));
        var truths = Truths(golden);
        using var optimizer = PrompterOptimizer.Create(prompter, golden.Number("lr"));
        string[] names = golden.List("loss_names");
        double[] expected = golden["losses"].Doubles;
        int draws = 0;
        for (int step = 0; step < golden.Size("steps"); step++)
        {
            using var inner = NewDisposeScope();
            var report = new LossReport();
            optimizer.zero_grad();
            var loss = objective.Loss(prompter.Maps(states), truths, new Random(1), _ => golden.Input($"rand{draws++}"), report);
            loss.backward();
            var losses = report.Means.ToDictionary();
            losses["total"] = loss.item<float>();
            for (int i = 0; i < names.Length; i++)
            {
                double right = expected[step * names.Length + i];
                if (!(Math.Abs(losses[names[i]] - right) <= Tolerance * Math.Max(1, Math.Abs(right))))
                    return $"Step {step}, {names[i]}: {losses[names[i]]}, not {right}.";
            }
            optimizer.step();
        }
        var weights = PrompterModels.Parameters(prompter);
        foreach (string name in golden.Names.Where(n => n.StartsWith("after.", StringComparison.Ordinal)))
        {
            float[] actual = Close.Values(weights[name[6..]]), right = golden[name].Floats;
            Assert.Equal(right.Length, actual.Length);
            for (int i = 0; i < right.Length; i++)
                if (!(Math.Abs(actual[i] - right[i]) <= Tolerance)) return $"{name}[{i}]: {actual[i]}, not {right[i]}.";
        }
        return null;
    }

    private static void MoveByARounding(nn.Module module, ulong seed)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var generator = new Generator(seed);
        foreach (var (_, parameter) in module.named_parameters()) parameter.mul_(1 + (rand(parameter.shape, generator: generator) - 0.5) * 2e-7);
    }

    private static PrompterObjectiveOptions Options(TuningGolden golden) => new()
    {
        Proposals = Proposals(golden),
        Anchors = CandidateSampling.All,
        Regions = CandidateSampling.All,
        Points = new PointOptions { Count = golden.HasInput("rand0") ? (int)golden.Input("rand0").shape[1] : 64 },
    };

    /// <summary>The tiny models look at 40 anchors a level and propose 20 regions (their descriptions say so in words).</summary>
    private static ProposalLimits Proposals(TuningGolden golden)
    {
        string text = golden.Config.TryGetProperty("rpn", out var rpn) && rpn.GetString()!.Any(char.IsDigit) ? rpn.GetString()! : "nms_pre 40, 20 proposals";
        int[] numbers = [.. System.Text.RegularExpressions.Regex.Matches(text, @"\d+").Select(m => int.Parse(m.Value)).Take(2)];
        return new(numbers[0], numbers[1]);
    }

    /// <summary>"original image 96 x 112 (h x w), resized to 110 x 128, padded to 128 x 128".</summary>
    private static ResizedFrame Frame(TuningGolden golden)
    {
        int[] sides = [.. System.Text.RegularExpressions.Regex.Matches(golden.Text("predict"), @"\d+").Select(m => int.Parse(m.Value)).Take(5)];
        return new(sides[0], sides[1], sides[2], sides[3], sides[4]);
    }

    private static List<InstanceTruth> Truths(TuningGolden golden)
    {
        int side = golden.Size("image");
        var truths = new List<InstanceTruth>();
        for (int i = 0; golden.Has($"gt{i}.labels"); i++)
        {
            bool[][] bits = golden.Bits($"gt{i}.mask_bits", side * side);
            var masks = tensor(bits.SelectMany(b => b).ToArray(), [bits.Length, side, side]).to(ScalarType.Byte);
            truths.Add(new(golden.Boxes($"gt{i}.boxes"), [.. golden[$"gt{i}.labels"].Integers.Select(l => (int)l)], masks));
        }
        return truths;
    }
}
