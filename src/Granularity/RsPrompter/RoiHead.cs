using SemanticSam.Granularity.Layers;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>What is done with regions: the box branch, and a mask branch. State-dict names: bbox_head, mask_head.</summary>
internal sealed class RoiHead : nn.Module
{
    private readonly BoxHead bbox_head;
    private readonly nn.Module? mask_head;
    private readonly PositionEmbeddingSine? _positions;

    public RoiHead(PrompterConfig config) : base(nameof(RoiHead))
    {
        bbox_head = new BoxHead(config.Width, config.BoxWidth, config.Classes);
        bool prompts = config.Head == PrompterHead.Anchor;
        mask_head = prompts ? new PromptHead(config.Width, config.Points) : config.Head == PrompterHead.Detector ? null
            : new RegionMaskHead(config.Width, config.MaskWidth, config.MaskConvolutions, config.Classes);
        _positions = prompts ? new PositionEmbeddingSine(config.Width / 2) : null;
        RegisterComponents();
    }

    /// <summary>The maps that regions are read from: for prompts, positions are added to those that the proposals come from.</summary>
    public Tensor[] Maps(IReadOnlyList<Tensor> maps)
    {
        if (_positions is null) return [.. maps];
        using var scope = NewDisposeScope();
        var finest = _positions.Of(new LevelShape(maps[0].shape[2], maps[0].shape[3]), maps[0].device);
        return [.. maps.Select(m => (m + F.interpolate(finest, [m.shape[2], m.shape[3]], mode: InterpolationMode.Bilinear, align_corners: false))
            .MoveToOuterDisposeScope())];
    }

    /// <summary>Class logits and deltas of regions.</summary>
    public (Tensor Logits, Tensor Deltas) Boxes(IReadOnlyList<Tensor> maps, IReadOnlyList<Region> regions)
    {
        using var scope = NewDisposeScope();
        var (logits, deltas) = bbox_head.forward(RoiAlign.Pool(maps, regions, BoxHead.Bins));
        return (logits.MoveToOuterDisposeScope(), deltas.MoveToOuterDisposeScope());
    }

    /// <summary>Prompt tokens of regions, [R, points, C].</summary>
    public Tensor Prompts(IReadOnlyList<Tensor> maps, IReadOnlyList<Region> regions)
    {
        using var scope = NewDisposeScope();
        return ((PromptHead)mask_head!).forward(RoiAlign.Pool(maps, regions, PromptHead.Bins)).MoveToOuterDisposeScope();
    }

    /// <summary>Mask logits of regions, [R, classes, 28, 28].</summary>
    public Tensor Masks(IReadOnlyList<Tensor> maps, IReadOnlyList<Region> regions)
    {
        using var scope = NewDisposeScope();
        return ((RegionMaskHead)mask_head!).forward(RoiAlign.Pool(maps, regions, RegionMaskHead.Bins)).MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _positions?.Dispose();
        base.Dispose(disposing);
    }
}
