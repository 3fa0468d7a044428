using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.SemanticSam;

/// <summary>Semantic-SAM's mask decoder in a tiny size, from stored pixel decoder outputs (golden/semantic_sam: tiny_decoder).</summary>
public sealed class MaskDinoDecoderTests(ITestOutputHelper output)
{
    private const string Prefix = "sem_seg_head.predictor.";

    private const string File = "semantic_sam/tiny_decoder";

    /// <summary>The prompts of the file, or those of which it also holds a tensor of this name.</summary>
    public static TheoryData<string> Cases(string? tensor) => Fixtures.Cases(() => Named(GoldenTensors.Load(File), tensor));

    private static IEnumerable<string> Named(GoldenTensors golden, string? tensor) =>
        golden.Sidecar.GetProperty("cases").EnumerateObject().Select(c => c.Name).Where(name => tensor is null || golden.Has($"{name}.{tensor}"));

    /// <summary>Any prompt of the file, the one with the most clicks.</summary>
    private static string Any(GoldenTensors golden) => Named(golden, null).MaxBy(name => golden.Shape($"{name}.points")[0])!;

    [SkippableTheory]
    [MemberData(nameof(Cases), null)]
    public void Forward_Case_GivesReferencePredictions(string name)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load(File);
        using var decoder = Decoder();
        var result = decoder.forward(Memory(decoder), new DecoderRequest { Prompts = Prompts(golden, name) });
        Assert.Single(result.Prompts);
        Check(golden, name, result.Prompts[^1]);
    }

    [SkippableTheory]
    [MemberData(nameof(Cases), "aux0.pred_ious")]
    public void Forward_AllLayers_GivesReferenceAuxiliaryPredictions(string name)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load(File);
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

    [SkippableTheory]
    [MemberData(nameof(Cases), "layer0")]
    public void Forward_LayerByLayer_GivesReferenceStatesAndBoxes(string name)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load(File);
        using var decoder = Decoder();
        var memory = Memory(decoder);
        Report("memory", golden.Check("memory", memory.Tokens));

        var (content, anchors) = decoder.OfPrompts(Prompts(golden, name), memory.MaskFeatures);
        Report("content", golden.Check($"{name}.query_content", content));
        Report("anchors", golden.Check($"{name}.query_refpoint_unsigmoid", anchors));

        var layers = decoder.Layers.forward(content, anchors, memory, new QueryVisibility(QueryRun.Joint(content.shape[1])), allLayers: true);
        for (int i = 0; i < layers.Count; i++)
        {
            Report($"ref{i}", golden.Check($"{name}.ref{i}", layers[i].BoxBefore));
            Report($"layer{i}", golden.Check($"{name}.layer{i}", layers[i].State));
            Report($"hs{i}", golden.Check($"{name}.hs{i}", decoder.Norm.call(layers[i].State)));
        }
        var last = layers[^1];
        Report("last ref", golden.Check($"{name}.ref{layers.Count}", decoder.Layers.Refine(layers.Count - 1, last.State, last.BoxBefore)));
    }

    [SkippableTheory]
    [MemberData(nameof(Cases), "pred_logits_whole")]
    public void Forward_Names_GivesReferenceClassLogitsAndSameMasks(string name)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load(File);
        var text = GoldenTensors.Load("semantic_sam/tiny_text");
        using var decoder = Decoder();
        var names = new NameEmbeddings(text.Tensor("whole_text_embeddings"), text.Tensor("part_text_embeddings"), LogitScale());
        var result = decoder.forward(Memory(decoder), new DecoderRequest
        {
            Prompts = Prompts(golden, name),
            Names = names,
            Depth = DecoderDepth.AllLayers,
        });
        for (int i = 0; i < result.Prompts.Count; i++)
        {
            string prefix = i == result.Prompts.Count - 1 ? $"{name}." : $"{name}.aux{i}.";
            Report(prefix + "whole", golden.Check(prefix + "pred_logits_whole", result.Prompts[i].Logits!));
            Report(prefix + "part", golden.Check(prefix + "pred_logits_part", result.Prompts[i].PartLogits!));
        }
        Check(golden, name, result.Prompts[^1]);
    }

    [SkippableFact]
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
        Close.Assert_(all.Masks!.narrow(1, 3 * tokens, tokens), one.Masks!, 1e-4, "masks");
        Close.Assert_(all.Ious!.narrow(1, 3, 1), one.Ious!, 1e-4, "scores");
    }

    [SkippableFact]
    public void Forward_ProjectionsNotKept_GivesTheSame()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load(File);
        using var decoder = Decoder();
        var result = decoder.forward(Memory(decoder, keep: false), new DecoderRequest { Prompts = Prompts(golden, Any(golden)) });
        Check(golden, Any(golden), result.Prompts[^1]);
    }

    [SkippableFact]
    public void Forward_ManyCalls_LeakNoTensor()
    {
        using var still = no_grad();
        using var decoder = Decoder();
        using var scope = NewDisposeScope();
        var golden = GoldenTensors.Load(File);
        var memory = Memory(decoder);
        var request = new DecoderRequest { Prompts = Prompts(golden, Any(golden)), Depth = DecoderDepth.AllLayers, Masks = MaskOutput.All };
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

    [SkippableFact]
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
            Joint = !isolated,
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
