using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Scenarios;

/// <summary>The embedded model's architecture: prompts, selected queries and name queries in one forward.</summary>
public sealed class NanoTests(ITestOutputHelper output)
{
    [Fact]
    public void Forward_AllQueriesTogether_GiveReferencePredictions()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("nano/nano");
        using var model = Model();
        using var memory = Memory(model);
        output.WriteLine($"memory {golden.Check("memory", memory.Tokens):g3}");

        var result = model.Decoder.forward(memory, Request(golden, model, memory));

        var selection = result.Selection!;
        Assert.Equal(golden.Integers("selected.indices"), selection.Indices!.data<long>().ToArray());
        Report(golden, "selected.scores", selection.Scores!.squeeze(0));
        Report(golden, "selected.content", selection.Content);
        Report(golden, "selected.anchor", selection.Anchors.sigmoid());
        for (int i = 0; i < model.Config.Decoder.Layers; i++)
        {
            Report(golden, $"layer{i}.boxes", cat([result.Prompts[i].Boxes, result.Objects[i].Boxes, result.Conditioned[i].Boxes], 1));
            Report(golden, $"layer{i}.iou", result.Prompts[i].Ious!.flatten(1));
        }
        Predictions p = result.Prompts[^1], o = result.Objects[^1], n = result.Conditioned[^1];
        Report(golden, "logits_whole", cat([p.Logits!, o.Logits!, n.Logits!], 1).squeeze(0));
        Report(golden, "logits_part", cat([p.PartLogits!, o.PartLogits!, n.PartLogits!], 1).squeeze(0));
        var masks = cat([p.Masks!, o.Masks!, n.Masks!], 1).squeeze(0);
        Report(golden, "masks", masks.index_select(0, arange(0, masks.shape[0], 5, ScalarType.Int64)));
    }

    [Fact]
    public void Forward_PromptsAlone_GiveWhatTheyGiveBesideNames()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("nano/nano");
        using var model = Model();
        using var memory = Memory(model);
        var request = Request(golden, model, memory);
        var together = model.Decoder.forward(memory, request).Prompts[^1];
        var alone = model.Decoder.forward(memory, new DecoderRequest { Prompts = request.Prompts }).Prompts[^1];
        Close.Assert_(alone.Masks!, together.Masks!, 1e-4, "masks");
        Close.Assert_(alone.Ious!, together.Ious!, 1e-4, "scores");
    }

    private static SemanticSamModel Model()
    {
        var model = ModuleFill.Fill(new SemanticSamModel(ModelConfig.Nano));
        model.eval();
        return model;
    }

    private static DecoderMemory Memory(SemanticSamModel model)
    {
        var features = model.PixelDecoder.call(model.Backbone.call(DetInput.Tensor("nano.image", 1, 3, 160, 192)));
        return model.Decoder.Remember(features.MaskFeatures, features.MultiScale);
    }

    private static DecoderRequest Request(GoldenTensors golden, SemanticSamModel model, DecoderMemory memory)
    {
        bool[] isPart = [.. golden.Sidecar.GetProperty("heads").EnumerateArray().Select(v => v.GetInt32() == 1)];
        var embeddings = golden.Tensor("text_embeddings");
        Tensor Rows(bool part) =>
            embeddings.index_select(0, tensor(Enumerable.Range(0, isPart.Length).Where(i => isPart[i] == part).Select(i => (long)i).ToArray()));
        float[] boxes = [.. golden.Sidecar.GetProperty("prompts").EnumerateArray().SelectMany(b => b.EnumerateArray()).Select(v => v.GetSingle())];
        long[] kinds = [.. golden.Sidecar.GetProperty("pb").EnumerateArray().Select(v => v.GetInt64())];
        return new DecoderRequest
        {
            Prompts = new PromptQueries(tensor(boxes).view(1, -1, 4), tensor(kinds).unsqueeze(0)),
            Objects = true,
            Conditioned = model.Decoder.Additions!.ForNames(model.Decoder, memory, embeddings.unsqueeze(0), tensor(isPart).unsqueeze(0), LogitScale()),
            Names = new NameEmbeddings(Rows(part: false), Rows(part: true), LogitScale()),
            SelectedQueries = golden.Sidecar.GetProperty("queries").GetInt32(),
            Depth = DecoderDepth.AllLayers,
            Masks = MaskOutput.Last,
        };
    }

    private static Tensor LogitScale() => tensor(DetWeights.Values("sem_seg_head.predictor.lang_encoder.logit_scale")[0]);

    private void Report(GoldenTensors golden, string name, Tensor actual) => output.WriteLine($"{name}: {golden.Check(name, actual):g3}");
}
