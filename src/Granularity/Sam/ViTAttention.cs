using SemanticSam.Granularity.Layers;
using SemanticSam.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.Sam;

/// <summary>
/// Attention between all cells of a map, with relative positions of rows and columns added separately (arXiv 2112.01526).
/// State-dict names: rel_pos_h, rel_pos_w, qkv, proj.
/// </summary>
internal sealed class ViTAttention : PositionedAttention
{
    // Pairs of cells whose positions exist at a time: few enough to stay in a cache on the CPU (measured: a whole head of ViT-B's global attention
    // at a time takes a fifth to a quarter longer, all windows at once half again as long), many enough to fill a GPU.
    private const long PairsOnCpu = 1 << 20, PairsElsewhere = 1 << 28;

    private readonly Parameter rel_pos_h, rel_pos_w; // [2 * side - 1, hd]
    private readonly AdaptableLinear qkv, proj;
    private readonly long _heads, _side;

    /// <param name="width">Features.</param>
    /// <param name="heads">Attention heads.</param>
    /// <param name="side">Side of the square map.</param>
    public ViTAttention(long width, long heads, long side) : base(nameof(ViTAttention))
    {
        (_heads, _side) = (heads, side);
        qkv = new AdaptableLinear(width, 3 * width);
        proj = new AdaptableLinear(width, width);
        rel_pos_h = ModuleTensors.Parameter(zeros(2 * side - 1, width / heads));
        rel_pos_w = ModuleTensors.Parameter(zeros(2 * side - 1, width / heads));
        RegisterComponents();
    }

    /// <summary>[B, H, W, C] -> the same shape.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        long batch = x.shape[0], h = x.shape[1], w = x.shape[2], cells = h * w, depth = x.shape[3] / _heads, maps = batch * _heads;
        var split = qkv.call(x).view(batch, cells, 3, _heads, depth).permute(2, 0, 3, 1, 4).reshape(3, maps, cells, depth);
        var (q, k, v) = (split.select(0, 0), split.select(0, 1), split.select(0, 2));
        var (rows, columns) = PositionsOf(q.view(maps, h, w, depth)); // [maps, h, w, h] and [maps, h, w, w]

        // The positions of all pairs of cells would be gigabytes: some heads of some windows, or some rows of one head, at a time.
        long most = x.device_type == DeviceType.CPU ? PairsOnCpu : PairsElsewhere;
        long mapsAtOnce = Math.Clamp(most / (cells * cells), 1, maps), rowsAtOnce = Math.Clamp(most / (w * cells), 1, h);
        var attended = new List<Tensor>();
        for (long map = 0; map < maps; map += mapsAtOnce)
            for (long row = 0; row < h; row += rowsAtOnce)
            {
                using var inner = NewDisposeScope();
                long taken = Math.Min(mapsAtOnce, maps - map), count = Math.Min(rowsAtOnce, h - row);
                Tensor Of(Tensor t, long each = 1) => t.narrow(0, map, taken).narrow(1, row * each, count * each);
                var positions = (Of(rows).unsqueeze(-1) + Of(columns).unsqueeze(-2)).view(1, taken, count * w, cells);
                // Of four dimensions, because libtorch's own fused kernels take no others.
                var answer = F.scaled_dot_product_attention(Of(q, w).unsqueeze(0), k.narrow(0, map, taken).unsqueeze(0),
                    v.narrow(0, map, taken).unsqueeze(0), positions);
                attended.Add(answer.reshape(-1, depth).MoveToOuterDisposeScope());
            }
        var merged = cat(attended).view(batch, _heads, h, w, depth).permute(0, 2, 3, 1, 4).reshape(x.shape);
        return proj.call(merged).MoveToOuterDisposeScope();
    }

    /// <summary>The position codes of every pair of rows and of columns, [side, hd, side].</summary>
    protected override Tensor[] Gather()
    {
        using var scope = NewDisposeScope();
        Tensor Of(Tensor table) => RelativePositions.Between(_side, _side, table).transpose(1, 2).contiguous().MoveToOuterDisposeScope();
        return [Of(rel_pos_h), Of(rel_pos_w)];
    }

    /// <summary>What each query owes to the rows and to the columns of the keys.</summary>
    /// <param name="q">[B, h, w, hd].</param>
    private (Tensor Rows, Tensor Columns) PositionsOf(Tensor q)
    {
        using var scope = NewDisposeScope();
        long batch = q.shape[0], h = q.shape[1], w = q.shape[2], depth = q.shape[3];
        var tables = Positions;
        var byRow = q.transpose(0, 1).reshape(h, batch * w, depth).bmm(tables[0]); // [h, B * w, h]
        var byColumn = q.permute(2, 0, 1, 3).reshape(w, batch * h, depth).bmm(tables[1]); // [w, B * h, w]
        // Contiguous, because the memory order of a sum follows its operands, and all pairs are viewed as one matrix afterwards.
        return (byRow.view(h, batch, w, h).transpose(0, 1).contiguous().MoveToOuterDisposeScope(),
            byColumn.view(w, batch, h, w).permute(1, 2, 0, 3).contiguous().MoveToOuterDisposeScope());
    }
}
