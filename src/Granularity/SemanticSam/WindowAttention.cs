using SemanticSam.Granularity.Layers;
using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>
/// Attention of the tokens of a window to each other, with a learned bias for every relative position and head.
/// State-dict names: relative_position_bias_table, relative_position_index, qkv, proj.
/// </summary>
internal sealed class WindowAttention : PositionedAttention
{
    private readonly long _window, _heads, _headWidth;
    private readonly Parameter relative_position_bias_table; // [(2w-1)^2, heads]
    private readonly Tensor relative_position_index;         // [w^2, w^2], int64; a buffer of the checkpoints
    private readonly Linear qkv, proj;

    public WindowAttention(long width, long window, long heads) : base(nameof(WindowAttention))
    {
        (_window, _heads, _headWidth) = (window, heads, width / heads);
        long positions = (2 * window - 1) * (2 * window - 1);
        relative_position_bias_table = ModuleTensors.Parameter(zeros(positions, heads));
        InitialWeights.Normal(relative_position_bias_table, 0.02);
        relative_position_index = ModuleTensors.Buffer(RelativePositions(window));
        qkv = nn.Linear(width, 3 * width);
        proj = nn.Linear(width, width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor map) => forward(map, null);

    /// <summary>Attention inside every window of a map.</summary>
    /// <param name="map">[B, H, W, C], H and W multiples of the window.</param>
    /// <param name="mask">[H/w * W/w, w*w, w*w], added to the scores of each window; null for none.</param>
    /// <returns>[B, H, W, C].</returns>
    public Tensor forward(Tensor map, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        long batch = map.shape[0], rows = map.shape[1] / _window, columns = map.shape[2] / _window, width = map.shape[3];
        long cells = _window * _window, windows = batch * rows * columns;
        // One copy cuts the map into windows and splits the heads:
        // [B, rows, w, columns, w, 3, heads, hd] -> [3, B, rows, columns, heads, w, w, hd]
        var split = qkv.call(map).view([batch, rows, _window, columns, _window, 3, _heads, _headWidth])
            .permute(5, 0, 1, 3, 6, 2, 4, 7).reshape(3, windows, _heads, cells, _headWidth);
        var bias = Positions[0].unsqueeze(0); // [1, heads, w*w, w*w]
        if (mask is not null)
            bias = (bias + mask.unsqueeze(1)).unsqueeze(0).expand(batch, -1, -1, -1, -1).reshape(windows, _heads, cells, cells);
        var attended = F.scaled_dot_product_attention(split.select(0, 0), split.select(0, 1), split.select(0, 2), bias); // [windows, heads, w*w, hd]
        // and one copy goes back: [B, rows, columns, heads, w, w, hd] -> [B, rows, w, columns, w, heads, hd]
        var merged = attended.view(batch, rows, columns, _heads, _window, _window, _headWidth)
            .permute(0, 1, 4, 2, 5, 3, 6).reshape(map.shape[0], map.shape[1], map.shape[2], width);
        return proj.call(merged).MoveToOuterDisposeScope();
    }

    /// <summary>Bias of every pair of cells, [heads, w*w, w*w].</summary>
    protected override Tensor[] Gather()
    {
        using var scope = NewDisposeScope();
        long cells = _window * _window;
        return [relative_position_bias_table.index_select(0, relative_position_index.view(-1)) // [w^4, heads]
            .view(cells, cells, _heads).permute(2, 0, 1).contiguous().MoveToOuterDisposeScope()];
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
}
