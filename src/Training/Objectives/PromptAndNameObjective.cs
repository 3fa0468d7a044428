using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Training.Losses;
using static TorchSharp.torch;

namespace SemanticSam.Training.Objectives;

/// <summary>
/// The loss of a model that answers clicks, boxes and names in one forward: masks, boxes and classes of prompts and object queries as
/// Semantic-SAM (arXiv 2307.04767) and Mask DINO (arXiv 2206.02777) train them, the predicted IoU, and for each name asked the union of
/// everything that carries it with its presence.
/// </summary>
internal sealed class PromptAndNameObjective(SemanticSamModel model, Func<string, int[]> encode, ObjectiveOptions weights)
{
    /// <summary>Sums over the images of a batch and what they are divided by.</summary>
    private sealed class Sums(Device device)
    {
        public Tensor Masks = zeros(Array.Empty<long>(), device: device), Boxes = zeros(Array.Empty<long>(), device: device);
        public Tensor Iou = zeros(Array.Empty<long>(), device: device), Class = zeros(Array.Empty<long>(), device: device),
            Selection = zeros(Array.Empty<long>(), device: device);
        public double MaskCount, BoxCount, IouCount, ClassCount, SelectionCount;
    }

    /// <summary>The loss of a batch, to be differentiated.</summary>
    /// <param name="batch">Samples; at least one name in all.</param>
    /// <param name="report">Takes the parts of the loss, of the last layer.</param>
    /// <returns>Rank 0, in the caller's dispose scope.</returns>
    public Tensor Compute(TrainingBatch batch, LossReport report)
    {
        using var scope = NewDisposeScope();
        var features = model.PixelDecoder.call(model.Backbone.call(batch.Images));
        var memory = model.Decoder.Remember(features.MaskFeatures, features.MultiScale, keepProjections: false);
        var names = BatchNames.Embed(model, memory, batch, encode);
        var result = model.Decoder.forward(memory, new DecoderRequest
        {
            Prompts = new PromptQueries(batch.PromptBoxes, batch.PromptKinds),
            Objects = true,
            Conditioned = names.Queries,
            Names = names.Embeddings,
            Depth = DecoderDepth.AllLayers,
            Masks = MaskOutput.Embeddings,
        });
        var sums = new Sums(batch.Images.device);
        for (int image = 0; image < batch.Targets.Count; image++)
            AddImage(sums, result, image, features.MaskFeatures.narrow(0, image, 1), batch.Targets[image], report);
        var loss = sums.Masks / sums.MaskCount + weights.Boxes * sums.Boxes / sums.BoxCount + weights.Iou * sums.Iou / sums.IouCount
            + weights.Class * sums.Class / Math.Max(sums.ClassCount, 1) + weights.Selection * sums.Selection / Math.Max(sums.SelectionCount, 1);
        report.Add("loss", loss, 1);
        return loss.MoveToOuterDisposeScope();
    }

    private void AddImage(Sums sums, DecoderResult result, int image, Tensor maskFeatures, ImageTargets targets, LossReport report)
    {
        int wholes = targets.Sample.Names.Count(n => !n.IsPart), parts = targets.Sample.Names.Count - wholes, layers = result.Prompts.Count;
        var features = PointSampling.Sample(maskFeatures, targets.Points).squeeze(0); // [M, points]
        var last = ImagePredictions.Of(result, 0, image, wholes, parts);
        var matches = ImageMatches.Of(last, features, targets, model.Config.Decoder, weights);
        var pairs = new MatchedPairs(matches, targets, weights);
        var (tokenIou, pairIou) = TrueIou(last, maskFeatures, pairs, targets, model.Config.Decoder.MaskTokens);
        for (int fromLast = 0; fromLast < layers; fromLast++)
        {
            var predictions = fromLast == 0 ? last : ImagePredictions.Of(result, fromLast, image, wholes, parts);
            AddLayer(sums, predictions, features, pairs, targets, tokenIou, pairIou, fromLast == 0 ? 1 : weights.EarlierLayers, fromLast == 0 ? report : null);
        }
        sums.MaskCount += pairs.TotalMaskWeight;
        sums.BoxCount += pairs.Count;
        sums.IouCount += tokenIou.shape[0];
        sums.ClassCount += 0.5 * pairs.Count + targets.Sample.Names.Count;
        if (targets.Sample.Names.Count > 0) AddSelection(sums, result, image, wholes, parts, targets);
    }

    private void AddLayer(Sums sums, ImagePredictions layer, Tensor features, MatchedPairs pairs, ImageTargets targets, Tensor tokenIou, Tensor pairIou,
        double weight, LossReport? report)
    {
        var codes = MaskCodes.Concat([layer.PromptCodes.Rows(pairs.PromptQueries), layer.ObjectCodes.Rows(pairs.ObjectQueries),
            .. layer.NameCodes is { } ofNames ? new[] { ofNames } : []]); // [pairs + names, ...]
        var (entropy, dice) = PointMaskLoss.Paired(codes.At(features, targets.Points.squeeze(0)), pairs.Masks);
        sums.Masks += weight * ((weights.CrossEntropy * entropy + weights.Dice * dice) * pairs.MaskWeights).sum();

        var box = BoxLoss(codes.Boxes.narrow(0, 0, pairs.Count), pairs.Boxes);
        sums.Boxes += weight * box;

        var promptDice = dice.narrow(0, 0, pairs.PromptCount);
        // Every token, not the matched ones alone: where a click has fewer masks than tokens, the rest must learn that they are worth little,
        // or the mask of highest predicted IoU is a token that was never told.
        var quality = (layer.PromptIous - tokenIou).square().sum();
        sums.Iou += weight * quality;

        Tensor? classes = null;
        if (layer.ObjectLogits is { } objectLogits)
        {
            classes = FocalLoss.Of(objectLogits, ObjectLabels(objectLogits, pairs, targets)).sum()
                + weights.PromptClass * FocalLoss.Of(layer.PromptLogits!.index_select(0, pairs.PromptQueries), pairs.PromptLabels).sum()
                + weights.Presence * FocalLoss.Of(layer.Presence!, targets.Present, alpha: 0.5).sum();
            sums.Class += weight * classes;
        }
        if (report is null) return;
        report.Add("mask_cross_entropy", entropy, entropy.shape[0]);
        report.Add("box", box, pairs.Count);
        report.Add("iou_error", quality, tokenIou.shape[0]);
        if (classes is not null) report.Add("class", classes, pairs.Count + targets.Sample.Names.Count);
        report.Add("dice_click", promptDice * pairs.IsClick, pairs.Clicks);
        report.Add("dice_box", promptDice * (1 - pairs.IsClick), pairs.PromptCount - pairs.Clicks);
        report.Add("dice_object", dice.narrow(0, pairs.PromptCount, pairs.Count - pairs.PromptCount), pairs.Count - pairs.PromptCount);
        if (classes is not null)
            report.Add("dice_name", dice.narrow(0, pairs.Count, targets.Sample.Names.Count) * targets.Present, targets.Sample.Names.Count(n => n.IsPresent));
        report.Add("click_iou", pairIou * pairs.IsClick, pairs.Clicks);
    }

    private void AddSelection(Sums sums, DecoderResult result, int image, int wholes, int parts, ImageTargets targets)
    {
        var proposed = result.Selection!.Predictions!;
        var logits = ImagePredictions.Logits(proposed, image, wholes, parts);
        var boxes = proposed.Boxes.select(0, image);
        var (queries, masks) = ImageMatches.OfSelection(logits, boxes, targets, weights);
        var labels = zeros_like(logits);
        if (queries.Length > 0)
        {
            Tensor rows = tensor(queries, device: logits.device), columns = tensor(masks, device: logits.device);
            labels = labels.index_copy(0, rows, targets.Labels.index_select(0, columns));
            sums.Selection += BoxLoss(boxes.index_select(0, rows), targets.Boxes.index_select(0, columns));
        }
        sums.Selection += weights.Class * FocalLoss.Of(logits, labels).sum();
        sums.SelectionCount += queries.Length;
    }

    private Tensor BoxLoss(Tensor boxes, Tensor targets) =>
        weights.BoxL1 * (boxes - targets).abs().sum() + weights.BoxGiou * (1 - BoxDistance.PairedGeneralizedIou(boxes, targets)).sum();

    /// <summary>[objects, names]: the names of the matched mask; none for queries that match nothing.</summary>
    private static Tensor ObjectLabels(Tensor logits, MatchedPairs pairs, ImageTargets targets)
    {
        using var still = no_grad();
        var labels = zeros_like(logits);
        return pairs.Count == pairs.PromptCount ? labels : labels.index_copy(0, pairs.ObjectQueries, targets.Labels.index_select(0, pairs.ObjectMasks));
    }

    /// <summary>
    /// True IoU of the last layer's masks, at twice the resolution of the mask features: [prompts * tokens] of each token with the mask that its
    /// prompt was drawn from, and [prompt pairs] of each matched token with its own.
    /// </summary>
    private static (Tensor Tokens, Tensor Pairs) TrueIou(ImagePredictions last, Tensor maskFeatures, MatchedPairs pairs, ImageTargets targets, int tokens)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var logits = last.PromptCodes.Planes(maskFeatures); // [prompts*tokens, h, w]
        var twice = nn.functional.interpolate(logits.unsqueeze(0), size: [2 * logits.shape[1], 2 * logits.shape[2]],
            mode: InterpolationMode.Bilinear, align_corners: false);
        var predicted = (twice.squeeze(0).flatten(1) > 0).to(ScalarType.Float32); // [prompts*tokens, cells]
        var both = predicted.matmul(targets.HalfMasks.transpose(0, 1)); // [prompts*tokens, masks]
        var either = predicted.sum(1).unsqueeze(1) + targets.HalfMasks.sum(1).unsqueeze(0) - both;
        var all = both / either.clamp_min(1);
        var meant = MeantMasks(targets, tokens).to(all.device);
        return ((all * meant).sum(1).MoveToOuterDisposeScope(),
            all.index_select(0, pairs.PromptQueries).gather(1, pairs.PromptMasks.unsqueeze(1)).squeeze(1).MoveToOuterDisposeScope());
    }

    /// <summary>
    /// [prompts * tokens, masks]: 1 at the mask that the token's prompt was drawn from. Against all masks that answer the prompt the predicted
    /// IoU would always favor the largest, which is the easiest; against the one that was meant it learns what is likely meant.
    /// </summary>
    private static Tensor MeantMasks(ImageTargets targets, int tokens)
    {
        var prompts = targets.Sample.Prompts;
        var meant = new float[prompts.Count * tokens * targets.Sample.MaskCount];
        for (int p = 0; p < prompts.Count; p++)
            for (int t = 0; t < tokens; t++)
                meant[(p * tokens + t) * targets.Sample.MaskCount + prompts[p].Masks[0]] = 1;
        return tensor(meant, [prompts.Count * tokens, targets.Sample.MaskCount]);
    }
}
