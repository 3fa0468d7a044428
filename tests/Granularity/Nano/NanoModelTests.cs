using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Nano;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Nano;

public sealed class NanoModelTests
{
    private static NanoConfig Small => new()
    {
        BackboneWidth = 16, PyramidWidth = 32, NormGroups = 4, EmbeddingWidth = 16, SentenceWidth = 12, NameHidden = 16, MaskHidden = 16,
        MaskFeatures = 8, QueryWidth = 32,
    };

    [Fact]
    public void Freeze_Network_GivesTheSameFeaturesUntilItIsTrainedAgain()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        manual_seed(3);
        using var model = new NanoModel(Small);
        model.eval();
        Tensor image = randn(1, 3, 64, 96) * 50;
        Tensor before = model.Encode(image).Levels[3];
        model.Freeze();
        Close.Assert_(model.Encode(image).Levels[3], before, 1e-5, "frozen");
        long tensors = LiveTensors.Settled();
        model.Freeze();
        Assert.Equal(tensors, LiveTensors.Settled());
        model.state_dict()["backbone.layer4.1.bn2.weight"].mul_(-3);
        Close.Assert_(model.Encode(image).Levels[3], before, 1e-5, "still frozen");
        model.train();
        Assert.True(Close.RelativeError(model.Encode(image).Levels[3].flatten().data<float>().ToArray(), before.flatten().data<float>().ToArray()) > 1e-3);
    }

    [Fact]
    public void Fresh_EveryParameter_IsFiniteAndOfTheDeviationMeant()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var model = new NanoModel(new NanoConfig());
        foreach (var (name, parameter) in model.named_parameters())
        {
            Assert.True(parameter.isfinite().all().item<bool>(), name);
            double mean = parameter.mean().item<float>(), deviation = parameter.numel() > 1 ? parameter.std().item<float>() : 0;
            bool norm = name.Contains(".norm") || name.Contains(".bn") || name.Contains(".downsample.1");
            if (norm) Assert.Equal(name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0, mean, 1e-6);
            else if (name.EndsWith("bias", StringComparison.Ordinal) && parameter.numel() > 1) Assert.Equal(0, mean, 1e-6);
            else if (parameter.dim() == 4) Assert.Equal(Math.Sqrt(2.0 / (parameter.numel() / parameter.shape[0])), deviation, 0.1 * deviation);
            else if (parameter.dim() == 2 && parameter.numel() > 1000) Assert.InRange(deviation * Math.Sqrt(parameter.shape[1]), 0.009, 16);
        }
    }

    [Fact]
    public void Names_OfAnyText_HaveLengthOneAndDecideByAngle()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = new NanoModel(Small);
        var features = model.Encode(rand(2, 3, 64, 96) * 100);
        Tensor names = model.Names(nn.functional.normalize(randn(2, 5, 12), 2, -1)), logits = model.Words(features, names);
        Assert.Equal([2, 5, 16 * 24], logits.shape);
        Assert.Equal([2, 5], model.Presence(features, names).shape);
        Assert.True((names.norm(2) - 1).abs().max().item<float>() < 1e-5);
        Assert.True(logits.max().item<float>() <= 13.001 && logits.min().item<float>() >= -19.001); // cosine * 16 - 3
    }

    /// <summary>Each name is compared with the pixels of its own head; those of things are answered as if there were no other head.</summary>
    [Fact]
    public void Names_OfSurroundings_AreAnsweredByTheirHeadAlone()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        manual_seed(5);
        using var plain = new NanoModel(Small);
        using var model = new NanoModel(Small with { SurroundingsWidth = 16, SurroundingsBlocks = 1 });
        var own = model.state_dict();
        foreach (var (name, value) in plain.state_dict()) own[name].copy_(value);
        foreach (string layer in new[] { "kindHidden", "kindOutput" }) own[$"surroundings.{layer}.weight"].zero_();
        own["surroundings.kindHidden.weight"][0, 0] = 1; // names whose first number is positive
        own["surroundings.kindOutput.weight"][0, 0] = 1;
        Tensor sentences = nn.functional.normalize(randn(2, 5, 12), 2, -1);
        sentences.select(-1, 0).copy_(tensor(new float[] { 0.5f, -0.5f, -0.1f, 0.2f, -0.3f }).expand(2, 5));
        bool[] around = [true, false, false, true, false];
        Tensor image = rand(2, 3, 64, 96) * 100;
        NanoFeatures features = model.Encode(image), plainFeatures = plain.Encode(image);
        Assert.Null(features.Surroundings); // nothing is computed for names that nobody asks

        Tensor names = model.Names(sentences), plainNames = plain.Names(sentences);
        Tensor maps = model.Words(features, names), plainMaps = plain.Words(plainFeatures, plainNames);
        Tensor presence = model.Presence(features, names), plainPresence = plain.Presence(plainFeatures, plainNames);
        Tensor ownMaps = model.Surroundings!.Words(features, model.Surroundings.Names(sentences));
        Assert.Equal([2, 5, 32], names.shape);
        Assert.Equal([2, 5, 16 * 24], maps.shape);
        for (int n = 0; n < around.Length; n++)
        {
            Assert.True(maps.select(1, n).equal((around[n] ? ownMaps : plainMaps).select(1, n)).all().item<bool>(), $"name {n}");
            Assert.Equal(!around[n], presence.select(1, n).equal(plainPresence.select(1, n)).all().item<bool>());
        }
        var embedded = model.EmbedSurroundings(features);
        Assert.True(model.Words(embedded, names).equal(maps).all().item<bool>());
        Assert.True(model.AskSurroundings(names[0]));
        Assert.False(model.AskSurroundings(names[0].slice(0, 1, 3, 1)));
        Assert.False(plain.AskSurroundings(plainNames[0]));
    }

    /// <summary>What an image remembers for names of surroundings is freed with it, and is made but once.</summary>
    [Fact]
    public void Maps_OfSurroundings_AreTheSameAgainAndLeakNothing()
    {
        using var quiet = no_grad();
        manual_seed(5);
        using var model = new NanoModel(Small with { SurroundingsWidth = 16, SurroundingsBlocks = 1 });
        using (var scope = NewDisposeScope()) model.state_dict()["surroundings.kindOutput.weight"].normal_();
        long before = LiveTensors.Settled();
        using (var scope = NewDisposeScope())
        using (var image = new NanoInference(model, rand(1, 3, 64, 96) * 100, 60, 90))
        {
            Tensor names = image.Names(nn.functional.normalize(randn(6, 12), 2, -1));
            long bytes = image.CanvasBytes;
            Tensor first = image.Maps(names), again = image.Maps(names);
            Assert.True(first.equal(again).all().item<bool>());
            Assert.Equal(bytes + 16 * 24 * 16 * sizeof(float), image.CanvasBytes);
        }
        Assert.Equal(before, LiveTensors.Settled());
    }

    [Fact]
    public void Places_DrawnTogether_EqualThoseDrawnOneByOne()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        manual_seed(3);
        using var model = new NanoModel(Small);
        using var image = new NanoInference(model, rand(1, 3, 64, 96) * 100, 60, 90);
        float[] x = [3.5f, 12, 20], y = [4, 9.5f, 2];
        var (coarse, quality, drawing) = image.Look(NanoInference.Clicks(x, y));
        Assert.Equal((3 * 6, 8 * 12), (coarse.Count, coarse.Cells));
        Tensor all = Drawn(image, drawing, [new(0, 5), new(1, 0), new(2, 3)]);
        for (int i = 0; i < 3; i++)
        {
            var (_, oneQuality, oneDrawing) = image.Look(NanoInference.Clicks([x[i]], [y[i]]));
            Tensor one = Drawn(image, oneDrawing, [new(0, new[] { 5, 0, 3 }[i])]);
            float apart = (one[0] - all[i]).abs().max().item<float>();
            float qualityApart = oneQuality.Zip(quality.Skip(6 * i)).Max(q => Math.Abs(q.First - q.Second));
            Assert.True(apart < 1e-4 * all[i].abs().max().item<float>(), $"logits differ by {apart} of {all[i].abs().max().item<float>()}");
            Assert.True(qualityApart < 1e-3, $"qualities differ by {qualityApart}");
        }
    }

    [Fact]
    public void Places_Prior_PrefersWhatIsNearTheClick()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = new NanoModel(Small);
        foreach (var (name, parameter) in model.named_parameters())
            if (name.StartsWith("place.network", StringComparison.Ordinal) || name.StartsWith("place.offset", StringComparison.Ordinal)) parameter.zero_();
        using var image = new NanoInference(model, rand(1, 3, 128, 128) * 100, 128, 128);
        var (_, _, drawing) = image.Look(NanoInference.Clicks([10], [20]));
        Tensor logits = Drawn(image, drawing, [new(0, 3)])[0];
        long best = logits.flatten().argmax().item<long>();
        Assert.InRange(best % 32, 9, 10);
        Assert.InRange(best / 32, 19, 20);
    }

    [Fact]
    public void Look_BoxMaskAndMixes_GiveOneAnswerEach()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = new NanoModel(Small);
        using var image = new NanoInference(model, rand(1, 3, 64, 96) * 100, 64, 96);
        float[] mask = NanoPlace.LogitsOf([.. Enumerable.Range(0, 16 * 24).Select(i => i % 24 < 6 ? 1f : 0)]);
        NanoPlace[] places =
        [
            new() { Box = (2, 3, 10, 12) }, new() { Previous = mask }, new() { Box = (2, 3, 10, 12), Clicks = [(4, 5, true), (12, 3, false)] },
            new() { Previous = mask, Clicks = [(9, 9, false)] }, new() { Previous = new float[16 * 24] },
        ];
        var (_, quality, drawing) = image.Look(places);
        Assert.Equal((5, 1), (quality.Length, drawing.Slots));
        Assert.Equal(5 * 16 * 24, image.Draw(drawing, [.. Enumerable.Range(0, 5).Select(i => new PlaceAnswer(i, 0))]).Length);
        Assert.All(quality, q => Assert.True(float.IsFinite(q)));
    }

    [Fact]
    public void Canvas_CoarseAndWithoutEmptyMaps_DrawsWhatTheWholeComputationDraws()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        manual_seed(6);
        using var model = new NanoModel(Small);
        using var image = new NanoInference(model, rand(1, 3, 64, 96) * 100, 64, 96);
        float[] mask = NanoPlace.LogitsOf([.. Enumerable.Range(0, 16 * 24).Select(i => i % 24 < 6 ? 1f : 0)]);
        NanoPlace[][] asked =
        [
            [new() { Clicks = [(3.5f, 4, true)] }, new() { Clicks = [(20, 2, true), (7, 9, false)] }], [new() { Clicks = [(3.5f, 4, true)] }],
            [new() { Previous = mask }],
            [new() { Box = (2, 3, 10, 12) }, new() { Previous = mask, Clicks = [(9, 9, false)] }],
        ];
        Assert.Equal([3, 2, 3, 5], asked.Select(p => NanoPlace.ToPrompts(p, 16, 24, CPU).Maps.Count));
        foreach (var places in asked)
        {
            var prompts = NanoPlace.ToPrompts(places, 16, 24, CPU);
            var networks = model.Places(image.Features, prompts, places[0].IsGiven);
            Tensor maps = PlaceMaps.Of(image.Features, prompts);
            Assert.Equal([1, places.Length, PlaceHead.PromptMaps, 16 * 24], maps.shape);
            foreach (var kind in Enum.GetValues<PromptMap>().Except(prompts.Maps)) Assert.Equal(0, maps.select(2, (long)kind).abs().max().item<float>());
            Tensor half = nn.functional.avg_pool2d(maps.view(1, -1, 16, 24), 2).view(1, places.Length, PlaceHead.PromptMaps, -1);
            foreach (var (side, whole) in new[] { (1, DynamicMasks.Draw(model.Config, image.Mask, maps, networks.Weights, networks.Frames)),
                         (2, DynamicMasks.Draw(model.Config, nn.functional.avg_pool2d(image.Mask, 2), half, networks.Weights, networks.Frames, 2)) })
            {
                using var canvas = new PlaceCanvas(model.Config, image.Features, image.Mask, side);
                Close.Assert_(canvas.Draw(prompts, networks.Weights, networks.Frames), TensorValues.Floats(whole), 1e-5, $"side {side}");
                Tensor quality = model.Quality(image.Features, networks, canvas.Look(prompts, networks.Weights, networks.Frames));
                Close.Assert_(quality, model.Quality(image.Features, networks, whole), 1e-5, $"quality of side {side}");
            }
        }
    }

    [Fact]
    public void Fused_OfAnyWidth_DrawsTheSame()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        var config = Small;
        PromptMap[] kinds = [PromptMap.Like, PromptMap.Box];
        var fused = new FusedMasks(MaskBasis.Of(randn(1, config.MaskFeatures, 8, 12), 2));
        var drawing = fused.Prepare(rand(1, 2, 2, 96), kinds, randn(1, 2, 3, DynamicMasks.Parameters(config)), rand(1, 2, 3, 4) * 10 + 1);
        var masks = new CellMasks(2, 96);
        for (int network = 0; network < drawing.Count; network++)
        {
            var (wide, narrow) = (new float[96], new float[96]);
            drawing.Draw<Lanes16>(network, wide);
            drawing.Draw<Lanes8>(network, narrow);
            Assert.Equal(wide, narrow);
            masks.Take<Lanes16>(0, wide);
            masks.Take<Lanes8>(1, narrow);
            Close.Assert_(masks.Measures.AsSpan(0, 3), masks.Measures.AsSpan(3, 3), 1e-6, "measures");
            Assert.Equal(wide.Select(v => v > 0), Enumerable.Range(0, 96).Select(c => (masks.Bits(0)[c / 64] >> c % 64 & 1) == 1));
            masks = new CellMasks(2, 96);
        }
    }

    [Fact]
    public void CellMasks_AnyNumberOfCells_CountsAllOfThem()
    {
        float[] logits = [.. Enumerable.Range(0, 101).Select(i => i % 7 - 3.5f)];
        var masks = new CellMasks(2, logits.Length);
        masks.Take(1, logits);
        float[] inside = [.. logits.Where(v => v > 0)];
        Assert.Equal(inside.Length, masks.Area(1));
        Close.Assert_(masks.Measures.AsSpan(3), [inside.Length, logits.Count(v => v > 1) / (float)logits.Count(v => v > -1),
            inside.Average(v => 1 / (1 + MathF.Exp(-v)))], 1e-6, "measures");
        for (int cell = 0; cell < logits.Length; cell += 2) masks.Add(0, cell);
        Assert.Equal(logits.Where((v, i) => v > 0 && i % 2 == 0).Count(), masks.Shared(0, masks.Bits(1)));
        Assert.Equal(inside.Sum(v => (double)v), masks.Sum(1, logits), 1e-9);
    }

    [Fact]
    public void Maps_OfAPrompt_SayWhatTheyStandFor()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = new NanoModel(Small);
        using var image = new NanoInference(model, rand(1, 3, 64, 96) * 100, 64, 96);
        NanoPlace place = new() { Box = (2, 3, 10, 12), Clicks = [(4.5f, 6.5f, true), (20.5f, 3.5f, false)] };
        Tensor maps = PlaceMaps.Of(image.Features, NanoPlace.ToPrompts([place], 16, 24, CPU)).view(5, 16, 24);
        Tensor clicks = maps[(long)PromptMap.Clicks], box = maps[(long)PromptMap.Box];
        Assert.Equal(1, clicks[6, 4].item<float>(), 1e-4);
        Assert.Equal(-1, clicks[3, 20].item<float>(), 1e-4);
        Assert.Equal(Math.Exp(-(4 + 1) / (2 * 2.5 * 2.5)), clicks[7, 6].item<float>(), 1e-3);
        Assert.Equal(1 / (1 + Math.Exp(-2.5)), box[7, 4].item<float>(), 1e-4); // 2.5 cells inside the nearest side
        Assert.Equal(1 / (1 + Math.Exp(5.5)), box[7, 15].item<float>(), 1e-4); // 5.5 outside
        Assert.Equal(0, maps[(long)PromptMap.Previous].abs().max().item<float>());
    }

    [Fact]
    public void ToPrompts_NothingInside_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => NanoPlace.ToPrompts([new() { Clicks = [(1, 1, false)] }], 8, 8, CPU));
        Assert.Throws<ArgumentException>(() => NanoPlace.ToPrompts([new() { Clicks = [(1, 1, true)] }, new() { Box = (0, 0, 4, 4) }], 8, 8, CPU));
    }

    [Fact]
    public void Encode_InBfloat16_IsNearFloat32AndGradientsStayFloat32()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using var model = new NanoModel(Small);
        Tensor images = (rand(2, 64, 64, 3) * 100).permute(0, 3, 1, 2), names = model.Names(nn.functional.normalize(randn(2, 3, 12), 2, -1));
        Tensor exact = model.Words(model.Encode(images), names).detach();
        model.ConvolutionType = ScalarType.BFloat16;
        var features = model.Encode(images);
        Tensor rough = model.Words(features, names);
        Assert.Equal(ScalarType.Float32, rough.dtype);
        Assert.True(((rough - exact).norm() / exact.norm()).item<float>() < 0.05);
        (rough.sum() + model.MaskFeatures(features).sum()).backward();
        foreach (var (name, parameter) in model.named_parameters())
            if (parameter.grad is { } gradient) Assert.True(gradient.dtype == ScalarType.Float32 && gradient.isfinite().all().item<bool>(), name);
    }

    private static Tensor Drawn(NanoInference image, PlaceDrawing drawing, IReadOnlyList<PlaceAnswer> chosen) =>
        tensor(image.Draw(drawing, chosen), chosen.Count, image.Height, image.Width);
}
