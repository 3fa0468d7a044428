using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Backbones;

/// <summary>
/// Attention between all cells of a map, with relative positions of rows and columns added separately (arXiv 2112.01526).
/// State-dict names: rel_pos_h, rel_pos_w, qkv, proj.
/// </summary>
internal sealed class ViTAttention : nn.Module<Tensor, Tensor>
{
    // Scores that exist at a time: few enough to stay in a cache on the CPU, many enough to fill a GPU.
    private const long ScoresOnCpu = 1 << 22, ScoresElsewhere = 1 << 28;

    private readonly Parameter rel_pos_h, rel_pos_w; // [2 * side - 1, hd]
    private readonly Linear qkv, proj;
    private readonly long _heads;

    /// <param name="width">Features.</param>
    /// <param name="heads">Attention heads.</param>
    /// <param name="side">Side of the square map.</param>
    public ViTAttention(long width, long heads, long side) : base(nameof(ViTAttention))
    {
        _heads = heads;
        qkv = nn.Linear(width, 3 * width);
        proj = nn.Linear(width, width);
        rel_pos_h = nn.Parameter(zeros(2 * side - 1, width / heads));
        rel_pos_w = nn.Parameter(zeros(2 * side - 1, width / heads));
        RegisterComponents();
    }

    /// <summary>[B, H, W, C] -> the same shape.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        long batch = x.shape[0], h = x.shape[1], w = x.shape[2], cells = h * w, depth = x.shape[3] / _heads;
        var split = qkv.call(x).view(batch, cells, 3, _heads, depth).permute(2, 0, 3, 1, 4).reshape(3, batch * _heads, cells, depth);
        var (q, k, v) = (split.select(0, 0), split.select(0, 1).transpose(1, 2), split.select(0, 2));
        var (rows, columns) = Positions(q.view(-1, h, w, depth)); // [B * heads, h, w, h] and [B * heads, h, w, w]
        var scaled = q * Math.Pow(depth, -0.5); // positions took the unscaled queries

        // The scores of all cells together would be gigabytes: a few rows of queries at a time, positions added as views.
        long most = x.device_type == DeviceType.CPU ? ScoresOnCpu : ScoresElsewhere;
        long step = Math.Clamp(most / (batch * _heads * w * cells), 1, h);
        var attended = new List<Tensor>();
        for (long row = 0; row < h; row += step)
        {
            long count = Math.Min(step, h - row);
            attended.Add(Attend(scaled.narrow(1, row * w, count * w), k, v, rows.narrow(1, row, count), columns.narrow(1, row, count)));
        }
        var merged = (attended.Count == 1 ? attended[0] : cat(attended, 1)) // [B * heads, cells, hd]
            .view(batch, _heads, h, w, depth).permute(0, 2, 3, 1, 4).reshape(x.shape);
        return proj.call(merged).MoveToOuterDisposeScope();
    }

    /// <summary>What each query owes to the rows and to the columns of the keys.</summary>
    /// <param name="q">[B, h, w, hd].</param>
    private (Tensor Rows, Tensor Columns) Positions(Tensor q)
    {
        using var scope = NewDisposeScope();
        long batch = q.shape[0], h = q.shape[1], w = q.shape[2], depth = q.shape[3];
        var tableH = RelativePositions.Between(h, h, rel_pos_h).transpose(1, 2); // [h, hd, h]
        var tableW = RelativePositions.Between(w, w, rel_pos_w).transpose(1, 2); // [w, hd, w]
        var byRow = q.transpose(0, 1).reshape(h, batch * w, depth).bmm(tableH); // [h, B * w, h]
        var byColumn = q.permute(2, 0, 1, 3).reshape(w, batch * h, depth).bmm(tableW); // [w, B * h, w]
        return (byRow.view(h, batch, w, h).transpose(0, 1).MoveToOuterDisposeScope(),
            byColumn.view(w, batch, h, w).permute(1, 2, 0, 3).MoveToOuterDisposeScope());
    }

    /// <summary>Some rows of queries against all keys.</summary>
    /// <param name="q">[B, rows * w, hd], scaled.</param>
    /// <param name="k">[B, hd, h * w].</param>
    /// <param name="v">[B, h * w, hd].</param>
    /// <param name="rows">[B, rows, w, h].</param>
    /// <param name="columns">[B, rows, w, w].</param>
    private static Tensor Attend(Tensor q, Tensor k, Tensor v, Tensor rows, Tensor columns)
    {
        using var scope = NewDisposeScope();
        long h = rows.shape[3], w = columns.shape[3];
        var scores = q.bmm(k);
        var byPlace = scores.view(rows.shape[0], rows.shape[1], w, h, w);
        byPlace = is_grad_enabled() ? byPlace + rows.unsqueeze(-1) + columns.unsqueeze(-2)
            : byPlace.add_(rows.unsqueeze(-1)).add_(columns.unsqueeze(-2));
        return byPlace.view(scores.shape).softmax(-1).bmm(v).MoveToOuterDisposeScope();
    }
}
