using System.Text.Json;
using System.Text.RegularExpressions;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Losses;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Reference;

/// <summary>Semantic-SAM's objectives against the original code.</summary>
public sealed class SemanticSamCriteriaTests
{
    private GoldenTensors Golden => field ??= GoldenTensors.Load("semantic_sam/training");

    /// <summary>Mask tokens of a click.</summary>
    private int Tokens => (int)Formula.Shape(PredictionFormula("pred_ious", ""))[2];

    private int Height => (int)Golden.Shape("gt_masks")[1];

    private int Width => (int)Golden.Shape("gt_masks")[2];

    private byte[][] Masks => GoldenLosses.Planes(Golden, "gt_masks");

    [SkippableTheory]
    [InlineData("targets")]
    [InlineData("targets_more_clicks_than_masks")]
    public void Draw_Clicks_AreTheReferences(string section)
    {
        using var scope = NewDisposeScope();
        var expected = Golden.Sidecar.GetProperty(section);
        // The clicks lie under the name of the section's random numbers: "input:train.targets10.order".
        string points = Regex.Match(expected.GetProperty("random")[0].GetProperty("name").GetString()!, @"^input:train\.(\w+)\.").Groups[1].Value + ".points";
        var random = new GoldenRandom(expected.GetProperty("random"));
        var targets = ClickTargets.Draw(Masks, Height, Width, expected.GetProperty("max_num_instance").GetInt32(), Tokens, random.Draw);
        Golden.Check(points, targets.Points, 1e-6);
        Assert.Equal(GoldenLosses.Lists(expected.GetProperty("level_target_inds")), targets.Levels);
        Assert.Equal(0, random.Left);
        if (expected.TryGetProperty("order", out var order))
        {
            Assert.Equal(order.EnumerateArray().Select(v => v.GetInt32()), targets.Origins);
            Golden.Check("targets.ori_boxes", ClickTargets.Boxes(Masks, Height, Width), 1e-6);
        }
    }

    [SkippableFact]
    public void ManyToMany_FormulaPredictions_GiveTheReferencesMatchingLossesAndGradients()
    {
        using var scope = NewDisposeScope();
        var expected = Golden.Sidecar.GetProperty("m2m");
        var levels = GoldenLosses.Lists(Golden.Sidecar.GetProperty("targets").GetProperty("level_target_inds"));
        var layers = Layers("m2m");
        var criterion = new ManyToManyCriterion(Tokens, new PointOptions { Count = expected.GetProperty("num_points").GetInt32() });
        Tensor masks = Golden.Tensor("gt_masks").to(ScalarType.Float32), boxes = ClickTargets.Boxes(Masks, Height, Width);

        var matching = criterion.Match(layers[0], levels, masks, boxes, new GoldenRandom(expected.GetProperty("random")).Draw);
        Golden.Check("m2m.cost", matching.Cost, 1e-5);
        Assert.Equal(Golden.Integers("m2m.match_query"), matching.Queries);
        Assert.Equal(Golden.Integers("m2m.match_target"), matching.Pairs);

        var candidates = new GoldenRandom(expected.GetProperty("random"));
        candidates.Draw(1, expected.GetProperty("num_points").GetInt32(), 2); // the matching's
        var matched = layers[0].Masks.index_select(0, tensor(matching.Queries.ToArray()));
        Golden.Check("m2m.point_coords.0",
            UncertainPoints.Choose(matched, new PointOptions { Count = expected.GetProperty("num_points").GetInt32() }, candidates.Draw), 1e-6);

        var random = new GoldenRandom(expected.GetProperty("random"));
        var losses = criterion.Compute(layers, levels, masks, boxes, random.Draw);
        Assert.Equal(0, random.Left);
        GoldenLosses.Check(expected.GetProperty("losses_unweighted"), losses.Unweighted);
        GoldenLosses.Check(expected.GetProperty("losses_weighted"), losses.Weighted);
        GoldenLosses.Near(expected.GetProperty("total_weighted").GetDouble(), losses.Total.item<float>(), "total");

        losses.Weighted["iou_score_loss_0"].backward(retain_graph: true);
        Golden.Check("m2m.grad_of_iou_loss_alone.pred_masks.0", layers[0].Masks.grad!.unsqueeze(0), 1e-4);
        foreach (var layer in layers)
            foreach (var leaf in new[] { layer.Masks, layer.Boxes, layer.Ious })
                leaf.grad?.zero_();
        losses.Total.backward();
        CheckGradients("m2m", layers, levels.Length);
    }

    [SkippableFact]
    public void ManyToOne_FormulaPredictions_GiveTheReferencesChoiceLossesAndGradients()
    {
        using var scope = NewDisposeScope();
        var expected = Golden.Sidecar.GetProperty("mo1");
        int[] origins = [.. Golden.Sidecar.GetProperty("targets").GetProperty("order").EnumerateArray().Select(v => v.GetInt32())];
        var layers = Layers("mo1");
        var rows = tensor(origins.Select(o => (long)o).ToArray());
        var random = new GoldenRandom(expected.GetProperty("random"));
        var (losses, chosen) = new ManyToOneCriterion(Tokens, new PointOptions { Count = expected.GetProperty("num_points").GetInt32() }).Compute(layers,
            Golden.Tensor("gt_masks").to(ScalarType.Float32).index_select(0, rows), ClickTargets.Boxes(Masks, Height, Width).index_select(0, rows), random.Draw,
            Integers(expected.GetProperty("gt_whole_classes")), Integers(expected.GetProperty("gt_part_classes")));
        for (int i = 0; i < layers.Length; i++)
            Assert.Equal(Integers(expected.GetProperty("chosen_token_per_click").GetProperty($"{i}")), chosen[i].Select(c => (int)c));
        GoldenLosses.Check(expected.GetProperty("losses_unweighted"), losses.Unweighted);
        GoldenLosses.Check(expected.GetProperty("losses_weighted"), losses.Weighted);
        GoldenLosses.Near(expected.GetProperty("total_weighted").GetDouble(), losses.Total.item<float>(), "total");
        losses.Total.backward();
        CheckGradients("mo1", layers, origins.Length);
        for (int i = 0; i < layers.Length; i++)
        {
            Golden.Check($"mo1.grad.pred_logits.{i}", layers[i].Logits!.grad!.unsqueeze(0));
            Golden.Check($"mo1.grad.pred_logits_part.{i}", layers[i].PartLogits!.grad!.unsqueeze(0));
        }
    }

    [SkippableFact]
    public void TrainStep_TinyModel_GivesTheReferencesLossesAndGradients()
    {
        using var scope = NewDisposeScope();
        var step = GoldenTensors.Load("semantic_sam/train_step");
        using var model = ModuleFill.Fill(new SemanticSamModel(ReferenceConfig.SemanticSamTiny() with { Text = null }));
        model.eval(); // stochastic depth off
        var random = new GoldenRandom(step.Sidecar.GetProperty("random"));
        var targets = ClickTargets.Draw(Masks, Height, Width, (int)step.Shape("points")[0], Tokens, random.Draw);
        step.Check("points", targets.Points, 1e-6);
        Assert.Equal(GoldenLosses.Lists(step.Sidecar.GetProperty("level_target_inds")), targets.Levels);

        var image = ModelInput.Pixels("semantic_sam", step.Sidecar);
        var features = model.PixelDecoder.call(model.Backbone.call(model.Normalize(image.unsqueeze(0))));
        var memory = model.Decoder.Remember(features.MaskFeatures, features.MultiScale);
        // Quirk of the reference: clicks are trained with the prompt kind of boxes.
        var kinds = full([1, targets.Points.shape[0]], PromptQueries.Box, dtype: ScalarType.Int64);
        var answers = model.Decoder.forward(memory, new DecoderRequest
        {
            Prompts = new PromptQueries(targets.Shaken(random.Draw), kinds),
            Depth = DecoderDepth.AllLayers,
            Masks = MaskOutput.All,
        }).Prompts;
        ClickPredictions[] layers = [.. answers.TakeLast(1).Concat(answers.SkipLast(1))
            .Select(p => new ClickPredictions(p.Masks!.squeeze(0), p.Boxes.squeeze(0), p.Ious!.flatten()))];
        int points = (int)step.Sidecar.GetProperty("random").EnumerateArray().Single(r => r.GetProperty("use").GetString() == "match")
            .GetProperty("shape")[1].GetInt64();
        var losses = new ManyToManyCriterion(Tokens, new PointOptions { Count = points }).Compute(layers, targets.Levels,
            Golden.Tensor("gt_masks").to(ScalarType.Float32), ClickTargets.Boxes(Masks, Height, Width), random.Draw);
        Assert.Equal(0, random.Left);
        GoldenLosses.Check(step.Sidecar.GetProperty("losses"), losses.Weighted, "sam.");
        GoldenLosses.Near(step.Sidecar.GetProperty("total").GetDouble(), losses.Total.item<float>(), "total");
        losses.Total.backward();
        GoldenLosses.CheckGradients(model, step.Sidecar, step, "grad.");
    }

    private JsonElement Predictions => Golden.Sidecar.GetProperty("predictions");

    private string PredictionFormula(string output, string name) => Predictions.GetProperty("formulas").GetProperty(output)
        .GetString()!.Replace("<base>", name);

    /// <summary>The predictions of "m2m" or "mo1": the last layer, then the earlier ones in their order.</summary>
    private ClickPredictions[] Layers(string section)
    {
        int layers = Golden.Names.Count(n => n.StartsWith($"{section}.grad.pred_ious.", StringComparison.Ordinal));
        var bases = Predictions.GetProperty("base");
        string last = bases.GetProperty(section + " last layer").GetString()!, earlier = bases.GetProperty(section + " aux i").GetString()!;
        bool classes = section == "mo1";
        return [.. Enumerable.Range(0, layers).Select(i => i == 0 ? last : earlier.Replace("<i>", $"{i - 1}")).Select(name => new ClickPredictions(
            Leaf("pred_masks", name), Leaf("pred_boxes", name), GoldenLosses.Leaf(Formula.Of(PredictionFormula("pred_ious", name)).flatten()),
            classes ? Leaf("pred_logits", name) : null, classes ? Leaf("pred_logits_part", name) : null))];

        Tensor Leaf(string output, string name) => GoldenLosses.Leaf(Formula.Of(PredictionFormula(output, name)).squeeze(0));
    }

    private void CheckGradients(string section, ClickPredictions[] layers, int clicks)
    {
        for (int i = 0; i < layers.Length; i++)
        {
            Golden.Check($"{section}.grad.pred_masks.{i}", layers[i].Masks.grad!.unsqueeze(0));
            Golden.Check($"{section}.grad.pred_boxes.{i}", layers[i].Boxes.grad!.unsqueeze(0));
            Golden.Check($"{section}.grad.pred_ious.{i}", layers[i].Ious.grad!.view(1, clicks, Tokens));
        }
    }

    private static int[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetInt32())];
}
