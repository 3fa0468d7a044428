using SemanticSam.Granularity.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>Queries that begin where the image shows something.</summary>
/// <param name="Cells">Logits [B, classes, h, w]: whether the middle of an instance of a class lies in a cell.</param>
/// <param name="Queries">[B, Q, QueryWidth].</param>
/// <param name="Positions">[B, Q, QueryWidth]: the sine encodings of their cells.</param>
internal readonly record struct SelectedQueries(Tensor Cells, Tensor Queries, Tensor Positions);

/// <summary>
/// Lets queries begin at cells of the image instead of at numbers that are learned once for all images, as two-stage DETR does (arXiv 2010.04159): a small
/// network says where the middles of instances are, and its peaks become queries. Queries that have to learn from nothing where to look take hundreds of
/// epochs for that. Not in the released configurations of RSPrompter.
/// </summary>
internal sealed class QuerySelection : nn.Module
{
    /// <summary>Side of a cell, in cells of the mask features: the middles of things lie apart on a coarser map as well.</summary>
    private const int Pool = 2;

    /// <summary>The logit that all cells begin with: middles are rare.</summary>
    private const double Rare = -4.6;

    private readonly Conv2d inner, cells;
    private readonly Linear start;
    private readonly int _queries;

    public QuerySelection(PrompterConfig config) : base(nameof(QuerySelection))
    {
        _queries = config.Queries;
        inner = nn.Conv2d(config.Width, config.Width, kernel_size: 3, padding: 1);
        cells = nn.Conv2d(config.Width, config.Classes, kernel_size: 1);
        start = nn.Linear(config.Width, config.QueryWidth);
        using (no_grad()) cells.bias!.fill_(Rare);
        RegisterComponents();
    }

    /// <param name="features">Mask features, [B, Width, H, W].</param>
    /// <param name="positions">Encodes places.</param>
    /// <returns>In the caller's dispose scope.</returns>
    public SelectedQueries forward(Tensor features, PositionEmbeddingSine positions)
    {
        using var scope = NewDisposeScope();
        var pooled = F.avg_pool2d(features, Pool);
        var logits = cells.call(F.relu(inner.call(pooled)));
        var chosen = Peaks(logits, _queries); // [B, Q]
        var shape = new LevelShape(pooled.shape[2], pooled.shape[3]);
        var queries = start.call(At(pooled.flatten(2).transpose(1, 2), chosen));
        var places = At(positions.Of(shape, features.device).flatten(2).transpose(1, 2).expand(chosen.shape[0], -1, -1), chosen);
        return new(logits.MoveToOuterDisposeScope(), queries.MoveToOuterDisposeScope(), places.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// The cells that are surest of any class, of neighbors the surest first; [B, Q] indices, fewer than asked for where there are fewer cells.
    /// </summary>
    internal static Tensor Peaks(Tensor logits, int queries)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var sure = logits.sigmoid().amax([1], keepdim: true); // [B, 1, h, w]
        var isPeak = sure.eq(F.max_pool2d(sure, 3, stride: 1, padding: 1)).to(sure.dtype);
        var worth = (sure + isPeak).flatten(1); // any peak comes before all others
        return worth.topk((int)Math.Min(queries, worth.shape[1]), dim: 1).indexes.MoveToOuterDisposeScope();
    }

    /// <summary>[B, cells, C] at [B, Q].</summary>
    private static Tensor At(Tensor all, Tensor chosen) => all.gather(1, chosen.unsqueeze(-1).expand(-1, -1, all.shape[2]));
}
