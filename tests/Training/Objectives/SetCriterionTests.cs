using System.Text.Json;
using SemanticSam.Engine.Sessions;
using SemanticSam.Formats.Coco;
using SemanticSam.Formats.Shapes;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Encoder;
using SemanticSam.TextEncoder.Names;
using SemanticSam.Training.Losses;
using SemanticSam.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Objectives;

/// <summary>OpenSeeD's objective against the original code.</summary>
public sealed class SetCriterionTests
{
    private readonly GoldenTensors _golden = GoldenTensors.Load("openseed/training");

    private SetCriterion Criterion => new(new PointOptions { Count = _golden.Sidecar.GetProperty("num_points").GetInt32() });

    [Theory]
    [InlineData("seg")]
    [InlineData("det")]
    public void Compute_FormulaPredictions_GivesTheReferencesCostsMatchingsLossesAndGradients(string run)
    {
        using var scope = NewDisposeScope();
        var expected = _golden.Sidecar.GetProperty(run);
        bool masks = run == "seg";
        int queries = _golden.Sidecar.GetProperty("queries").GetInt32(), groups = _golden.Sidecar.GetProperty("dn_groups").GetInt32();
        int denoising = groups * _golden.Sidecar.GetProperty("dn_group_size").GetInt32();
        var parts = new Dictionary<string, SetPredictions>
        {
            ["last"] = Predictions(run, "last", queries, masks),
            ["aux0"] = Predictions(run, "aux0", queries, masks),
            ["interm"] = Predictions(run, "interm", queries, masks),
            ["dn_last"] = Predictions(run, "dn_last", denoising, masks),
            ["dn_aux0"] = Predictions(run, "dn_aux0", denoising, masks),
        };
        var targets = Targets(masks);
        var costs = new GoldenRandom(expected.GetProperty("random"));
        for (int p = 0; p < targets.Length; p++)
            _golden.Check($"{run}.cost.last.image{p}", Criterion.Cost(parts["last"], p, targets[p], costs.Draw), 1e-5);

        var random = new GoldenRandom(expected.GetProperty("random"));
        var (losses, matchings) = Criterion.Compute([new(parts["last"], parts["dn_last"]), new(parts["aux0"], parts["dn_aux0"])], parts["interm"], targets, groups, random.Draw);
        Assert.Equal(0, random.Left);
        CheckMatchings([.. new[] { "last", "aux0", "interm" }.Select(n => expected.GetProperty("matching").GetProperty(n))], matchings);
        GoldenLosses.Check(expected.GetProperty("losses_unweighted"), losses.Unweighted);
        GoldenLosses.Check(expected.GetProperty("losses_weighted"), losses.Weighted);
        GoldenLosses.Near(expected.GetProperty("total_weighted").GetDouble(), losses.Total.item<float>(), "total");

        losses.Total.backward();
        foreach (var (name, part) in parts)
        {
            _golden.Check($"{run}.grad.{name}.pred_logits", part.Logits.grad!);
            _golden.Check($"{run}.grad.{name}.pred_boxes", part.Boxes.grad!);
            if (!masks) continue;
            var gradient = expected.GetProperty("gradients").GetProperty(name + ".pred_masks");
            var rows = GoldenLosses.Lists(gradient.GetProperty("rows_image_query")).Select(r => part.Masks!.grad!.select(0, r[0]).select(0, r[1]));
            _golden.Check($"{run}.grad.{name}.pred_masks.rows", stack(rows.ToArray()));
            GoldenLosses.Near(gradient.GetProperty("l2").GetDouble(), part.Masks!.grad!.norm().item<float>(), name + ".pred_masks");
        }
    }

    [Fact]
    public void CrossEntropy_FormulaLogits_GivesTheReferencesLossAndGradient()
    {
        using var scope = NewDisposeScope();
        var expected = _golden.Sidecar.GetProperty("ce");
        long[] shape = _golden.Shape("ce.grad.pred_logits");
        var logits = GoldenLosses.Leaf(3 * DetInput.Tensor("os.train.ce.pred_logits", shape));
        var matched = _golden.Sidecar.GetProperty("seg").GetProperty("matching").GetProperty("last").EnumerateArray()
            .Select(m => new SetCriterion.Matching(Longs(m.GetProperty("query")), Longs(m.GetProperty("target")))).ToArray();
        var loss = SetCriterion.CrossEntropy(logits, matched, Targets(masks: true));
        GoldenLosses.Near(expected.GetProperty("loss_unweighted").GetDouble(), loss.item<float>(), "cross-entropy");
        loss.backward();
        _golden.Check("ce.grad.pred_logits", logits.grad!);
    }

    [Fact]
    public void Cost_StuffWithoutQueriesForIt_LeavesThingsTheirQueries()
    {
        using var scope = NewDisposeScope();
        var targets = Targets(masks: true);
        int queries = _golden.Sidecar.GetProperty("thing_queries").GetInt32(), names = _golden.Sidecar.GetProperty("classes").GetInt32();
        const string Base = "os.train.plain_ties.last";
        var predictions = new SetPredictions(3 * DetInput.Tensor(Base + ".pred_logits", 2, queries, names), (1.5 * DetInput.Tensor(Base + ".pred_boxes", 2, queries, 4)).sigmoid(),
            4 * DetInput.Tensor(Base + ".pred_masks", 2, queries, 32, 40));
        for (int p = 0; p < targets.Length; p++)
        {
            var cost = Criterion.Cost(predictions, p, targets[p], shape => (DetInput.Tensor($"os.train.plain_ties.call{p}", shape) + 1) / 2);
            var stuff = tensor(Enumerable.Range(0, targets[p].Labels.Count).Where(t => targets[p].Labels[t] >= 80).Select(t => (long)t).ToArray());
            Assert.Equal(10000, cost.index_select(1, stuff).min().item<float>());
            Assert.Equal(10000, cost.index_select(1, stuff).max().item<float>());
            Assert.True(cost.amin(0).min().item<float>() < 100);
        }
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("decoupled")]
    public void TrainStep_TinyModels_GiveTheReferencesLossesAndGradients(string kind)
    {
        using var scope = NewDisposeScope();
        var golden = GoldenTensors.Load("openseed/train_step");
        var step = golden.Sidecar.GetProperty(kind);
        var config = ReferenceConfig.OpenSeeDTiny(kind);
        var decoder = config.Decoder with { ObjectQueries = step.GetProperty("queries").GetInt32(), StuffQueries = step.GetProperty("stuff_queries").GetInt32() };
        using var model = ModuleFill.Fill(new SemanticSamModel(config with { Decoder = decoder }));
        model.eval(); // stochastic depth off
        var random = new GoldenRandom(step.GetProperty("random"));
        int budget = step.GetProperty("dn_num").GetInt32();

        var panoptic = Run(model, golden, kind, "coco", [0, 1], Targets(true, step.GetProperty("coco")), budget, random);
        var detection = Run(model, golden, kind, "o365", [2], Targets(false, step.GetProperty("o365")), budget, random);
        Assert.Equal(0, random.Left);
        CheckMatchings([.. step.GetProperty("matching_in_call_order").EnumerateArray()], [.. panoptic.Matchings, .. detection.Matchings]);
        var all = panoptic.Losses.Weighted.Select(l => KeyValuePair.Create("coco." + l.Key, l.Value)).Concat(detection.Losses.Weighted.Select(l => KeyValuePair.Create("o365." + l.Key, l.Value)));
        GoldenLosses.Check(step.GetProperty("losses"), all.ToDictionary());
        var total = panoptic.Losses.Total + detection.Losses.Total;
        GoldenLosses.Near(step.GetProperty("total").GetDouble(), total.item<float>(), "total");
        total.backward();
        GoldenLosses.CheckGradients(model, step, golden, $"{kind}.grad.");
    }

    private (CriterionLosses Losses, IReadOnlyList<SetCriterion.Matching[]> Matchings) Run(SemanticSamModel model, GoldenTensors golden, string kind, string batch, int[] images,
        SetTargets[] targets, int budget, GoldenRandom random)
    {
        long[] ids = golden.Integers($"{kind}.{batch}.token_ids"), shape = golden.Shape($"{kind}.{batch}.token_ids");
        int[][] rows = [.. Enumerable.Range(0, (int)shape[0]).Select(r => Array.ConvertAll(ids[(int)(r * shape[1])..(int)((r + 1) * shape[1])], i => (int)i))];
        var texts = model.LanguageEncoder!.EncodeNormalised(rows);
        golden.Check($"{kind}.{batch}.text_embeddings", texts);

        long groups = MaskDinoDecoder.DenoisingGroups(targets.Max(t => t.Labels.Count), budget), count = targets.Sum(t => t.Labels.Count);
        var queries = model.Decoder.Denoise([.. targets.Select(t => tensor(t.Labels.Select(l => (long)l).ToArray()))], [.. targets.Select(t => t.Boxes)], texts, groups,
            random.Draw(groups * count, 4));
        golden.Check($"{kind}.{batch}.dn_content", queries.Content);
        golden.Check($"{kind}.{batch}.dn_box_unsigmoid", queries.Anchors);

        var pictures = cat([.. images.Select(i => model.Normalise(((DetInput.Tensor($"os.train.step.image{i}", 3, 128, 160) + 1) * 127.5).unsqueeze(0)))], 0);
        var features = model.PixelDecoder.call(model.Backbone.call(pictures));
        bool masks = targets[0].Masks is not null;
        var result = model.Decoder.forward(model.Decoder.Remember(features.MaskFeatures, features.MultiScale), new DecoderRequest
        {
            Objects = true,
            Conditioned = queries,
            Names = new NameEmbeddings(texts, null, model.LanguageEncoder.LogitScale),
            Depth = DecoderDepth.AllLayers,
            Masks = masks ? MaskOutput.All : MaskOutput.None,
        });
        Assert.Equal(golden.Integers($"{kind}.{batch}.topk_indices"), result.Selection!.Indices!.data<long>().ToArray());
        // Detection leaves the stuff queries out, except in what the selection predicts.
        SetPredictions Objects(Predictions p, bool cut) => cut && !masks
            ? new(p.Logits!.narrow(1, 0, model.Config.Decoder.ObjectQueries), p.Boxes.narrow(1, 0, model.Config.Decoder.ObjectQueries), null) : new(p.Logits!, p.Boxes, p.Masks);
        SetLayer[] layers = [.. result.Objects.Zip(result.Conditioned, (o, c) => new SetLayer(Objects(o, true), Objects(c, false)))];
        return Criterion.Compute([layers[^1], .. layers[..^1]], Objects(result.Selection.Predictions!, false), targets, groups, random.Draw);
    }

    private SetTargets[] Targets(bool masks, JsonElement? batch = null)
    {
        int[][] labels = GoldenLosses.Lists((batch ?? _golden.Sidecar).GetProperty("labels"));
        // The picture of the detection batch has the boxes of the second panoptic one.
        return [.. labels.Select((l, i) => (Labels: l, Source: labels.Length == 1 ? 1 : i))
            .Select(t => new SetTargets(t.Labels, _golden.Tensor($"boxes_{t.Source}"), masks ? _golden.Tensor($"gt_masks_{t.Source}").to(ScalarType.Float32) : null))];
    }

    private SetPredictions Predictions(string run, string part, int queries, bool masks)
    {
        string name = $"os.train.{run}.{part}";
        int names = _golden.Sidecar.GetProperty("classes").GetInt32();
        return new(GoldenLosses.Leaf(3 * DetInput.Tensor(name + ".pred_logits", 2, queries, names)), GoldenLosses.Leaf((1.5 * DetInput.Tensor(name + ".pred_boxes", 2, queries, 4)).sigmoid()),
            masks ? GoldenLosses.Leaf(4 * DetInput.Tensor(name + ".pred_masks", 2, queries, 32, 40)) : null);
    }

    private static long[] Longs(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetInt64())];

    private static void CheckMatchings(IReadOnlyList<JsonElement> expected, IReadOnlyList<SetCriterion.Matching[]> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
            foreach (var (wanted, matching) in expected[i].EnumerateArray().Zip(actual[i]))
            {
                Assert.Equal(Longs(wanted.GetProperty("query")), matching.Queries);
                Assert.Equal(Longs(wanted.GetProperty("target")), matching.Targets);
            }
    }
}
