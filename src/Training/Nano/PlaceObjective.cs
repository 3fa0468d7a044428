using SemanticSam.Granularity.Nano;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano;

/// <summary>
/// The losses of places. Networks that shall draw a mask are drawn at full resolution with gradients; all six levels are looked at
/// coarsely, for what their quality should have been predicted as. Answers are then corrected by a further click, as people do.
/// </summary>
internal sealed class PlaceObjective(NanoModel model, NanoSampleOptions options)
{
    private const double MaskWeight = 1.5, QualityWeight = 2;

    /// <summary>The weighted loss, and its components.</summary>
    public (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Run(NanoFeatures features, NanoTensors tensors, NanoBatch batch, Device device)
    {
        Tensor masks = batch.PlaceMasks(device); // [B, T, cells]
        Tensor mask = model.MaskFeatures(features);
        var prompts = batch.Clicks.ToPrompts(device);
        var networks = model.Places(features, prompts, given: false);
        Tensor maps = PlaceMaps.Of(features, prompts);
        Tensor clickQuality = Quality(features, mask, maps, networks, Pick(masks, batch.Clicks.Meant(device)), batch.Clicks.Weights(device));

        var (query, slot, answer, weight) = batch.Matches.ToTensors(device);
        long slots = networks.Weights.shape[2];
        Tensor chosen = query * slots + slot;
        Tensor drawn = DynamicMasks.Draw(model.Config, mask, Pick(maps, query), Pick(networks.Weights.flatten(1, 2), chosen).unsqueeze(2),
            Pick(networks.Frames.flatten(1, 2), chosen).unsqueeze(2)).squeeze(2);
        Tensor clickMasks = Masks(drawn, Pick(masks, answer), tensors.Valid, weight);

        var (regions, meant, weights) = Regions(batch, drawn, Pick(networks.Frames.flatten(1, 2), chosen), device);
        var single = model.Places(features, regions, given: true);
        Tensor answers = DynamicMasks.Draw(model.Config, mask, PlaceMaps.Of(features, regions), single.Weights, single.Frames); // [B, Q, 1, cells]
        Tensor targets = Pick(masks, meant);
        Tensor regionMasks = Masks(answers.squeeze(2), targets, tensors.Valid, weights);
        Tensor regionQuality = Quality(features, single, answers.detach(), targets, weights);
        return ((clickMasks + regionMasks) * MaskWeight + (clickQuality + regionQuality) * QualityWeight,
            [("clicks", clickMasks), ("regions", regionMasks), ("click_quality", clickQuality), ("region_quality", regionQuality)]);
    }

    /// <summary>Cross-entropy over the root of the area, and Dice.</summary>
    private static Tensor Masks(Tensor logits, Tensor targets, Tensor valid, Tensor weight)
    {
        valid = valid.unsqueeze(1); // [B, 1, cells]
        Tensor area = targets.sum(-1);
        Tensor entropy = (nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction: nn.Reduction.None) * valid).sum(-1)
            / (area.clamp_min(4) * valid.sum(-1).clamp_min(4)).sqrt();
        Tensor share = logits.sigmoid() * valid;
        Tensor dice = 1 - (2 * (share * targets).sum(-1) + 1) / (share.sum(-1) + area + 1);
        return ((entropy + dice) * weight).sum() / weight.sum().clamp_min(1);
    }

    private Tensor Quality(NanoFeatures features, Tensor mask, Tensor maps, PlaceNetworks networks, Tensor targets, Tensor weight)
    {
        Tensor coarse, coarseTargets;
        long height = features.Height, width = features.Width;
        using (no_grad())
        {
            Tensor halfMask = nn.functional.avg_pool2d(mask.detach(), 2);
            coarse = DynamicMasks.Draw(model.Config, halfMask, Half(maps), networks.Weights.detach(), networks.Frames.detach(), 2); // [B, Q, S, cells / 4]
            coarseTargets = Half(targets);
        }
        return Quality(features, networks, coarse, coarseTargets, weight);

        Tensor Half(Tensor planes) // [B, ..., cells] to [B, ..., cells / 4]
        {
            Tensor flat = planes.flatten(1, -2).view(planes.shape[0], -1, height, width);
            return nn.functional.avg_pool2d(flat, 2).view([.. planes.shape[..^1], height * width / 4]);
        }
    }

    private Tensor Quality(NanoFeatures features, PlaceNetworks networks, Tensor logits, Tensor targets, Tensor weight)
    {
        Tensor reached;
        using (no_grad())
        {
            Tensor inside = logits.gt(0).to(ScalarType.Float32), meant = targets.unsqueeze(2);
            Tensor common = (inside * meant).sum(-1);
            reached = common / (inside.sum(-1) + meant.sum(-1) - common).clamp_min(1e-3);
        }
        Tensor predicted = model.Quality(features, networks, logits);
        return ((predicted - reached).square().mean([-1]) * weight).sum() / weight.sum().clamp_min(1);
    }

    /// <summary>The given boxes and masks, and after them some answers with a click more.</summary>
    private (PlacePrompts Prompts, Tensor Meant, Tensor Weights) Regions(NanoBatch batch, Tensor drawn, Tensor frames, Device device)
    {
        int samples = batch.Samples.Count, count = batch.Matches.Count, cells = (int)drawn.shape[^1];
        int[][] pairs = [.. Enumerable.Range(0, samples).Select(Chosen)];
        // Only the answers that are corrected leave the device.
        Tensor chosen = tensor(pairs.SelectMany(p => Enumerable.Range(0, options.Corrections).Select(i => i < p.Length ? (long)p[i] : 0)).ToArray(),
            samples, options.Corrections).to(device);
        Tensor answers = Pick(drawn.detach(), chosen);
        float[] logits = answers.cpu().contiguous().data<float>().ToArray(), boxes = Pick(frames.detach(), chosen).cpu().contiguous().data<float>().ToArray();
        var corrections = new List<PlaceAsked>[samples];
        Parallel.For(0, samples, b =>
        {
            var random = NanoBatches.RandomOf(~batch.Index, b); // of its own, so that samples may be worked on at the same time
            corrections[b] = [.. pairs[b].Select((pair, i) => PlaceCorrection.Of(batch.Samples[b], batch.Matches.Query(b, pair), batch.Matches.Mask(b, pair),
                logits.AsSpan((b * options.Corrections + i) * cells, cells), boxes.AsSpan(4 * (b * options.Corrections + i), 4), random))];
        });
        var more = new PlaceBatch(corrections, [.. batch.Samples.Select(s => s.Masks)], options.Corrections, NanoBatch.RegionPoints, cells);
        var (given, added) = (batch.Regions.ToPrompts(device), more.ToPrompts(device));
        Tensor used = tensor(pairs.SelectMany(p => Enumerable.Range(0, options.Corrections).Select(i => i < p.Length ? 1f : 0)).ToArray(),
            samples, options.Corrections, 1).to(device);
        added = added with { Previous = answers * used };
        return (new(cat([given.Points, added.Points], 1), cat([given.Inside, added.Inside], 1), cat([given.Outside, added.Outside], 1),
            cat([given.Clicks, added.Clicks], 1),
                cat([given.Boxes, added.Boxes], 1), cat([given.HasBox, added.HasBox], 1), cat([given.Previous, added.Previous], 1)),
            cat([batch.Regions.Meant(device), more.Meant(device)], 1), cat([batch.Regions.Weights(device), more.Weights(device)], 1));

        int[] Chosen(int b)
        {
            int[] meant = [.. Enumerable.Range(0, count).Where(m => batch.Matches.Meant[b * count + m])];
            NanoBatches.RandomOf(batch.Index, b).Shuffle(meant);
            return meant.Length > options.Corrections ? meant[..options.Corrections] : meant;
        }
    }

    /// <summary>Rows of each sample: [B, N, ...] and [B, M] to [B, M, ...].</summary>
    private static Tensor Pick(Tensor rows, Tensor indices)
    {
        long[] rest = [.. rows.shape[2..]];
        Tensor index = indices.view([.. indices.shape, .. rest.Select(_ => 1L)]).expand([.. indices.shape, .. rest]);
        return rows.gather(1, index);
    }
}
