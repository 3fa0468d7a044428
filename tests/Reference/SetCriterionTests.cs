using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Losses;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Reference;

/// <summary>OpenSeeD's objective against the original code.</summary>
public sealed class SetCriterionTests
{
    private GoldenTensors Golden => field ??= GoldenTensors.Load("openseed/training");

    private SetCriterion Criterion => new(new PointOptions { Count = Golden.Sidecar.GetProperty("num_points").GetInt32() });

    [SkippableTheory]
    [InlineData("seg")]
    [InlineData("det")]
    public void Compute_FormulaPredictions_GivesTheReferencesCostsMatchingsLossesAndGradients(string run)
    {
        using var scope = NewDisposeScope();
        var expected = Golden.Sidecar.GetProperty(run);
        bool masks = run == "seg";
        int groups = Golden.Sidecar.GetProperty("dn_groups").GetInt32();
        var parts = PartSizes().ToDictionary(p => p.Name, p => Predictions(Base.Replace("<run>", run).Replace("<part>", p.Name), p.Queries, masks));
        // The last prediction first, then those of the earlier layers.
        string[] layers = ["last", .. parts.Keys.Where(n => n.StartsWith("aux", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        var targets = Targets(masks);
        var costs = new GoldenRandom(expected.GetProperty("random"));
        for (int p = 0; p < targets.Length; p++)
            Golden.Check($"{run}.cost.last.image{p}", Criterion.Cost(parts["last"], p, targets[p], costs.Draw), 1e-5);

        var random = new GoldenRandom(expected.GetProperty("random"));
        var (losses, matchings) = Criterion.Compute([.. layers.Select(n => new SetLayer(parts[n], parts["dn_" + n]))], parts["interm"],
            targets, groups, random.Draw);
        Assert.Equal(0, random.Left);
        CheckMatchings([.. layers.Append("interm").Select(n => expected.GetProperty("matching").GetProperty(n))], matchings);
        GoldenLosses.Check(expected.GetProperty("losses_unweighted"), losses.Unweighted);
        GoldenLosses.Check(expected.GetProperty("losses_weighted"), losses.Weighted);
        GoldenLosses.Near(expected.GetProperty("total_weighted").GetDouble(), losses.Total.item<float>(), "total");

        losses.Total.backward();
        foreach (var (name, part) in parts)
        {
            Golden.Check($"{run}.grad.{name}.pred_logits", part.Logits.grad!);
            Golden.Check($"{run}.grad.{name}.pred_boxes", part.Boxes.grad!);
            if (!masks) continue;
            var gradient = expected.GetProperty("gradients").GetProperty(name + ".pred_masks");
            var rows = GoldenLosses.Lists(gradient.GetProperty("rows_image_query")).Select(r => part.Masks!.grad!.select(0, r[0]).select(0, r[1]));
            Golden.Check($"{run}.grad.{name}.pred_masks.rows", stack(rows.ToArray()));
            GoldenLosses.Near(gradient.GetProperty("l2").GetDouble(), part.Masks!.grad!.norm().item<float>(), name + ".pred_masks");
        }
    }

    [SkippableFact]
    public void CrossEntropy_FormulaLogits_GivesTheReferencesLossAndGradient()
    {
        using var scope = NewDisposeScope();
        var expected = Golden.Sidecar.GetProperty("ce");
        var logits = GoldenLosses.Leaf(Formula.Of(expected.GetProperty("pred_logits").GetString()!));
        var matched = Golden.Sidecar.GetProperty("seg").GetProperty("matching").GetProperty("last").EnumerateArray()
            .Select(m => new SetCriterion.Matching(Longs(m.GetProperty("query")), Longs(m.GetProperty("target")))).ToArray();
        var loss = SetCriterion.CrossEntropy(logits, matched, Targets(masks: true));
        GoldenLosses.Near(expected.GetProperty("loss_unweighted").GetDouble(), loss.item<float>(), "cross-entropy");
        loss.backward();
        Golden.Check("ce.grad.pred_logits", logits.grad!);
    }

    [SkippableFact]
    public void Cost_StuffWithoutQueriesForIt_LeavesThingsTheirQueries()
    {
        using var scope = NewDisposeScope();
        var targets = Targets(masks: true);
        // "os.train.plain_ties.last (n=300)"
        var ties = Regex.Match(Golden.Sidecar.GetProperty("plain_model_stuff_targets").GetProperty("base").GetString()!, @"^(\S+)\.last \(n=(\d+)\)");
        var predictions = Predictions(ties.Groups[1].Value + ".last", int.Parse(ties.Groups[2].Value, CultureInfo.InvariantCulture), masks: true);
        for (int p = 0; p < targets.Length; p++)
        {
            var cost = Criterion.Cost(predictions, p, targets[p], shape => (DetInput.Tensor($"{ties.Groups[1].Value}.call{p}", shape) + 1) / 2);
            var stuff = tensor(Enumerable.Range(0, targets[p].Labels.Count).Where(t => targets[p].Labels[t] >= 80).Select(t => (long)t).ToArray());
            Assert.Equal(10000, cost.index_select(1, stuff).min().item<float>());
            Assert.Equal(10000, cost.index_select(1, stuff).max().item<float>());
            Assert.True(cost.amin(0).min().item<float>() < 100);
        }
    }

    [SkippableTheory]
    [InlineData("plain")]
    [InlineData("decoupled")]
    public void TrainStep_TinyModels_GiveTheReferencesLossesAndGradients(string kind)
    {
        using var scope = NewDisposeScope();
        var golden = GoldenTensors.Load("openseed/train_step");
        var step = golden.Sidecar.GetProperty(kind);
        var config = ReferenceConfig.OpenSeeDTiny(kind);
        var decoder = config.Decoder with
        {
            ObjectQueries = step.GetProperty("queries").GetInt32(), StuffQueries = step.GetProperty("stuff_queries").GetInt32(),
        };
        using var model = ModuleFill.Fill(new SemanticSamModel(config with { Decoder = decoder }));
        model.eval(); // stochastic depth off
        var random = new GoldenRandom(step.GetProperty("random"));
        int budget = step.GetProperty("dn_num").GetInt32();

        var panoptic = Run(model, golden, kind, "coco", Targets(true, step.GetProperty("coco")), budget, random);
        var detection = Run(model, golden, kind, "o365", Targets(false, step.GetProperty("o365")), budget, random);
        Assert.Equal(0, random.Left);
        CheckMatchings([.. step.GetProperty("matching_in_call_order").EnumerateArray()], [.. panoptic.Matchings, .. detection.Matchings]);
        var all = panoptic.Losses.Weighted.Select(l => KeyValuePair.Create("coco." + l.Key, l.Value))
            .Concat(detection.Losses.Weighted.Select(l => KeyValuePair.Create("o365." + l.Key, l.Value)));
        GoldenLosses.Check(step.GetProperty("losses"), all.ToDictionary());
        var total = panoptic.Losses.Total + detection.Losses.Total;
        GoldenLosses.Near(step.GetProperty("total").GetDouble(), total.item<float>(), "total");
        total.backward();
        GoldenLosses.CheckGradients(model, step, golden, $"{kind}.grad.");
    }

    private (CriterionLosses Losses, IReadOnlyList<SetCriterion.Matching[]> Matchings) Run(SemanticSamModel model, GoldenTensors golden,
        string kind, string batch,
        SetTargets[] targets, int budget, GoldenRandom random)
    {
        long[] ids = golden.Integers($"{kind}.{batch}.token_ids"), shape = golden.Shape($"{kind}.{batch}.token_ids");
        int[][] rows = [.. Enumerable.Range(0, (int)shape[0]).Select(r => Array.ConvertAll(ids[(int)(r * shape[1])..(int)((r + 1) * shape[1])], i => (int)i))];
        var texts = model.LanguageEncoder!.EncodeNormalized(rows);
        golden.Check($"{kind}.{batch}.text_embeddings", texts);

        long groups = MaskDinoDecoder.DenoisingGroups(targets.Max(t => t.Labels.Count), budget), count = targets.Sum(t => t.Labels.Count);
        var queries = model.Decoder.Denoise([.. targets.Select(t => tensor(t.Labels.Select(l => (long)l).ToArray()))],
            [.. targets.Select(t => t.Boxes)], texts, groups,
            random.Draw(groups * count, 4));
        golden.Check($"{kind}.{batch}.dn_content", queries.Content);
        golden.Check($"{kind}.{batch}.dn_box_unsigmoid", queries.Anchors);

        // The images are numbered through both batches.
        int first = batch == "coco" ? 0 : golden.Sidecar.GetProperty(kind).GetProperty("coco").GetProperty("labels").GetArrayLength();
        string formula = golden.Sidecar.GetProperty("images").GetString()!;
        var images = cat([.. Enumerable.Range(first, targets.Length).Select(i => model.Normalize(Formula.Of(formula.Replace("<i>", $"{i}")).unsqueeze(0)))], 0);
        var features = model.PixelDecoder.call(model.Backbone.call(images));
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
            ? new(p.Logits!.narrow(1, 0, model.Config.Decoder.ObjectQueries), p.Boxes.narrow(1, 0, model.Config.Decoder.ObjectQueries), null)
                : new(p.Logits!, p.Boxes, p.Masks);
        SetLayer[] layers = [.. result.Objects.Zip(result.Conditioned, (o, c) => new SetLayer(Objects(o, true), Objects(c, false)))];
        return Criterion.Compute([layers[^1], .. layers[..^1]], Objects(result.Selection.Predictions!, false), targets, groups, random.Draw);
    }

    private SetTargets[] Targets(bool masks, JsonElement? batch = null)
    {
        int[][] labels = GoldenLosses.Lists((batch ?? Golden.Sidecar).GetProperty("labels"));
        // The image of the detection batch has the boxes of the second panoptic one.
        return [.. labels.Select((l, i) => (Labels: l, Source: labels.Length == 1 ? 1 : i))
            .Select(t => new SetTargets(t.Labels, Golden.Tensor($"boxes_{t.Source}"),
                masks ? Golden.Tensor($"gt_masks_{t.Source}").to(ScalarType.Float32) : null))];
    }

    /// <summary>"os.train.&lt;run&gt;.&lt;part&gt;", and what follows it: "parts: last (n=316), aux0 (n=316), ..."</summary>
    private string Base => Golden.Sidecar.GetProperty("predictions").GetProperty("base").GetString()!.Split(';')[0];

    private IEnumerable<(string Name, int Queries)> PartSizes() =>
        Regex.Matches(Golden.Sidecar.GetProperty("predictions").GetProperty("base").GetString()!, @"(\w+) \(n=(\d+)\)")
            .Select(m => (m.Groups[1].Value, int.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture)));

    private SetPredictions Predictions(string name, int queries, bool masks)
    {
        Tensor Leaf(string output) => GoldenLosses.Leaf(Formula.Of(Golden.Sidecar.GetProperty("predictions").GetProperty(output).GetString()!
            .Replace("<base>", name).Replace(",n,", $",{queries},")));
        return new(Leaf("pred_logits"), Leaf("pred_boxes"), masks ? Leaf("pred_masks") : null);
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
