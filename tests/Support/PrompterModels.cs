using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Granularity.Sam;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Support;

/// <summary>Prompters of the sizes that a golden file's weights have.</summary>
internal static class PrompterModels
{
    public const string Folder = "rsprompter/";

    /// <summary>The configuration that the weights are of.</summary>
    public static PrompterConfig ConfigOf(TuningGolden golden)
    {
        var weights = golden.Weights;
        long[] Shape(string name) => weights[name];
        bool regions = weights.ContainsKey("rpn_head.rpn_cls.weight"), prompts = weights.Keys.Any(k => k.StartsWith("mask_decoder.", StringComparison.Ordinal));
        var head = regions ? prompts ? PrompterHead.Anchor : PrompterHead.MaskRcnn : prompts ? PrompterHead.Query : PrompterHead.Mask2Former;
        int count = golden.Config.GetProperty("aggregator").GetProperty("layers").GetArrayLength();
        var config = new PrompterConfig
        {
            Head = head,
            Classes = golden.Size("classes"),
            ImageSize = golden.Size("image"),
            Width = golden.Size("width"),
            StateWidths = [.. Enumerable.Range(0, count).Select(i => Shape($"neck.feature_aggregator.downconvs.{i}.0.weight")[1])],
            AggregatorWidth = golden.Config.GetProperty("aggregator").GetProperty("hidden").GetInt32(),
            Decoder = DecoderSizes.Of(golden.Sam()),
        };
        if (regions)
            config = config with
            {
                BoxWidth = Shape("roi_head.bbox_head.fc_cls.weight")[1],
                AnchorScales = Shape("rpn_head.rpn_cls.weight")[0] == 3 ? [8] : [4, 8],
            };
        if (head == PrompterHead.MaskRcnn)
            config = config with
            {
                MaskWidth = Shape("roi_head.mask_head.convs.0.conv.weight")[0],
                MaskConvolutions = weights.Keys.Count(k => k.StartsWith("roi_head.mask_head.convs.", StringComparison.Ordinal)
                    && k.EndsWith("weight", StringComparison.Ordinal)),
            };
        if (head == PrompterHead.Anchor)
            config = config with { Points = (int)(Shape("roi_head.mask_head.point_emb.8.weight")[0] / (2 * config.Width)) };
        if (regions) return config;
        config = WithQueries(config, weights);
        return config with
        {
            DecoderLayers = Layers(weights, "panoptic_head.transformer_decoder.layers."),
            DecoderFeedForward = Shape("panoptic_head.transformer_decoder.layers.0.ffn.layers.0.0.weight")[0],
            Points = head == PrompterHead.Query ? (int)(Shape("panoptic_head.point_emb.4.weight")[0] / (2 * config.Width)) : config.Points,
            PointWidth = head == PrompterHead.Query ? Shape("panoptic_head.point_emb.0.weight")[0] : config.PointWidth,
        };
    }

    /// <summary>Sizes of the pixel decoder and of the queries.</summary>
    public static PrompterConfig WithQueries(PrompterConfig config, IReadOnlyDictionary<string, long[]> weights)
    {
        const string Decoder = "panoptic_head.pixel_decoder.";
        config = config with { QueryWidth = (int)weights[Decoder + "input_convs.0.conv.weight"][0] };
        return config with
        {
            Queries = weights.TryGetValue("panoptic_head.query_feat.weight", out var queries) ? (int)queries[0] : config.Queries,
            EncoderLayers = Layers(weights, Decoder + "encoder.layers."),
            EncoderFeedForward = weights[Decoder + "encoder.layers.0.ffn.layers.0.0.weight"][0],
            EncoderPoints = (int)weights[Decoder + "encoder.layers.0.self_attn.attention_weights.weight"][0] / (3 * config.QueryHeads),
        };
    }

    private static int Layers(IReadOnlyDictionary<string, long[]> weights, string prefix) =>
        weights.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Select(k => k[prefix.Length..].Split('.')[0]).Distinct().Count();

    /// <summary>A prompter with the weights of a golden file.</summary>
    public static Prompter Create(PrompterConfig config) => ModuleFill.Fill(new Prompter(config), rename: PrompterNames.Published);

    /// <summary>The frozen encoder with the weights of a golden file.</summary>
    public static ImageEncoderViT Encoder(SamConfig sam)
    {
        var encoder = ModuleFill.Fill(new ImageEncoderViT(sam.Vit!), "image_encoder.");
        encoder.eval();
        return encoder;
    }

    /// <summary>What a frozen encoder makes of the golden file's images.</summary>
    public static EncoderStates Encode(TuningGolden golden)
    {
        using var still = no_grad();
        using var encoder = Encoder(golden.Sam());
        return encoder.Trace(golden.Input("images"),
            [.. golden.Config.GetProperty("aggregator").GetProperty("layers").EnumerateArray().Select(v => v.GetInt32())]);
    }

    /// <summary>Parameters by their published names.</summary>
    public static Dictionary<string, Tensor> Parameters(nn.Module module, string prefix = "") =>
        module.named_parameters().ToDictionary(p => PrompterNames.Published(prefix + p.name), p => (Tensor)p.parameter);

    /// <summary>Every weight of the golden file is one of the module's, with its shape, and the other way round.</summary>
    public static void CheckNames(TuningGolden golden, nn.Module module, string prefix = "")
    {
        var own = module.state_dict().Where(e => !e.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            .ToDictionary(e => PrompterNames.Published(prefix + e.Key), e => e.Value.shape);
        foreach (var (name, shape) in golden.Weights.Where(w => !w.Key.StartsWith("image_encoder.", StringComparison.Ordinal)))
        {
            Assert.True(own.TryGetValue(name, out long[]? found), $"There is no {name}.");
            Assert.Equal(shape, found);
        }
    }
}
