using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Masks;
using SemanticSam.Tests.Granularity.RsPrompter;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Losses;
using SemanticSam.Training.Objectives;
using SemanticSam.Training.Tuning;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Tests.Training.Tuning;

public sealed class TuningLossTests
{
    [SkippableTheory]
    [InlineData("rpn")]
    [InlineData("rcnn")]
    [InlineData("rcnn_det")]
    public void Assign_GoldenBoxes_GivesGoldenTruths(string kind)
    {
        var golden = new TuningGolden("rsprompter/assign.safetensors");
        var assignment = kind switch { "rpn" => MaxIouAssignment.OfAnchors, "rcnn" => MaxIouAssignment.OfRegions, _ => MaxIouAssignment.OfRegionsAlone };
        var (truths, overlaps) = assignment.Assign(golden.Boxes("priors"), golden.Boxes("gt"));
        Assert.Equal(golden[$"{kind}.gt_inds"].Integers, truths.Select(t => (long)t));
        Close.AssertAbsolute(overlaps, golden[$"{kind}.max_overlaps"].Floats, 1e-6, "overlaps");
        long[] labels = golden["gt_labels"].Integers;
        for (int i = 0; i < truths.Length; i++)
            if (truths[i] > 0) Assert.Equal(golden[$"{kind}.labels"].Integers[i], labels[truths[i] - 1]);
    }

    [Fact]
    public void Assign_AnchorsAroundTruths_IsAsOfAllAnchors()
    {
        var anchors = new AnchorGrid([new(32, 40), new(16, 20), new(8, 10), new(4, 5), new(2, 3)], [4, 8]);
        var random = new Random(3);
        BoxF[] truths = [.. Enumerable.Range(0, 12).Select(i =>
        {
            float x = random.Next(-4, 150), y = random.Next(-4, 120);
            return new BoxF(x, y, x + random.Next(1, 90), y + random.Next(1, 90));
        })];
        var (wanted, overlaps) = MaxIouAssignment.OfAnchors.Assign(anchors.Boxes, truths);
        var (found, foundOverlaps) = MaxIouAssignment.OfAnchors.Assign(anchors.Boxes, truths, anchors.Around);
        Assert.Equal(wanted, found);
        Assert.Equal(overlaps, foundOverlaps);
        Assert.True(truths.Sum(t => anchors.Around(t).Length) < truths.Length * anchors.Boxes.Length / 2);
        Assert.Contains(found, t => t > 0);
    }

    [SkippableFact]
    public void Rpn_GoldenMaps_GivesGoldenLossesAndGradients()
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("rsprompter/rpn.safetensors");
        using var head = ModuleFill.Fill(new RpnHead(golden.Weights["rpn_head.rpn_conv.weight"][0], (int)golden.Weights["rpn_head.rpn_cls.weight"][0]),
            "rpn_head.");
        Tensor[] maps = [.. SimpleFpn.Strides.Select((_, i) => golden.Input($"map{i}").requires_grad_())];
        var truths = new List<InstanceTruth>();
        for (int i = 0; golden.Has($"gt{i}"); i++) truths.Add(new(golden.Boxes($"gt{i}"), [.. golden.Boxes($"gt{i}").Select(_ => 0)], zeros(1, 1, 1)));
        var anchors = new AnchorGrid(maps.Select(m => new LevelShape(m.shape[2], m.shape[3])), [4, 8]);
        var (classes, boxes) = RpnLoss.Of(head, maps, truths, anchors, CandidateSampling.All, new Random(1));
        for (int l = 0; l < maps.Length; l++)
        {
            Assert.Equal(golden[$"loss_rpn_cls.{l}"].Floats[0], classes[l].item<float>(), 1e-6);
            Assert.Equal(golden[$"loss_rpn_bbox.{l}"].Floats[0], boxes[l].item<float>(), 1e-6);
        }
        (classes.sum() + boxes.sum()).backward();
        golden.CheckGradients(PrompterModels.Parameters(head, "rpn_head."));
        golden.Check("grad.map2", maps[2].grad!, 1e-4);
    }

    [SkippableFact]
    public void Regions_GoldenFeatures_GiveGoldenLossesAndGradients()
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("rsprompter/bbox_head.safetensors");
        using var head = RegionTests.CreateBoxHead(golden);
        var features = golden.Input("roi_features").requires_grad_();
        var (logits, deltas) = head.forward(features);
        int[] labels = [.. golden["target_labels"].Integers.Select(l => (int)l)];
        var truth = new InstanceTruth(golden.Boxes("gt_of_positives"), [], zeros(1, 1, 1));
        int[] objects = [.. Enumerable.Range(0, labels.Length).Where(i => labels[i] < golden.Size("background"))];
        var sampled = new SampledRegions([.. golden.Boxes("rois").Select(b => new Region(0, b))], labels, [.. objects.Select((o, i) => (o, i))]);
        var (classes, boxes) = RegionLoss.Of(logits, deltas, sampled, [truth]);
        Assert.Equal(golden["loss_cls"].Floats[0], classes.item<float>(), 1e-5);
        Assert.Equal(golden["loss_bbox"].Floats[0], boxes.item<float>(), 1e-5);
        Assert.Equal(golden["acc"].Floats[0], RegionLoss.Accuracy(logits, sampled), 1e-4);
        (classes + boxes).backward();
        golden.CheckGradients(PrompterModels.Parameters(head, "roi_head.bbox_head."));
        golden.Check("grad.roi_features", features.grad!, 1e-4);
    }

    [SkippableFact]
    public void Losses_GoldenLogits_AreGolden()
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("rsprompter/losses.safetensors");
        var classWeights = ones(golden.Input("cls.logits").shape[1]);
        classWeights[-1] = 0.1;
        // The factors that single losses have in the configurations: 2 for classes of queries, 5 for masks at points.
        Check("query_cls", "cls.logits", x => F.cross_entropy(x, golden.Tensor("cls.target"), classWeights) * 2);
        Check("rcnn_cls", "cls.logits", x => F.cross_entropy(x, golden.Tensor("cls.target")));
        Check("rpn_cls", "rpn.logits",
            x => F.binary_cross_entropy_with_logits(x.view(-1), (golden.Tensor("rpn.target") == 0).to(ScalarType.Float32), reduction: nn.Reduction.Sum)
            / golden.Number("rpn avg_factor"));
        Check("smooth_l1", "reg.pred", x => F.smooth_l1_loss(x, golden.Input("reg.target")));
        Check("mask_ce", "mask.logits", x => F.binary_cross_entropy_with_logits(
            stack(golden["mask.labels"].Integers.Select((label, i) => x[i][(int)label])), (golden.Input("mask.target") > 0).to(ScalarType.Float32)));
        var atPoints = (golden.Input("point.target") > 0.2).to(ScalarType.Float32);
        Check("point_ce", "point.logits", x => PointMaskLoss.Paired(x, atPoints).CrossEntropy.mean() * 5);
        Check("dice", "point.logits", x => PointMaskLoss.Paired(x, atPoints).Dice.sum() * 5 / golden.Number("dice avg_factor"));
        Check("dice_squared", "point.logits", x => DiceLoss.Squared(x, atPoints, 0, 2e-3).mean());
        Check("focal", "point.logits", x => FocalLoss.Of(x, atPoints).mean());

        void Check(string name, string input, Func<Tensor, Tensor> loss)
        {
            var x = golden.Input(input).requires_grad_();
            var value = loss(x);
            Assert.Equal(golden[name + ".loss"].Floats[0], value.item<float>(), 1e-5 * Math.Abs(golden[name + ".loss"].Floats[0]));
            value.backward();
            golden.Check(name + ".grad", x.grad!, 1e-5);
        }
    }

    [SkippableFact]
    public void Match_GoldenMasks_GivesGoldenCostsAndPairs()
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("rsprompter/matching.safetensors");
        Tensor masks = golden.Input("masks"), points = golden.Input("points");
        var truths = golden.Tensor("gt_masks").to(ScalarType.Float32);
        var predicted = PointSampling.Sample(masks.unsqueeze(0), points).squeeze(0);
        var wanted = PointSampling.Sample(truths.unsqueeze(0), points).squeeze(0);
        golden.Check("pred_at_points", predicted);
        golden.Check("gt_at_points", wanted);
        var (classes, entropy, dice) = QueryLoss.Costs(golden.Input("cls"), predicted, golden.Tensor("gt_labels"), wanted);
        golden.Check("cost.cls", classes);
        golden.Check("cost.ce", entropy);
        golden.Check("cost.dice", dice);
        var cost = classes + entropy + dice;
        golden.Check("cost", cost);
        var (rows, columns) = LinearAssignment.Solve(Close.Values(cost), (int)cost.shape[0], (int)cost.shape[1]);
        var pairs = rows.Zip(columns).ToDictionary(p => p.First, p => p.Second + 1L);
        Assert.Equal(golden["gt_inds"].Integers, Enumerable.Range(0, (int)cost.shape[0]).Select(q => pairs.GetValueOrDefault(q)));
        int draws = 0;
        var options = new PointOptions
        {
            Count = golden.Size("num_points"),
            Oversampling = golden.Number("oversample_ratio"),
            ImportantShare = golden.Number("importance_sample_ratio"),
        };
        // Points are chosen on the masks that are matched, in the order of the truths.
        long[] matched = [.. Enumerable.Range(0, (int)cost.shape[1]).Select(t => (long)rows[Array.IndexOf(columns, t)])];
        Tensor? chosen = null;
        foreach (var order in new[] { matched, [.. matched.Order()] })
        {
            draws = 0;
            chosen = UncertainPoints.Choose(masks.index_select(0, tensor(order)), options, _ => golden.Input($"rand{draws++}"));
            if (Close.RelativeError(Close.Values(chosen), golden["uncertain_points"].Floats) < 1e-6) break;
        }
        golden.Check("uncertain_points", chosen!);
    }

    /// <summary>That the losses are those of all masks is what the golden models say; here, that no more are drawn.</summary>
    [Fact]
    public void Of_MoreQueriesThanInstances_DrawsThoseOfInstancesAlone()
    {
        using var scope = NewDisposeScope();
        var layer = new QueryAnswers(DetInput.Tensor("classes", 2, 9, 4), null, DetInput.Tensor("coarse", 2, 9, 8, 8), DetInput.Tensor("tokens", 2, 9, 5, 3));
        var masks = zeros([2, 32, 32], ScalarType.Byte);
        masks[0, TensorIndex.Slice(2, 12)] = 1;
        masks[1, TensorIndex.Slice(20, 30)] = 1;
        BoxF box = new(0, 2, 32, 12);
        InstanceTruth[] truths = [new([], [], masks.narrow(0, 0, 0)), new([box, box], [0, 2], masks)];
        var drawn = new List<(long[] Tokens, long[] Coarse, long[] Images)>();
        var loss = new QueryLoss(3, new PointOptions { Count = 16 }, shape => rand(shape), (tokens, coarse, images) =>
        {
            drawn.Add((tokens.shape, coarse!.shape, images.data<long>().ToArray()));
            Assert.False(coarse.requires_grad);
            return coarse;
        }).Of([layer, layer], truths, new LossReport());
        Assert.True(double.IsFinite(loss.item<float>()));
        Assert.Equal(2, drawn.Count);
        Assert.All(drawn, d =>
        {
            Assert.Equal([2, 5, 3], d.Tokens);
            Assert.Equal([2, 8, 8], d.Coarse);
            Assert.Equal([1, 1], d.Images);
        });
        drawn.Clear();
        _ = new QueryLoss(3, new PointOptions { Count = 16 }, shape => rand(shape), (tokens, coarse, images) =>
        {
            drawn.Add((tokens.shape, coarse!.shape, images.data<long>().ToArray()));
            return coarse;
        }, most: 1, new Random(1)).Of([layer], truths, new LossReport());
        Assert.Equal([1, 5, 3], Assert.Single(drawn).Tokens);
    }

    [SkippableFact]
    public void Schedule_EveryStep_IsGolden()
    {
        var golden = new TuningGolden("rsprompter/lr_schedule.safetensors");
        foreach (string name in golden.Names)
        {
            string[] parts = name.Split('_'); // lr_65_per_epoch_12_epochs
            var schedule = new CosineSchedule(golden.Number("base_lr"), int.Parse(parts[1]), int.Parse(parts[4]));
            double[] rates = golden[name].Doubles;
            for (int step = 0; step < rates.Length; step++) Assert.Equal(rates[step], schedule.Of(step), 1e-12);
        }
    }

    [Fact]
    public void Sampling_MoreThanWanted_KeepsTheShares()
    {
        int[] truths = [.. Enumerable.Range(0, 1000).Select(i => i % 3 == 0 ? 1 : i % 3 == 1 ? MaxIouAssignment.Background : MaxIouAssignment.Ignored)];
        var (positives, negatives) = new CandidateSampling(100, 0.25).Draw(truths, new Random(5));
        Assert.Equal((25, 75), (positives.Length, negatives.Length));
        Assert.Equal(100, positives.Concat(negatives).Distinct().Count());
        Assert.All(positives, i => Assert.Equal(1, truths[i]));
        Assert.All(negatives, i => Assert.Equal(MaxIouAssignment.Background, truths[i]));
    }

    [Fact]
    public void Regions_WithoutTruth_AreBackground()
    {
        using var scope = NewDisposeScope();
        var sampled = SampledRegions.Of([[new(0, 0, 5, 5)]], [new InstanceTruth([], [], zeros(0, 8, 8))], 3, MaxIouAssignment.OfRegions,
            CandidateSampling.All, new Random(1));
        Assert.Equal([3], sampled.Labels);
        Assert.Empty(sampled.Objects);
    }
}
