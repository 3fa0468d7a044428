using SemanticSam.Granularity.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.Granularity.Nano;

/// <summary>Attention of queries to cells (Vaswani et al., arXiv 1706.03762), with several heads of <see cref="HeadWidth"/> numbers.</summary>
internal sealed class CellAttention : Module
{
    public const int HeadWidth = 32;

    private readonly Linear query, key, value, output;
    private readonly long _heads;

    /// <param name="queries">Width of the queries, and of what they get.</param>
    /// <param name="cells">Width of the cells.</param>
    /// <param name="width">Width inside, a multiple of <see cref="HeadWidth"/>.</param>
    /// <param name="deviation">Of the fresh weights at the end: 0 for a layer that adds nothing before it is trained.</param>
    public CellAttention(int queries, int cells, int width, double deviation) : base(nameof(CellAttention))
    {
        _heads = width / HeadWidth;
        query = NanoLayers.Linear(queries, width);
        key = NanoLayers.Linear(cells, width);
        value = NanoLayers.Linear(cells, width);
        output = NanoLayers.Linear(width, queries, deviation);
        RegisterComponents();
    }

    /// <summary>What can be attended to.</summary>
    /// <param name="cells">[B, T, cells]: what is there.</param>
    /// <param name="positioned">[B, T, cells]: the same with its place added, by which it is found.</param>
    public AttendedCells Remember(Tensor cells, Tensor positioned) => new(Split(key.forward(positioned)), Split(value.forward(cells)));

    /// <summary>What the queries get, [B, N, queries].</summary>
    /// <param name="queries">[B, N, queries].</param>
    /// <param name="cells">See <see cref="Remember"/>.</param>
    /// <param name="hidden">[B, 1, 1, T]: added to the logits of each cell, very negative for cells that are not seen; null if all are.</param>
    public Tensor Run(Tensor queries, AttendedCells cells, Tensor? hidden = null)
    {
        Tensor logits = (Split(query.forward(queries)) / Math.Sqrt(HeadWidth)).matmul(cells.Keys.transpose(-1, -2)); // [B, heads, N, T]
        if (hidden is not null) logits = logits + hidden;
        Tensor found = logits.softmax(-1).matmul(cells.Values); // [B, heads, N, d]
        return output.forward(found.transpose(1, 2).flatten(2));
    }

    /// <summary>What is in front of the cells and behind them, for <see cref="FusedPlaces"/>.</summary>
    public (PackedLinear Query, PackedLinear Output) Pack() => (NanoLayers.Pack(query, 1 / MathF.Sqrt(HeadWidth)), NanoLayers.Pack(output));

    private Tensor Split(Tensor rows) => rows.view(rows.shape[0], rows.shape[1], _heads, HeadWidth).transpose(1, 2).contiguous();
}

/// <summary>Cells as an attention sees them.</summary>
/// <param name="Keys">[B, heads, T, d].</param>
/// <param name="Values">[B, heads, T, d].</param>
internal sealed record AttendedCells(Tensor Keys, Tensor Values) : IDisposable
{
    /// <summary>Bytes of both.</summary>
    public long Bytes => Keys.numel() * Keys.element_size() + Values.numel() * Values.element_size();

    public void Dispose()
    {
        Keys.Dispose();
        Values.Dispose();
    }
}
