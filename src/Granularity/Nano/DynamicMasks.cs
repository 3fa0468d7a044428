using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>
/// Draws the masks of small networks: mask features, two coordinates in the network's frame and the prompt's maps in, two hidden layers,
/// one logit out. Coordinates are folded into the first layer, so that one product over the image's own features serves all networks.
/// </summary>
internal static class DynamicMasks
{
    /// <summary>Squared radius at which the prior has half of its full strength; the full strength in logits.</summary>
    public const float MostRadius = 12;

    /// <summary>Numbers of one small network.</summary>
    public static int Parameters(NanoConfig config)
    {
        int width = config.DynamicWidth;
        return width * (config.MaskFeatures + 3 + PlaceHead.PromptMaps) + width * (width + 1) + width + 1;
    }

    /// <summary>Logits, [B, Q, S, cells].</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="features">[B, MaskFeatures, H, W], float32.</param>
    /// <param name="maps">[B, Q, PromptMaps, H * W].</param>
    /// <param name="weights">[B, Q, S, n].</param>
    /// <param name="frames">[B, Q, S, 4], in cells of the finest level.</param>
    /// <param name="cell">Side of a cell of <paramref name="features"/>, in cells of the finest level: 1, or 2 for a coarse look.</param>
    public static Tensor Draw(NanoConfig config, Tensor features, Tensor maps, Tensor weights, Tensor frames, double cell = 1) =>
        Draw(config, MaskBasis.Of(features, cell), maps, Enum.GetValues<PromptMap>(), weights, frames);

    /// <summary>Logits, [B, Q, S, cells].</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="basis">What the networks see of the images.</param>
    /// <param name="maps">[B, Q, kinds, cells]: the maps that are not 0 everywhere.</param>
    /// <param name="kinds">Which these are.</param>
    /// <param name="weights">[B, Q, S, n].</param>
    /// <param name="frames">[B, Q, S, 4], in cells of the finest level.</param>
    public static Tensor Draw(NanoConfig config, MaskBasis basis, Tensor maps, IReadOnlyList<PromptMap> kinds, Tensor weights, Tensor frames)
    {
        long batch = weights.shape[0], queries = weights.shape[1], slots = weights.shape[2], height = basis.Y.shape[0],
            width = basis.X.shape[0], cells = height * width;
        int hidden = config.DynamicWidth, channels = config.MaskFeatures, at = 0;
        Tensor ofFeatures = Next(hidden * channels).view(batch, -1, channels); // [B, Q S hidden, C]
        Tensor ofCoordinates = Next(hidden * 3).view(batch, queries, slots, hidden, 3);
        Tensor ofMaps = Next(hidden * PlaceHead.PromptMaps).view(batch * queries, slots * hidden, PlaceHead.PromptMaps);
        Tensor second = Next(hidden * hidden).view(-1, hidden, hidden), secondBias = Next(hidden).view(-1, hidden, 1);
        Tensor third = Next(hidden).view(-1, 1, hidden), thirdBias = Next(1).view(-1, 1, 1);
        if (kinds.Count < PlaceHead.PromptMaps) ofMaps = stack([.. kinds.Select(k => ofMaps.select(-1, (long)k))], -1);

        Tensor center = frames.slice(-1, 0, 2, 1).unsqueeze(-2), half = frames.slice(-1, 2, 4, 1).unsqueeze(-2) / 2; // [B, Q, S, 1, 2]
        Tensor slope = ofCoordinates.slice(-1, 0, 2, 1) / half;
        Tensor level = ofCoordinates.slice(-1, 2, 3, 1) - (slope * center).sum(-1, keepdim: true);
        Tensor first = cat([ofFeatures, cat([slope, level], -1).view(batch, -1, 3)], -1).bmm(basis.Rows); // [B, Q S hidden, cells]
        first = first.view(batch * queries, slots * hidden, cells).add_(ofMaps.bmm(maps.flatten(0, 1)));
        Tensor state = nn.functional.relu(first, inplace: true).view(-1, hidden, cells); // [B Q S, hidden, cells]
        state = nn.functional.relu(second.bmm(state).add_(secondBias), inplace: true);
        Tensor logits = third.bmm(state).add_(thirdBias - MostRadius).view(batch, queries, slots, height, width);

        // Half the squared radius is taken away, but never more than a frame far too small could make good: r / (r / most + 2).
        Tensor across = Distance(basis.X, 0).unsqueeze(-2), down = (Distance(basis.Y, 1) + 2 * MostRadius).unsqueeze(-1); // [B, Q, S, 1, W], [B, Q, S, H, 1]
        return logits.add_((across + down).reciprocal().mul(2 * MostRadius * MostRadius)).flatten(3);

        Tensor Next(int count)
        {
            at += count;
            return weights.slice(-1, at - count, at, 1).contiguous();
        }

        Tensor Distance(Tensor centers, int axis) =>
            ((centers - frames.select(-1, axis).unsqueeze(-1)) / (frames.select(-1, axis + 2).unsqueeze(-1) / 2)).square();
    }
}
