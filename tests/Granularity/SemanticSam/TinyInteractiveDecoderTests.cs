using SemanticSam.Cli.Verbs;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.SemanticSam;

/// <summary>Semantic-SAM's mask decoder in a tiny size, from stored pixel decoder outputs (golden/semantic_sam: tiny_decoder).</summary>
public sealed class TinyInteractiveDecoderTests(ITestOutputHelper output)
{
    private const string Prefix = "sem_seg_head.predictor.";

    public static TheoryData<string> Cases() =>
        [.. GoldenTensors.Load("semantic_sam/tiny_decoder").Sidecar.GetProperty("cases").EnumerateObject().Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_Case_GivesReferencePredictions(string name)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("semantic_sam/tiny_decoder");
        using var decoder = Decoder();
        var result = decoder.forward(Memory(decoder), new DecoderRequest { Prompts = Prompts(golden, name) });
        Assert.Single(result.Prompts);
        Check(golden, name, result.Prompts[^1]);
    }

    [Theory]
    [InlineData("point1")]
    [InlineData("points4")]
    public void Forward_AllLayers_GivesReferenceAuxiliaryPredictions(string name)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("semantic_sam/tiny_decoder");
        using var decoder = Decoder();
        var result = decoder.forward(Memory(decoder), new DecoderRequest
        {
            Prompts = Prompts(golden, name),
            Depth = DecoderDepth.AllLayers,
            Masks = MaskOutput.All,
        });
        Assert.Equal(decoder.Config.Layers, result.Prompts.Count);
        for (int i = 0; i < decoder.Config.Layers - 1; i++)
            Check(golden, $"{name}.aux{i}", result.Prompts[i]);
        Check(golden, name, result.Prompts[^1]);
    }

    [Fact]
    public void Forward_Point1_GivesReferenceLayersAndBoxes()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("semantic_sam/tiny_decoder");
        using var decoder = Decoder();
        var memory = Memory(decoder);
        Report("memory", golden.Check("memory", memory.Tokens));

        var (content, anchors) = decoder.OfPrompts(Prompts(golden, "point1"), memory.MaskFeatures);
        Report("content", golden.Check("point1.query_content", content));
        Report("anchors", golden.Check("point1.query_refpoint_unsigmoid", anchors));

        var layers = decoder.Layers.forward(content, anchors, memory, new QueryVisibility(QueryRun.Joint(content.shape[1])), allLayers: true);
        for (int i = 0; i < layers.Count; i++)
        {
            Report($"ref{i}", golden.Check($"point1.ref{i}", layers[i].BoxBefore));
            Report($"layer{i}", golden.Check($"point1.layer{i}", layers[i].State));
            Report($"hs{i}", golden.Check($"point1.hs{i}", decoder.Norm.call(layers[i].State)));
        }
        var last = layers[^1];
        Report("last ref", golden.Check($"point1.ref{layers.Count}", decoder.Layers.Refine(layers.Count - 1, last.State, last.BoxBefore)));
    }

    [Fact]
    public void Forward_Names_GivesReferenceClassLogitsAndSameMasks()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("semantic_sam/tiny_decoder");
        var text = GoldenTensors.Load("semantic_sam/tiny_text");
        using var decoder = Decoder();
        var names = new NameEmbeddings(text.Tensor("whole_text_embeddings"), text.Tensor("part_text_embeddings"), LogitScale());
        var result = decoder.forward(Memory(decoder), new DecoderRequest
        {
            Prompts = Prompts(golden, "points4"),
            Names = names,
            Depth = DecoderDepth.AllLayers,
        });
        for (int i = 0; i < result.Prompts.Count; i++)
        {
            string prefix = i == result.Prompts.Count - 1 ? "points4." : $"points4.aux{i}.";
            Report(prefix + "whole", golden.Check(prefix + "pred_logits_whole", result.Prompts[i].Logits!));
            Report(prefix + "part", golden.Check(prefix + "pred_logits_part", result.Prompts[i].PartLogits!));
        }
        Check(golden, "points4", result.Prompts[^1]);
    }

    [Fact]
    public void Forward_IsolatedPrompts_DoNotDependOnEachOther()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var decoder = Decoder();
        var memory = Memory(decoder);
        var boxes = DetInput.Tensor("isolation.boxes", 1, 5, 4) * 0.4 + 0.5;
        var kinds = zeros(1, 5, ScalarType.Int64);
        var all = decoder.forward(memory, new DecoderRequest { Prompts = new PromptQueries(boxes, kinds) }).Prompts[^1];
        var one = decoder.forward(memory, new DecoderRequest { Prompts = new PromptQueries(boxes.narrow(1, 3, 1), kinds.narrow(1, 3, 1)) }).Prompts[^1];
        long tokens = decoder.Config.MaskTokens;
        Assert.True(all.Masks!.narrow(1, 3 * tokens, tokens).allclose(one.Masks!, rtol: 1e-4, atol: 1e-4));
        Assert.True(all.Ious!.narrow(1, 3, 1).allclose(one.Ious!, rtol: 1e-4, atol: 1e-5));
    }

    [Fact]
    public void Forward_ProjectionsNotKept_GivesTheSame()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("semantic_sam/tiny_decoder");
        using var decoder = Decoder();
        var result = decoder.forward(Memory(decoder, keep: false), new DecoderRequest { Prompts = Prompts(golden, "point1") });
        Check(golden, "point1", result.Prompts[^1]);
    }

    [Fact]
    public void Forward_ManyCalls_LeakNoTensor()
    {
        using var still = no_grad();
        using var decoder = Decoder();
        using var scope = NewDisposeScope();
        var golden = GoldenTensors.Load("semantic_sam/tiny_decoder");
        var memory = Memory(decoder);
        var request = new DecoderRequest { Prompts = Prompts(golden, "points4"), Depth = DecoderDepth.AllLayers, Masks = MaskOutput.All };
        Ask();
        long before = LiveTensors.Settled();
        for (int i = 0; i < 5; i++) Ask();
        Assert.Equal(before, Tensor.TotalCount);

        void Ask()
        {
            using var call = NewDisposeScope();
            decoder.forward(memory, request);
        }
    }

    [Fact]
    public void Forward_RequestBeyondTheModel_SaysWhatWorks()
    {
        using var scope = NewDisposeScope();
        using var decoder = Decoder();
        var memory = Memory(decoder);
        Assert.Contains("no object queries", Assert.Throws<ArgumentException>(() => decoder.forward(memory, new DecoderRequest { Objects = true })).Message);
        Assert.Contains("asks for nothing", Assert.Throws<ArgumentException>(() => decoder.forward(memory, new DecoderRequest())).Message);
        Assert.Throws<ArgumentException>(() => decoder.Remember(memory.MaskFeatures, [memory.MaskFeatures]));
    }

    private static MaskDinoDecoder Decoder() => ModuleFill.Fill(new MaskDinoDecoder(ReferenceConfig.SemanticSamTiny().Decoder), Prefix);

    private static Tensor LogitScale() => tensor(DetWeights.Values(Prefix + "lang_encoder.logit_scale")[0]);

    private static DecoderMemory Memory(MaskDinoDecoder decoder, bool keep = true)
    {
        var features = GoldenTensors.Load("semantic_sam/tiny_pixel_decoder");
        Tensor[] levels = [.. Enumerable.Range(0, decoder.Config.Levels).Select(i => features.Tensor($"multi_scale{i}"))];
        return decoder.Remember(features.Tensor("mask_features"), levels, keep);
    }

    private static PromptQueries Prompts(GoldenTensors golden, string name)
    {
        var described = golden.Sidecar.GetProperty("cases").GetProperty(name);
        bool isolated = described.GetProperty("attention_mask_between_clicks").GetBoolean();
        long[] kinds = [.. described.GetProperty("pb").EnumerateArray().Select(v => (long)v.GetDouble())];
        return new PromptQueries(golden.Tensor($"{name}.points").unsqueeze(0), tensor(kinds).unsqueeze(0))
        {
            Isolation = isolated ? PromptIsolation.Isolated : PromptIsolation.Joint,
        };
    }

    private void Check(GoldenTensors golden, string prefix, Predictions predictions)
    {
        if (predictions.Masks is not null) Report(prefix + " masks", golden.Check(prefix + ".pred_masks", predictions.Masks));
        Report(prefix + " ious", golden.Check(prefix + ".pred_ious", predictions.Ious!));
        Report(prefix + " boxes", golden.Check(prefix + ".pred_boxes", predictions.Boxes));
    }

    private void Report(string what, double error) => output.WriteLine($"{what}: {error:g3}");
}
