using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Granularity.Sam;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.RsPrompter;

public sealed class NeckTests
{
    private const string Aggregator = "neck.feature_aggregator.", Pyramid = "neck.feature_spliter.";

    [SkippableTheory]
    [InlineData("train")]
    [InlineData("eval")]
    public void Aggregate_HiddenStates_GivesGoldenMapAndGradients(string mode)
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden($"rsprompter/feature_aggregator_{mode}.safetensors");
        int[] layers = [.. golden.Config.GetProperty("select_layers").EnumerateArray().Select(v => v.GetInt32())];
        long width = golden.Size("hidden_channels");
        using var aggregator = ModuleFill.Fill(
            new FeatureAggregator([.. layers.Select(_ => (long)golden.Size("in_channels"))], width, golden.Size("out_channels")), Aggregator);
        aggregator.train(mode == "train");
        Tensor[] hidden = [.. layers.Select(l => golden.Input($"hidden{l}").requires_grad_())];
        var map = aggregator.Aggregate(hidden, null!);
        golden.Check("out", map);
        var scalar = (map * TuningGolden.Cotangent("out", map)).sum();
        Assert.Equal(golden.Scalar("scalar"), scalar.item<float>(), 2e-4 * Math.Sqrt(map.numel()));
        scalar.backward();
        var parameters = PrompterModels.Parameters(aggregator, Aggregator);
        golden.CheckGradients(parameters, Prefixed(golden, Aggregator));
        golden.Check($"grad.hidden{layers[0]}", hidden[0].grad!, 1e-4);
        foreach (string name in golden.Names.Where(n => n.StartsWith("grad.", StringComparison.Ordinal) && parameters.ContainsKey(Aggregator + n[5..])))
            golden.Check(name, parameters[Aggregator + name[5..]].grad!, 1e-4);
        var state = aggregator.state_dict();
        foreach (string name in golden.Names.Where(n => n.StartsWith("after.", StringComparison.Ordinal))) golden.Check(name, state[name[6..]], 1e-5);
    }

    [SkippableFact]
    public void Aggregate_Embedding_GivesGoldenMapAndGradients()
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("rsprompter/pseudo_aggregator.safetensors");
        using var aggregator = ModuleFill.Fill(new EmbeddingAggregator(golden.Size("in_channels"), golden.Size("hidden_channels")), Aggregator);
        PrompterModels.CheckNames(golden, aggregator, Aggregator);
        var embedding = golden.Input("embedding").requires_grad_();
        var map = aggregator.Aggregate([], embedding);
        golden.Check("out", map);
        (map * TuningGolden.Cotangent("out", map)).sum().backward();
        golden.CheckGradients(PrompterModels.Parameters(aggregator, Aggregator), Prefixed(golden, Aggregator));
        golden.Check("grad.embedding", embedding.grad!, 1e-4);
    }

    [SkippableFact]
    public void Forward_SimpleFpn_GivesGoldenMapsAndGradients()
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("rsprompter/simple_fpn.safetensors");
        using var pyramid = ModuleFill.Fill(new SimpleFpn(golden.Size("backbone_channel"), []), Pyramid);
        PrompterModels.CheckNames(golden, pyramid, Pyramid);
        var map = golden.Input("map").requires_grad_();
        var maps = pyramid.forward(map, []);
        Assert.Equal(golden.Size("num_outs"), maps.Length);
        for (int i = 0; i < maps.Length; i++) golden.Check($"out{i}", maps[i]);
        maps.Select((m, i) => (m * TuningGolden.Cotangent($"out{i}", m)).sum()).Aggregate((a, b) => a + b).backward();
        golden.CheckGradients(PrompterModels.Parameters(pyramid, Pyramid), Prefixed(golden, Pyramid));
        golden.Check("grad.map", map.grad!, 1e-4);
    }

    [SkippableFact]
    public void Of_Positions_AreGolden()
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("rsprompter/positional.safetensors");
        foreach (string name in golden.Names)
        {
            string[] parts = name.Split('_');
            if (parts[0] == "sine")
            {
                using var sine = new PositionEmbeddingSine(long.Parse(parts[1]));
                long[] sides = [.. parts[2].Split('x').Select(long.Parse)];
                golden.Check(name, sine.Of(new LevelShape(sides[0], sides[1]), CPU));
                continue;
            }
            long side = long.Parse(parts[1]), width = golden[name].Shape[1];
            using var encoder = ModuleFill.Fill(new PromptEncoder(width, new LevelShape(side, side), new LevelShape(16 * side, 16 * side)), "prompt_encoder.");
            golden.Check(name, encoder.DensePosition());
        }
    }

    [Fact]
    public void Constructor_PublishedSizes_HasPublishedNumbers()
    {
        foreach (var (vit, count) in new[] { (ImageEncoderViTConfig.B, 1_449_408L), (ImageEncoderViTConfig.L, 1_807_488L),
        (ImageEncoderViTConfig.H, 2_144_512L) })
        {
            using var aggregator = new FeatureAggregator([.. Enumerable.Repeat(vit.Width, vit.Depth / 2)], 32, 256);
            Assert.Equal(count, aggregator.parameters().Sum(p => p.numel()));
        }
        using var pyramid = new SimpleFpn(256, []);
        Assert.Equal(2_839_104, pyramid.parameters().Sum(p => p.numel()));
    }

    /// <summary>Names in files of single modules may lack what stands before them in a model.</summary>
    private static Func<string, string> Prefixed(TuningGolden golden, string prefix) =>
        name => name.StartsWith(prefix, StringComparison.Ordinal) ? name : prefix + name;
}
