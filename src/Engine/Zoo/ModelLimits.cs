using SemanticSam.Engine.Checkpoints;
using SemanticSam.Granularity.Sam;
using SemanticSam.Granularity.SemanticSam;

namespace SemanticSam.Engine.Zoo;

/// <summary>
/// Whether a model may be built at all: each size within what networks of its family can have, and no more parameters than its file holds. Looked at before
/// anything is allocated, since a line of a configuration can ask for any amount of memory.
/// </summary>
internal static class ModelLimits
{
    internal const int LargestWidth = 16_384, MostLayers = 256;

    /// <summary>Refuses a configuration that is out of range.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="source">Its file, for messages.</param>
    /// <exception cref="CheckpointException">It is; the message names the entry and what is allowed.</exception>
    public static void Require(ModelConfig config, string source)
    {
        var within = Range(source);
        void Each<T>(string entry, IReadOnlyList<T> values, int count, double least, double most) where T : IConvertible
        {
            if (values.Count != count) throw new CheckpointException(source, $"{entry} has {values.Count} values; {count} are needed.");
            for (int i = 0; i < count; i++) within($"{entry}[{i}]", values[i].ToDouble(null), least, most);
        }
        if (config.Name.Length is 0 or > 100) throw new CheckpointException(source, $"name has {config.Name.Length} characters; 1 to 100 are allowed.");
        if (config.Swin is null == config.ConvNet is null) throw new CheckpointException(source, "one backbone is needed, swin or conv_net.");
        if (config.Swin is { } swin)
        {
            within("swin.embed_dim", swin.EmbedDim, 1, 1024);
            Each("swin.depths", swin.Depths, 4, 0, MostLayers);
            Each("swin.heads", swin.Heads, 4, 1, 1024);
            within("swin.window", swin.Window, 2, 64);
            within("swin.mlp_ratio", swin.MlpRatio, 0.01, 64);
        }
        if (config.ConvNet is { } net)
        {
            within("conv_net.stem", net.Stem, 1, LargestWidth);
            Each("conv_net.channels", net.Channels, 4, 1, LargestWidth);
            Each("conv_net.blocks", net.Blocks, 4, 0, MostLayers);
        }
        var pixel = config.PixelDecoder;
        Each("pixel_decoder.channels", pixel.Channels, 4, 1, LargestWidth);
        within("pixel_decoder.width", pixel.Width, 32, LargestWidth);
        within("pixel_decoder.mask_width", pixel.MaskWidth, 1, LargestWidth);
        within("pixel_decoder.feed_forward", pixel.FeedForward, 1, 4 * LargestWidth);
        within("pixel_decoder.layers", pixel.Layers, 0, MostLayers);
        within("pixel_decoder.heads", pixel.Heads, 1, 1024);
        within("pixel_decoder.points", pixel.Points, 1, 64);
        within("pixel_decoder.levels", pixel.Levels, 4, 5);
        RequireDecoder(config.Decoder, within);
        if (config.Text is { } text)
        {
            within("text.vocabulary", text.Vocabulary, 3, 2_000_000);
            within("text.context", text.Context, 2, 1024);
            within("text.width", text.Width, 1, LargestWidth);
            within("text.heads", text.Heads, 1, 1024);
            within("text.layers", text.Layers, 0, MostLayers);
        }
        Each("pixel_mean", config.PixelMean, 3, -1e4, 1e4);
        Each("pixel_std", config.PixelStd, 3, 1e-3, 1e4);
        within("sizing.pixels", config.Sizing.Pixels, 32, 2048);
        if (!Enum.IsDefined(config.Sizing.Edge) || !Enum.IsDefined(config.Sizing.Filter)
            ) throw new CheckpointException(source, "sizing has an edge or a filter that is not known.");
    }

    /// <summary>Refuses weights that cannot fill a network of a configuration.</summary>
    /// <param name="needed">Parameters that it has at least.</param>
    /// <param name="tensors">What the file holds.</param>
    /// <param name="source">The file.</param>
    /// <exception cref="CheckpointException">There are fewer.</exception>
    public static void RequireParameters(double needed, IEnumerable<CheckpointTensor> tensors, string source)
    {
        double there = tensors.Sum(t => (double)t.ElementCount);
        if (needed > there)
            throw new CheckpointException(source, FormattableString.Invariant(
                $"a network of these sizes has at least {needed:0} parameters, the file holds {there:0}: sizes and weights do not belong together."));
    }

    /// <summary>Parameters of the large matrices: no network of the configuration has fewer.</summary>
    public static double ParametersAtLeast(ModelConfig config)
    {
        var (pixel, decoder) = (config.PixelDecoder, config.Decoder);
        double Deformable(double width, double heads, double levels, double points) => 2 * width * width + 3 * width * heads * levels * points;
        double width = pixel.Width, sum = pixel.Channels.Sum(c => c * width) + 9 * pixel.Channels[3] * width + 9 * width * width + width * pixel.MaskWidth;
        sum += pixel.Layers * (Deformable(width, pixel.Heads, pixel.Levels, pixel.Points) + 2 * width * pixel.FeedForward);
        double queries = decoder.Width;
        sum += decoder.Layers
            * (4 * queries * queries + Deformable(queries, decoder.Heads, decoder.Levels, decoder.Points) + 2 * queries * decoder.FeedForwardWidth);
        sum += 2 * queries * decoder.TextWidth + 2 * queries * queries + queries * decoder.MaskWidth + queries * (decoder.MaskTokens + decoder.StuffQueries);
        if (decoder.Additions is { PromptSamples: > 0 and var samples }) sum += (double)decoder.Layers * decoder.MaskWidth * samples * samples * queries;
        if (config.Swin is { } swin)
            for (int s = 0; s < 4; s++)
            {
                double channels = swin.EmbedDim << s;
                sum += swin.Depths[s] * (4 + 2 * swin.MlpRatio) * channels * channels + (s < 3 ? 8 * channels * channels : 0);
            }
        if (config.ConvNet is { } net)
            for (int s = 0; s < 4; s++)
                sum += 9.0 * net.Channels[Math.Max(s - 1, 0)] * net.Channels[s] + 18.0 * net.Blocks[s] * net.Channels[s] * net.Channels[s];
        if (config.Text is { } text) sum += ((double)text.Vocabulary + text.Context + decoder.TextWidth) * text.Width
            + 12.0 * text.Layers * text.Width * text.Width;
        return sum;
    }

    /// <summary>The same of a SAM.</summary>
    public static double ParametersAtLeast(SamConfig config)
    {
        double decoder = config.DecoderDepth * 2.0 * config.Width * config.FeedForward;
        return config.Vit is { } vit ? decoder + 12.0 * vit.Depth * vit.Width * vit.Width : decoder + 4e6; // of MobileSAM's encoder there is one
    }

    /// <summary>Refuses an entry's value unless it lies between a least and a most one.</summary>
    /// <param name="source">The file, for messages.</param>
    internal static Action<string, double, double, double> Range(string source) => (entry, value, least, most) =>
    {
        if (!(value >= least && value <= most)
            ) throw new CheckpointException(source, FormattableString.Invariant($"{entry} is {value}; {least} to {most} are allowed."));
    };

    private static void RequireDecoder(DecoderConfig decoder, Action<string, double, double, double> within)
    {
        within("decoder.width", decoder.Width, 4, LargestWidth);
        within("decoder.mask_width", decoder.MaskWidth, 1, LargestWidth);
        within("decoder.feed_forward_width", decoder.FeedForwardWidth, 1, 4 * LargestWidth);
        within("decoder.heads", decoder.Heads, 1, 1024);
        within("decoder.self_attention_heads", decoder.SelfAttentionHeads, 1, 1024);
        within("decoder.points", decoder.Points, 1, 64);
        within("decoder.layers", decoder.Layers, 1, MostLayers);
        within("decoder.levels", decoder.Levels, 1, 5);
        within("decoder.text_width", decoder.TextWidth, 0, LargestWidth);
        within("decoder.mask_tokens", decoder.MaskTokens, 0, 64);
        within("decoder.prompt_kinds", decoder.PromptKinds, 1, 64);
        within("decoder.object_queries", decoder.ObjectQueries, 0, 10_000);
        within("decoder.stuff_queries", decoder.StuffQueries, 0, 1000);
        if (decoder.Additions is { } additions) within("decoder.additions.prompt_samples", additions.PromptSamples, 0, 64);
    }
}
