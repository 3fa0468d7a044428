using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Sam;
using SemanticSam.Masks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>An instance that a prompter found.</summary>
/// <param name="Box">In pixels of the original image.</param>
/// <param name="Score">0 to 1.</param>
/// <param name="Label">Index of the class.</param>
/// <param name="Mask">Of the original image's size.</param>
internal sealed record PrompterInstance(BoxF Box, float Score, int Label, Rle Mask);

/// <summary>Sizes of an image on its way into the network and back.</summary>
/// <param name="Height">Rows of the original image.</param>
/// <param name="Width">Columns of the original image.</param>
/// <param name="ResizedHeight">Rows before padding.</param>
/// <param name="ResizedWidth">Columns before padding.</param>
/// <param name="Side">Side of the padded square.</param>
internal readonly record struct ResizedFrame(int Height, int Width, int ResizedHeight, int ResizedWidth, int Side)
{
    /// <summary>Resized over original columns.</summary>
    public double ScaleX => (double)ResizedWidth / Width;

    /// <summary>Resized over original rows.</summary>
    public double ScaleY => (double)ResizedHeight / Height;

    /// <summary>The longer side becomes the square's; the other is rounded.</summary>
    public static ResizedFrame Of(int height, int width, int side)
    {
        double scale = (double)side / Math.Max(height, width);
        return new(height, width, Math.Max(1, (int)(height * scale + 0.5)), Math.Max(1, (int)(width * scale + 0.5)), side);
    }

    /// <summary>Maps of the padded square to the original image: resized to the square, cropped, resized again.</summary>
    /// <param name="maps">[N, 1, h, w].</param>
    /// <param name="beforeCrop">Applied to the maps; sigmoid for probabilities.</param>
    public Tensor ToOriginal(Tensor maps, Func<Tensor, Tensor>? beforeCrop = null)
    {
        using var scope = NewDisposeScope();
        if (beforeCrop is not null) maps = beforeCrop(maps);
        var square = F.interpolate(maps, [Side, Side], mode: InterpolationMode.Bilinear, align_corners: false);
        // As the original does it: the quotient times the side may fall short of a whole number, and then a pixel is lost.
        long rows = Math.Max(1, (long)(Height * ScaleY)), columns = Math.Max(1, (long)(Width * ScaleX));
        var cropped = square.narrow(2, 0, rows).narrow(3, 0, columns);
        return F.interpolate(cropped, [Height, Width], mode: InterpolationMode.Bilinear, align_corners: false).MoveToOuterDisposeScope();
    }

    /// <summary>A box of the resized image in the original one.</summary>
    public BoxF ToOriginal(BoxF box)
    {
        float x = (float)ScaleX, y = (float)ScaleY;
        return new(box.X1 / x, box.Y1 / y, box.X2 / x, box.Y2 / y);
    }

    /// <summary>A box of the original image in the resized one.</summary>
    public BoxF ToResized(BoxF box)
    {
        float x = (float)ScaleX, y = (float)ScaleY;
        return new(box.X1 * x, box.Y1 * y, box.X2 * x, box.Y2 * y);
    }
}

/// <summary>What is kept of a prompter's answers.</summary>
internal sealed record PrompterLimits
{
    /// <summary>Of the proposals.</summary>
    public ProposalLimits Proposals { get; init; } = ProposalLimits.Test;

    /// <summary>Of the detections.</summary>
    public DetectionLimits Detections { get; init; } = DetectionLimits.Default;

    /// <summary>Pairs of query and class an image; null for as many as there are queries.</summary>
    public int? Pairs { get; init; }
}

/// <summary>From a prompter's maps to instances, as the released test pipeline does it.</summary>
internal static class PrompterInference
{
    private const double MaskThreshold = 0.5;

    /// <summary>Instances drawn at a time: so the masks of an image never take more than some hundred megabytes.</summary>
    private const int DrawnAtOnce = 16;

    /// <summary>The instances of each image of a batch, the best first.</summary>
    /// <param name="prompter">In evaluation mode.</param>
    /// <param name="maps">Of the batch.</param>
    /// <param name="frames">Sizes of each image.</param>
    /// <param name="limits">What is kept.</param>
    /// <param name="sam">Draws the masks of a detector that stands alone.</param>
    public static IReadOnlyList<IReadOnlyList<PrompterInstance>> Find(Prompter prompter, PrompterMaps maps,
        IReadOnlyList<ResizedFrame> frames, PrompterLimits limits,
        SamModel? sam = null)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        if (!prompter.Config.FindsRegions)
        {
            var last = prompter.Ask(maps, last: true)[^1];
            return [.. frames.Select(
                (frame, i) => OfQueries(prompter.Config, last.Classes[i], last.Masks![i], frame, limits.Pairs ?? prompter.Config.Queries))];
        }
        var proposals = prompter.Proposals(maps);
        var regionMaps = new PrompterMaps(prompter.Regions.Maps(maps.Maps), maps.Embedding);
        var boxes = RegionProposals.Of(proposals, prompter.Config.AnchorScales, limits.Proposals, prompter.Config.ImageSize);
        return [.. frames.Select((frame, i) => OfRegions(prompter, regionMaps, i, boxes[i].Boxes, frame, limits.Detections, sam))];
    }

    private static List<PrompterInstance> OfRegions(Prompter prompter, PrompterMaps maps, int image, BoxF[] boxes, ResizedFrame frame,
        DetectionLimits limits, SamModel? sam)
    {
        using var scope = NewDisposeScope();
        var config = prompter.Config;
        if (boxes.Length == 0) return [];
        var (logits, deltas) = prompter.Regions.Boxes(maps.Maps, [.. boxes.Select(b => new Region(image, b))]);
        var detections = Detections.Of(boxes, logits, deltas, limits, config.ImageSize);
        var found = new List<PrompterInstance>();
        foreach (var together in detections.Chunk(DrawnAtOnce))
        {
            using var inner = NewDisposeScope();
            Region[] regions = [.. together.Select(d => new Region(image, d.Box))];
            BoxF[] original = [.. together.Select(d => frame.ToOriginal(d.Box))];
            var masks = config.Head switch
            {
                PrompterHead.Anchor => Drawn(prompter, maps, regions, frame),
                PrompterHead.Detector =>
                    DetectedMasks.Masks(DetectedMasks.Logits(sam!.PromptEncoder, sam.MaskDecoder, maps.Embedding.narrow(0, image, 1), original, frame), frame),
                _ => Pasted(prompter, maps, regions, together, original, frame),
            };
            for (int i = 0; i < together.Length; i++) found.Add(new(original[i], together[i].Score, together[i].Label, masks[i]));
        }
        return found;
    }

    private static Rle[] Drawn(Prompter prompter, PrompterMaps maps, Region[] regions, ResizedFrame frame)
    {
        var logits = prompter.DrawRegions(maps, prompter.Regions.Prompts(maps.Maps, regions), [.. regions.Select(r => r.Image)]);
        var inside = frame.ToOriginal(logits, l => l.sigmoid()) >= MaskThreshold;
        return Cut(prompter.Config.MasksInBoxes ? inside.logical_and(Around(regions, frame, inside.device)) : inside);
    }

    /// <summary>[R, 1, H, W]: the pixels of the original image in and around each region's box.</summary>
    private static Tensor Around(Region[] regions, ResizedFrame frame, Device device)
    {
        BoxF[] boxes = [.. regions.Select(r => frame.ToOriginal(PromptedMasks.Around(r.Box, frame.Side)))];
        Tensor Within(int length, Func<BoxF, (float From, float To)> axis)
        {
            var middles = arange(length, dtype: ScalarType.Float32, device: device) + 0.5;
            Tensor Border(Func<BoxF, float> of) => tensor([.. boxes.Select(of)], device: device).unsqueeze(1);
            return (middles >= Border(b => axis(b).From)).logical_and(middles < Border(b => axis(b).To));
        }
        return Within(frame.Height, b => (b.Y1, b.Y2)).unsqueeze(2).logical_and(Within(frame.Width, b => (b.X1, b.X2)).unsqueeze(1)).unsqueeze(1);
    }

    private static Rle[] Pasted(Prompter prompter, PrompterMaps maps, Region[] regions, Detection[] detections, BoxF[] original, ResizedFrame frame)
    {
        var labels = tensor([.. detections.Select(d => (long)d.Label)], device: maps.Maps[0].device).view(-1, 1, 1, 1);
        var logits = prompter.Regions.Masks(maps.Maps, regions);
        var own = logits.gather(1, labels.expand(-1, 1, logits.shape[2], logits.shape[3])).squeeze(1).sigmoid();
        return RegionMaskHead.Paste(own, original, frame.Height, frame.Width);
    }

    private static List<PrompterInstance> OfQueries(PrompterConfig config, Tensor classes, Tensor masks, ResizedFrame frame, int most)
    {
        using var scope = NewDisposeScope();
        float[] scores = TensorValues.Floats(classes.softmax(-1).narrow(-1, 0, config.Classes).reshape(-1));
        int[] best = [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).Take(most)];
        var found = new List<PrompterInstance>();
        foreach (var ofQuery in best.GroupBy(i => i / config.Classes))
        {
            using var inner = NewDisposeScope();
            var logits = frame.ToOriginal(masks[ofQuery.Key].view(1, 1, masks.shape[1], masks.shape[2]));
            var inside = logits > 0;
            float sure = ((logits.sigmoid() * inside).sum() / (inside.sum() + 1e-6)).cpu().item<float>();
            var mask = Cut(inside)[0];
            var box = mask.Bounds is { Width: > 0 } tight ? new BoxF(tight.Left, tight.Top, tight.Right, tight.Bottom) : default;
            found.AddRange(ofQuery.Select(i => new PrompterInstance(box, scores[i] * sure, i % config.Classes, mask)));
        }
        return [.. found.OrderByDescending(f => f.Score)];
    }

    /// <summary>[N, 1, H, W] bool as masks.</summary>
    private static Rle[] Cut(Tensor inside)
    {
        bool[] all = inside.cpu().contiguous().data<bool>().ToArray();
        int height = (int)inside.shape[2], width = (int)inside.shape[3], area = height * width;
        return [.. Enumerable.Range(0, (int)inside.shape[0]).Select(i => Rle.FromBools(all.AsSpan(i * area, area), height, width))];
    }
}
