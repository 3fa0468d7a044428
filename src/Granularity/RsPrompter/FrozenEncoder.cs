using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Nano;
using SemanticSam.Granularity.Sam;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>An image as a prompter takes it.</summary>
/// <param name="States">Hidden states and embedding.</param>
/// <param name="Own">Maps at strides 4 to 32 that the encoder has of its own; empty for none.</param>
/// <param name="Extra">What the prompter does not see, but the frozen model answers clicks with.</param>
internal sealed record EncodedView(EncoderStates States, IReadOnlyList<Tensor> Own, IReadOnlyList<Tensor> Extra) : IDisposable
{
    /// <summary>All tensors, in an order that <see cref="With"/> knows.</summary>
    public IReadOnlyList<Tensor> All => [States.Embedding, .. States.Hidden, .. Own, .. Extra];

    /// <summary>The same with other tensors.</summary>
    public static EncodedView With(IReadOnlyList<Tensor> all, int hidden, int own) =>
        new(new([.. all.Skip(1).Take(hidden)], all[0]), [.. all.Skip(1 + hidden).Take(own)], [.. all.Skip(1 + hidden + own)]);

    /// <summary>Several images as one batch, in the caller's dispose scope.</summary>
    public static EncodedView Batch(IReadOnlyList<EncodedView> views) => views.Count == 1 ? views[0]
        : With([.. Enumerable.Range(0, views[0].All.Count).Select(i => cat([.. views.Select(v => v.All[i])]))],
            views[0].States.Hidden.Count, views[0].Own.Count);

    public void Dispose()
    {
        States.Dispose();
        foreach (var tensor in Own.Concat(Extra)) tensor.Dispose();
    }
}

/// <summary>An image encoder whose own weights are not trained.</summary>
internal abstract class FrozenEncoder
{
    /// <summary>Side of the square image.</summary>
    public abstract int ImageSize { get; }

    /// <summary>Features of the embedding.</summary>
    public abstract long Width { get; }

    /// <summary>Features of the hidden states that it gives.</summary>
    public abstract IReadOnlyList<long> StateWidths { get; }

    /// <summary>Features of the maps of its own.</summary>
    public virtual IReadOnlyList<long> OwnWidths => [];

    /// <summary>Features of each of <see cref="EncodedView.Extra"/>, which are [B, features].</summary>
    public virtual IReadOnlyList<long> ExtraWidths => [];

    /// <summary>Sizes of the mask decoder that goes with it.</summary>
    public virtual DecoderSizes Decoder => new();

    /// <summary>Whether that mask decoder was trained before; else it begins with random weights.</summary>
    public virtual bool KnowsMasks => true;

    /// <summary>Encodes an image, which is padded to the square at the right and bottom.</summary>
    /// <param name="rgb">[3, h, w] RGB 0 to 255, neither side longer than the square's.</param>
    /// <returns>A batch of one, without gradient but of adapters, in the caller's dispose scope.</returns>
    public abstract EncodedView Encode(Tensor rgb);

    /// <summary>A prompter's sizes for this encoder.</summary>
    public PrompterConfig Configure(PrompterHead head, int classes, int queries) => PrompterConfig.Of(head, classes, StateWidths, queries) with
    {
        ImageSize = ImageSize,
        Width = Width,
        PyramidWidths = OwnWidths,
        Decoder = Decoder,
        BoxWidth = 4 * Width, // 1024 for SAM's 256
        FineMasks = OwnWidths.Count > 0 && head is (PrompterHead.Anchor or PrompterHead.Query),
        MasksInBoxes = !KnowsMasks && head == PrompterHead.Anchor,
        SelectsQueries = !KnowsMasks && head == PrompterHead.Query,
    };
}

/// <summary>The encoder of a SAM or MobileSAM: every second hidden state, the first block's first.</summary>
internal sealed class SamFrozenEncoder(SamModel sam) : FrozenEncoder
{
    private readonly ITracedEncoder _encoder = (ITracedEncoder)sam.ImageEncoder;
    private readonly int[] _states = [.. Enumerable.Range(1, ((ITracedEncoder)sam.ImageEncoder).StateWidths.Count - 1).Where(s => s % 2 == 1)];

    public override int ImageSize => sam.Config.ImageSize;

    public override long Width => sam.Config.Width;

    public override IReadOnlyList<long> StateWidths => [.. _states.Select(s => _encoder.StateWidths[s])];

    public override DecoderSizes Decoder => DecoderSizes.Of(sam.Config);

    public override EncodedView Encode(Tensor rgb)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var pixels = PixelStatistics.ImageNet.Normalize(rgb.unsqueeze(0), ImageSize, ImageSize).to(sam.MaskDecoder.parameters().First().device);
        var states = _encoder.Trace(pixels, _states);
        foreach (var state in states.Hidden) state.MoveToOuterDisposeScope();
        states.Embedding.MoveToOuterDisposeScope();
        return new(states, [], []);
    }
}

/// <summary>
/// The embedded model's backbone and pyramid. Its four maps stand for hidden states, each brought to a sixteenth of the image's side, and are added
/// to the prompter's pyramid where they are, since a map at stride 16 knows little of small things.
/// </summary>
internal sealed class NanoFrozenEncoder(NanoModel nano, int imageSize) : FrozenEncoder
{
    private const int Maps = 4;

    /// <summary>The side that is taken where none is asked for: a quarter of SAM's pixels, for two cores.</summary>
    public const int DefaultSize = 768;

    public override int ImageSize => imageSize;

    public override long Width => nano.Config.PyramidWidth;

    public override IReadOnlyList<long> StateWidths => [.. Enumerable.Repeat(Width, Maps)];

    public override IReadOnlyList<long> OwnWidths => StateWidths;

    public override bool KnowsMasks => false;

    public override IReadOnlyList<long> ExtraWidths => [ResNet18.LastWidth(nano.Config.BackboneWidth)];

    public override DecoderSizes Decoder => new() { FeedForward = 4 * Width };

    public override EncodedView Encode(Tensor rgb)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var device = nano.parameters().First().device;
        var bgr = rgb.to(device).to(ScalarType.Float32).flip(0) - tensor(NanoModel.ChannelMeans, device: device).view(3, 1, 1);
        var padded = F.pad(bgr, [0, imageSize - rgb.shape[2], 0, imageSize - rgb.shape[1]]).unsqueeze(0);
        var pixels = padded.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2); // channels last, which convolutions are fastest in
        var valid = zeros([1, imageSize, imageSize], device: device);
        valid.narrow(1, 0, rgb.shape[1]).narrow(2, 0, rgb.shape[2]).fill_(1);
        var (levels, global) = nano.Pyramid(pixels, F.avg_pool2d(valid.unsqueeze(1), NanoModel.Multiple).squeeze(1));
        Tensor[] maps = [.. levels.Select(l => l.to(ScalarType.Float32))];
        Tensor[] states =
        [
            F.avg_pool2d(maps[0], 4), F.avg_pool2d(maps[1], 2), maps[2],
            F.interpolate(maps[3], [maps[2].shape[2], maps[2].shape[3]], mode: InterpolationMode.Bilinear, align_corners: false),
        ];
        Tensor Out(Tensor t) => t.contiguous().MoveToOuterDisposeScope();
        return new(new([.. states.Select(s => Out(s.permute(0, 2, 3, 1)))], Out(maps[2].clone())), [.. maps.Select(Out)], [Out(global)]);
    }
}
