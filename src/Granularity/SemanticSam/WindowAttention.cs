using SemanticSam.Granularity.Sam;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>
/// Attention of the tokens of a window to each other, with a learned bias for every relative position and head.
/// State-dict names: relative_position_bias_table, relative_position_index, qkv, proj.
/// </summary>
internal sealed class WindowAttention : nn.Module
{
    private readonly long _window, _heads, _headWidth;
    private readonly Parameter relative_position_bias_table; // [(2w-1)^2, heads]
    private readonly Tensor relative_position_index;         // [w^2, w^2], int64; a buffer of the checkpoints
    private readonly Linear qkv, proj;
    private volatile GatheredBias? _gathered;

    public WindowAttention(long width, long window, long heads) : base(nameof(WindowAttention))
    {
        (_window, _heads, _headWidth) = (window, heads, width / heads);
        long positions = (2 * window - 1) * (2 * window - 1);
        relative_position_bias_table = new Parameter(zeros(positions, heads));
        nn.init.trunc_normal_(relative_position_bias_table, std: 0.02);
        relative_position_index = RelativePositions(window);
        qkv = nn.Linear(width, 3 * width);
        proj = nn.Linear(width, width);
        RegisterComponents();
    }

    /// <summary>Attention inside every window of a map.</summary>
    /// <param name="map">[B, H, W, C], H and W multiples of the window.</param>
    /// <param name="mask">Changes the scores [B, H/w, W/w, heads, w*w, w*w] before the softmax, in place if it likes; null for none.</param>
    /// <returns>[B, H, W, C].</returns>
    public Tensor forward(Tensor map, Func<Tensor, Tensor>? mask = null)
    {
        using var scope = NewDisposeScope();
        long batch = map.shape[0], rows = map.shape[1] / _window, columns = map.shape[2] / _window, width = map.shape[3];
        long cells = _window * _window, windows = batch * rows * columns;
        // One copy cuts the map into windows and splits the heads:
        // [B, rows, w, columns, w, 3, heads, hd] -> [3, B, rows, columns, heads, w, w, hd]
        var split = qkv.call(map).view([batch, rows, _window, columns, _window, 3, _heads, _headWidth])
            .permute(5, 0, 1, 3, 6, 2, 4, 7).reshape(3, windows * _heads, cells, _headWidth);
        double scale = Math.Pow(_headWidth, -0.5);
        var q = is_grad_enabled() ? split.select(0, 0) * scale : split.select(0, 0).mul_(scale);
        var scores = q.bmm(split.select(0, 1).transpose(1, 2)).view(windows, _heads, cells, cells);
        scores = is_grad_enabled() ? scores + Bias() : scores.add_(Bias());
        if (mask is not null) scores = mask(scores.view(batch, rows, columns, _heads, cells, cells));
        var weights = scores.view(windows * _heads, cells, cells).softmax(-1);
        // and one copy goes back: [B, rows, columns, heads, w, w, hd] -> [B, rows, w, columns, w, heads, hd]
        var merged = weights.bmm(split.select(0, 2)).view(batch, rows, columns, _heads, _window, _window, _headWidth)
            .permute(0, 1, 4, 2, 5, 3, 6).reshape(map.shape[0], map.shape[1], map.shape[2], width);
        return proj.call(merged).MoveToOuterDisposeScope();
    }

    /// <summary>Bias of every pair of cells, [heads, w*w, w*w].</summary>
    private Tensor Bias()
    {
        if (is_grad_enabled() || relative_position_bias_table.device_type != DeviceType.CPU) return Gather();
        // In inference it is gathered once. Comparing the small table notices weights that were loaded or stepped since.
        var known = _gathered;
        if (known is null || !relative_position_bias_table.bytes.SequenceEqual(known.Table))
            _gathered = known = new(relative_position_bias_table.bytes.ToArray(), Gather().DetachFromDisposeScope());
        return known.Bias;
    }

    private Tensor Gather()
    {
        using var scope = NewDisposeScope();
        long cells = _window * _window;
        return relative_position_bias_table.index_select(0, relative_position_index.view(-1)) // [w^4, heads]
            .view(cells, cells, _heads).permute(2, 0, 1).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>For cells i, j of a window: (yi - yj + w - 1) * (2w - 1) + (xi - xj + w - 1).</summary>
    internal static Tensor RelativePositions(long window)
    {
        long cells = window * window;
        var index = new long[cells * cells];
        for (long i = 0; i < cells; i++)
            for (long j = 0; j < cells; j++)
                index[i * cells + j] = (i / window - j / window + window - 1) * (2 * window - 1) + (i % window - j % window + window - 1);
        return tensor(index, cells, cells);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _gathered?.Dispose();
        base.Dispose(disposing);
    }

    private sealed record GatheredBias(byte[] Table, Tensor Bias) : IDisposable
    {
        public void Dispose() => Bias.Dispose();
    }
}
