using System.Text.Json;
using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.OpenSeeD;

/// <summary>OpenSeeD's query selection and decoder in a tiny size, from stored pixel decoder outputs (golden/openseed).</summary>
public sealed class TinyTextDecoderTests(ITestOutputHelper output)
{
    private const string Prefix = "sem_seg_head.predictor.";

    public static TheoryData<string> Variants() => Fixtures.Cases(() => GoldenTensors.Load("openseed/tiny_variants").Sidecar.EnumerateObject()
        .Where(e => e.Value.ValueKind == JsonValueKind.Object && e.Value.TryGetProperty("configuration", out _)).Select(e => e.Name));

    [SkippableTheory]
    [InlineData("plain")]
    [InlineData("decoupled")]
    public void Forward_AllLayers_GivesReferenceSelectionAndPredictions(string kind)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load($"openseed/tiny_{kind}_decoder");
        using var decoder = Decoder(kind);
        var result = decoder.forward(Memory(decoder, kind), new DecoderRequest
        {
            Objects = true,
            Names = Names(),
            Depth = DecoderDepth.AllLayers,
            Masks = MaskOutput.All,
        });

        var selection = result.Selection!;
        Assert.Equal(golden.Integers("topk_indices"), selection.Indices!.data<long>().ToArray());
        Report("scores", golden.Check("topk_scores", selection.Scores!));
        Report("content", golden.Check("query_content", selection.Content));
        Report("anchors", golden.Check("query_refpoint_unsigmoid", selection.Anchors));
        Check(golden, "interm.", selection.Predictions!);
        Assert.Equal(decoder.Config.Layers + 1, result.Objects.Count);
        for (int i = 0; i < decoder.Config.Layers; i++)
            Check(golden, $"aux{i}.", result.Objects[i] with { Masks = null });
        Check(golden, "", result.Objects[^1], masks: "pred_masks_final");
    }

    [SkippableTheory]
    [InlineData("plain")]
    [InlineData("decoupled")]
    public void Select_Tokens_GivesReferenceProposalsScoresAndLayers(string kind)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load($"openseed/tiny_{kind}_decoder");
        using var decoder = Decoder(kind);
        var memory = Memory(decoder, kind);
        Report("memory", golden.Check("memory", memory.Tokens));
        var (proposals, valid) = QueryProposals.Of(memory.Shapes, CPU);
        Report("proposals", golden.Check("proposals_unsigmoid", proposals));
        var encoded = decoder.EncodeTokens(memory, valid);
        Report("output memory", golden.Check("output_memory", encoded));
        Report("logits", golden.Check("enc_logits", decoder.WholeLogits(encoded, Names())));

        var content = golden.Tensor("query_content");
        var layers = decoder.Layers.forward(content, golden.Tensor("query_refpoint_unsigmoid"), memory,
            new QueryVisibility(QueryRun.Joint(content.shape[1])), allLayers: true);
        for (int i = 0; i < layers.Count; i++)
        {
            Report($"ref{i}", golden.Check($"ref{i}", layers[i].BoxBefore));
            Report($"layer{i}", golden.Check($"layer{i}", layers[i].State));
            Report($"hs{i}", golden.Check($"hs{i}", decoder.Norm.call(layers[i].State)));
        }
        Report("last ref", golden.Check($"ref{layers.Count}", decoder.Layers.Refine(layers.Count - 1, layers[^1].State, layers[^1].BoxBefore)));
    }

    [SkippableTheory]
    [InlineData("plain", "initialize_bitmask", nameof(AnchorSource.MaskExtentExclusive))]
    [InlineData("plain", "initialize_mask2box", nameof(AnchorSource.MaskExtentInclusive))]
    [InlineData("decoupled", "initialize_bitmask", nameof(AnchorSource.MaskExtentExclusive))]
    [InlineData("decoupled", "initialize_mask2box", nameof(AnchorSource.MaskExtentInclusive))]
    public void Forward_AnchorsFromMasks_GivesReference(string kind, string name, string source)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load($"openseed/tiny_{kind}_decoder");
        using var decoder = Decoder(kind);
        var result = decoder.forward(Memory(decoder, kind), new DecoderRequest { Objects = true, Names = Names(), Anchors = Enum.Parse<AnchorSource>(source) });
        Report("anchors", golden.Check($"{name}.query_refpoint_unsigmoid", result.Selection!.Anchors));
        Check(golden, name + ".", result.Objects[^1]);
    }

    [SkippableTheory]
    [MemberData(nameof(Variants))]
    public void Forward_Variant_GivesReference(string name)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("openseed/tiny_variants");
        var described = golden.Sidecar.GetProperty(name);
        var switches = described.GetProperty("configuration");
        var config = ReferenceConfig.OpenSeeDTiny("plain").Decoder;
        if (switches.TryGetProperty("LEARN_TGT", out var learned)) config = config with { LearnedContent = learned.GetBoolean() };
        if (switches.TryGetProperty("TWO_STAGE", out var two)) config = config with { TwoStage = two.GetBoolean() };
        if (switches.TryGetProperty("INITIAL_PRED", out var initial)) config = config with { InitialPrediction = initial.GetBoolean() };
        using var decoder = ModuleFill.Fill(new MaskDinoDecoder(config), Prefix);
        var state = decoder.state_dict();
        foreach (var added in described.GetProperty("additional_tensors").EnumerateObject())
            Assert.Equal(added.Value.EnumerateArray().Select(v => v.GetInt64()), state[added.Name[Prefix.Length..]].shape);

        var result = decoder.forward(Memory(decoder, "plain"), new DecoderRequest
        {
            Objects = true,
            Names = Names(),
            Depth = DecoderDepth.AllLayers,
            Masks = MaskOutput.All,
        });
        Assert.Equal(described.GetProperty("aux_outputs").GetInt32() + 1, result.Objects.Count);
        Assert.Equal(described.GetProperty("has_interm_outputs").GetBoolean(), result.Selection!.Predictions is not null);
        Report("content", golden.Check($"{name}.query_content", result.Selection.Content));
        Report("anchors", golden.Check($"{name}.query_refpoint_unsigmoid", result.Selection.Anchors));
        Check(golden, name + ".", result.Objects[^1]);
    }

    [SkippableTheory]
    [InlineData("plain")]
    [InlineData("decoupled")]
    public void Forward_NoMasks_GivesTheSameBoxesAndClasses(string kind)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load($"openseed/tiny_{kind}_decoder");
        using var decoder = Decoder(kind);
        var result = decoder.forward(Memory(decoder, kind), new DecoderRequest { Objects = true, Names = Names(), Masks = MaskOutput.None });
        var last = Assert.Single(result.Objects);
        Assert.Null(last.Masks);
        Assert.Null(last.Codes);
        Check(golden, "", last);
    }

    [SkippableTheory]
    [InlineData("plain")]
    [InlineData("decoupled")]
    public void Forward_ConditionedBoxes_GivesReferenceMasks(string kind)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("openseed/train_step");
        var described = golden.Sidecar.GetProperty("conditioned");
        using var decoder = Decoder(kind);
        float[] boxes = [.. described.GetProperty("boxes_cxcywh_of_padded").EnumerateArray().SelectMany(b => b.EnumerateArray()).Select(v => v.GetSingle())];
        long[] labels = [.. described.GetProperty("labels").EnumerateArray().Select(v => v.GetInt64())];
        var names = Names();
        var conditioned = decoder.Condition(tensor(boxes).view(1, -1, 4), names.Whole!.index_select(0, tensor(labels)).unsqueeze(0));
        var result = decoder.forward(Memory(decoder, kind), new DecoderRequest
        {
            Objects = true,
            Conditioned = conditioned,
            Names = names,
            Depth = DecoderDepth.AllLayers,
        });
        for (int i = 0; i < decoder.Config.Layers; i++)
        {
            string prefix = $"conditioned.{kind}.aux{i}.";
            Report(prefix + "boxes", golden.Check(prefix + "pred_boxes", result.Conditioned[i].Boxes));
            if (golden.Has(prefix + "pred_logits"))
                Report(prefix + "logits", golden.Check(prefix + "pred_logits", result.Conditioned[i].Logits!));
        }
        Check(golden, $"conditioned.{kind}.", result.Conditioned[^1]);

        // Object queries do not see the conditioned ones.
        Check(GoldenTensors.Load($"openseed/tiny_{kind}_decoder"), "", result.Objects[^1], masks: "pred_masks_final");
    }

    [SkippableFact]
    public void Proposals_MapsWithInvalidBorders_GiveReference()
    {
        using var scope = NewDisposeScope();
        var golden = GoldenTensors.Load("openseed/units");
        var shapes = golden.Sidecar.GetProperty("proposals").GetProperty("shapes_hw").EnumerateArray()
            .Select(s => new LevelShape(s[0].GetInt64(), s[1].GetInt64())).ToArray();
        var (unsigmoid, valid) = QueryProposals.Of(shapes, CPU);
        Assert.Equal(golden.Integers("proposals.valid"), valid.squeeze(-1).to(ScalarType.Int64).data<long>().ToArray());
        Report("proposals", golden.Check("proposals.unsigmoid", unsigmoid.masked_fill(unsigmoid.isinf(), 0)));
    }

    [SkippableFact]
    public void Forward_MoreQueriesThanTokens_IsRefused()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var decoder = Decoder("plain");
        var memory = Memory(decoder, "plain");
        var request = new DecoderRequest { Objects = true, Names = Names(), SelectedQueries = 100_000 };
        Assert.Contains("100000", Assert.Throws<ArgumentException>(() => decoder.forward(memory, request)).Message);
    }

    private static MaskDinoDecoder Decoder(string kind) => ModuleFill.Fill(new MaskDinoDecoder(ReferenceConfig.OpenSeeDTiny(kind).Decoder), Prefix);

    private static NameEmbeddings Names()
    {
        var text = GoldenTensors.Load("openseed/tiny_text");
        return new NameEmbeddings(text.Tensor("text_embeddings"), null, text.Tensor("logit_scale"));
    }

    private static DecoderMemory Memory(MaskDinoDecoder decoder, string kind)
    {
        var features = GoldenTensors.Load($"openseed/tiny_{kind}_pixel_decoder");
        Tensor[] levels = [.. Enumerable.Range(0, decoder.Config.Levels).Select(i => features.Tensor($"multi_scale{i}"))];
        return decoder.Remember(features.Tensor("mask_features"), levels);
    }

    private void Check(GoldenTensors golden, string prefix, Predictions predictions, string masks = "pred_masks")
    {
        Report(prefix + "logits", golden.Check(prefix + "pred_logits", predictions.Logits!));
        Report(prefix + "boxes", golden.Check(prefix + "pred_boxes", predictions.Boxes));
        if (predictions.Masks is not null) Report(prefix + "masks", golden.Check(prefix + masks, predictions.Masks));
    }

    private void Report(string what, double error) => output.WriteLine($"{what}: {error:g3}");
}
