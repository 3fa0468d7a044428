using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.RsPrompter;

public sealed class QueryTests
{
    [SkippableFact]
    public void Sample_GoldenLocations_GivesGoldenValuesAndGradients()
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("rsprompter/deform_attn.safetensors");
        Tensor value = golden.Input("value").requires_grad_(), places = golden.Input("loc").requires_grad_(), weight = golden.Input("weight").requires_grad_();
        LevelShape[] shapes = [.. golden["shapes"].Integers.Chunk(2).Select(s => new LevelShape(s[0], s[1]))];
        var sampled = DeformableSampling.Sample(value, shapes, places, weight);
        golden.Check("out", sampled);
        (sampled * TuningGolden.Cotangent("out", sampled)).sum().backward();
        golden.Check("grad.value", value.grad!, 1e-5);
        golden.Check("grad.loc", places.grad!, 1e-5);
        golden.Check("grad.weight", weight.grad!, 1e-5);
    }

    [SkippableFact]
    public void Forward_PixelDecoder_GivesGoldenMemoriesAndGradients()
    {
        using var scope = NewDisposeScope();
        const string Prefix = "panoptic_head.pixel_decoder.";
        var golden = new TuningGolden("rsprompter/pixel_decoder.safetensors");
        var config = PrompterModels.WithQueries(
            new PrompterConfig { Head = PrompterHead.Query, Classes = 1, StateWidths = [], Width = golden.Size("out_channels") }, golden.Weights);
        using var decoder = ModuleFill.Fill(new QueryPixelDecoder(config), Prefix, PrompterNames.Published);
        PrompterModels.CheckNames(golden, decoder, Prefix);
        Tensor[] maps = [.. SimpleFpn.Strides.Select((_, i) => golden.Input($"map{i}").requires_grad_())];
        var (feature, memories) = decoder.forward(maps);
        golden.Check("mask_feature", feature, 1e-5);
        for (int i = 0; i < memories.Length; i++) golden.Check($"memory{i}", memories[i], 1e-5);
        ((feature * TuningGolden.Cotangent("mask_feature", feature)).sum()
            + memories.Select((m, i) => (m * TuningGolden.Cotangent($"memory{i}", m)).sum()).Aggregate((a, b) => a + b)).backward();
        golden.CheckGradients(PrompterModels.Parameters(decoder, Prefix));
        golden.Check("grad.map3", maps[3].grad!, 1e-4);
        golden.Check("grad.map4", maps[4].grad!, 1e-4);
    }

    [SkippableFact]
    public void Forward_DecoderLayer_GivesGoldenQueriesAndGradients()
    {
        using var scope = NewDisposeScope();
        const string Prefix = "panoptic_head.transformer_decoder.layers.0.";
        var golden = new TuningGolden("rsprompter/decoder_layer.safetensors");
        Tensor query = golden.Input("query").requires_grad_(), key = golden.Input("key").requires_grad_();
        using var hidden = golden.Tensor("attn_mask").unsqueeze(0); // [1, heads, Q, K]
        using var layer = ModuleFill.Fill(new MaskedDecoderLayer(query.shape[2], hidden.shape[1], golden.Weights[Prefix + "ffn.layers.0.0.weight"][0]), Prefix,
            PrompterNames.Published);
        PrompterModels.CheckNames(golden, layer, Prefix);
        var answer = layer.forward(query, golden.Input("query_pos"), key, golden.Input("key_pos"), hidden);
        golden.Check("out", answer);
        (answer * TuningGolden.Cotangent("out", answer)).sum().backward();
        golden.CheckGradients(PrompterModels.Parameters(layer, Prefix));
        golden.Check("grad.query", query.grad!, 1e-4);
        golden.Check("grad.key", key.grad!, 1e-4);
    }

    [SkippableTheory]
    [InlineData("coarse")]
    [InlineData("plain")]
    public void Answer_Queries_GivesGoldenMasksAndGradients(string kind)
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden($"rsprompter/query_head_{kind}.safetensors");
        Tensor query = golden.Input("decoder_out").requires_grad_(), feature = golden.Input("mask_feature").requires_grad_(),
            embedding = golden.Input("image_embedding").requires_grad_();
        var config = new PrompterConfig
        {
            Head = PrompterHead.Query,
            Classes = (int)golden.Weights["panoptic_head.cls_embed.2.weight"][0] - 1,
            ImageSize = 16 * (int)embedding.shape[2],
            Width = embedding.shape[1],
            StateWidths = [1],
            QueryWidth = (int)query.shape[2],
            Queries = golden.Size("queries"),
            Points = golden.Size("points_per_query"),
            PointWidth = golden.Weights["panoptic_head.point_emb.0.weight"][0],
            CoarseMasks = kind == "coarse",
            Decoder = new()
            {
                Heads = 4,
                FeedForward = golden.Weights["mask_decoder.transformer.layers.0.mlp.lin1.weight"][0],
                IouHeadWidth = golden.Weights["mask_decoder.iou_prediction_head.layers.0.weight"][0],
            },
        };
        using var prompter = PrompterModels.Create(config);
        PrompterModels.CheckNames(golden, prompter);
        Tensor? tokens = null;
        var answer = prompter.Queries.Answer(query, feature, (t, coarse) =>
        {
            tokens = t;
            golden.Check("prompt_embeddings", t);
            return prompter.DrawQueries(new([], embedding), t, coarse);
        }, fine: true);
        Assert.NotNull(tokens);
        golden.Check("cls", answer.Classes);
        golden.Check("masks", answer.Masks!, 1e-5);
        if (answer.Coarse is not null) golden.Check("coarse", answer.Coarse);
        long[] target = [.. System.Text.RegularExpressions.Regex.Matches(golden.Config.GetProperty("attn_target").GetString()!, @"\d+")
            .Select(m => long.Parse(m.Value))];
        var hidden = QueryHead.Hidden(answer.Guide, new LevelShape(target[0], target[1]));
        using var expected = golden.Tensor("attn_mask");
        var repeated = hidden.unsqueeze(1).expand(-1, golden.Size("heads"), -1, -1).flatten(0, 1);
        Assert.True(repeated.equal(expected).all().item<bool>(), "Other cells are hidden.");
        var sum = (answer.Classes * TuningGolden.Cotangent("cls", answer.Classes)).sum()
            + (answer.Masks! * TuningGolden.Cotangent("masks", answer.Masks!)).sum();
        if (answer.Coarse is not null) sum = sum + (answer.Coarse * TuningGolden.Cotangent("coarse", answer.Coarse)).sum();
        sum.backward();
        golden.Check("grad.decoder_out", query.grad!, 1e-4);
        golden.Check("grad.image_embedding", embedding.grad!, 1e-4);
        if (golden.Has("grad.mask_feature")) golden.Check("grad.mask_feature", feature.grad!, 1e-4);
        golden.CheckGradients(PrompterModels.Parameters(prompter));
    }
}
