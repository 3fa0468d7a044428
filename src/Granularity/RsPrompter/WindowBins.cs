using System.Numerics;
using System.Runtime.InteropServices;
using SemanticSam.Granularity.Layers;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>
/// The bins of regions on the CPU: each row of a region's window is read once, where it lies, and added to the bins it belongs to. As matrix products of
/// gathered windows the same would move several times as many numbers, and its way back too.
/// </summary>
internal sealed class WindowBins : autograd.SingleTensorFunction<WindowBins>
{
    private const string PlanKey = "plan", RowsKey = "rows";

    /// <summary>What is pooled of the rows [B * h * w, C].</summary>
    /// <param name="Windows">Of N regions.</param>
    /// <param name="Map">Rows and columns of an image's map.</param>
    /// <param name="Bins">A side.</param>
    public sealed record Plan(IReadOnlyList<RoiAlign.CellWindow> Windows, LevelShape Map, int Bins);

    public override string Name => nameof(WindowBins);

    /// <summary>[B * h * w, C] and a <see cref="Plan"/> -> [N, bins, bins, C].</summary>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (cells, plan) = ((Tensor)vars[0], (Plan)vars[1]);
        ctx.save_data(PlanKey, plan);
        ctx.save_data(RowsKey, cells.shape[0]);
        using var contiguous = cells.detach().contiguous();
        int features = (int)cells.shape[1];
        var pooled = zeros([plan.Windows.Count, plan.Bins, plan.Bins, features]);
        Run(plan, features, Floats(contiguous), Floats(pooled), back: false);
        return pooled;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var (plan, rows) = ((Plan)ctx.get_data(PlanKey), (long)ctx.get_data(RowsKey));
        using var contiguous = grad_output.contiguous();
        int features = (int)grad_output.shape[3];
        var ofCells = zeros([rows, features]);
        Run(plan, features, Floats(ofCells), Floats(contiguous), back: true);
        return [ofCells, null!];
    }

    /// <summary>From cells to bins, or the transposed of it.</summary>
    private static void Run(Plan plan, int features, Span<float> cells, Span<float> pooled, bool back)
    {
        int bins = plan.Bins, area = bins * bins * features;
        float[] sums = []; // [bins, columns, C]: bins of the rows, not yet of the columns
        for (int n = 0; n < plan.Windows.Count; n++)
        {
            var window = plan.Windows[n];
            int columns = window.Columns.GetLength(1), length = columns * features;
            if (sums.Length < bins * length) sums = new float[bins * length];
            sums.AsSpan(0, bins * length).Clear();
            var own = pooled.Slice(n * area, area);
            if (back) OfColumns(window, features, sums, own, back);
            OfRows(plan, window, features, cells, sums, back);
            if (!back) OfColumns(window, features, sums, own, back);
        }
    }

    private static void OfRows(Plan plan, RoiAlign.CellWindow window, int features, Span<float> cells, Span<float> sums, bool back)
    {
        int length = window.Columns.GetLength(1) * features;
        for (int row = 0; row < window.Rows.GetLength(1); row++)
        {
            var line = cells.Slice((int)((((window.Image * plan.Map.Height) + window.Top + row) * plan.Map.Width) + window.Left) * features, length);
            for (int bin = 0; bin < plan.Bins; bin++)
                if (window.Rows[bin, row] is var weight and not 0)
                {
                    var sum = sums.Slice(bin * length, length);
                    if (back) Add(sum, weight, line);
                    else Add(line, weight, sum);
                }
        }
    }

    private static void OfColumns(RoiAlign.CellWindow window, int features, Span<float> sums, Span<float> own, bool back)
    {
        int bins = window.Columns.GetLength(0), columns = window.Columns.GetLength(1);
        for (int row = 0; row < bins; row++)
            for (int bin = 0; bin < bins; bin++)
            {
                var pooled = own.Slice((row * bins + bin) * features, features);
                for (int column = 0; column < columns; column++)
                    if (window.Columns[bin, column] is var weight and not 0)
                    {
                        var sum = sums.Slice((row * columns + column) * features, features);
                        if (back) Add(pooled, weight, sum);
                        else Add(sum, weight, pooled);
                    }
            }
    }

    /// <summary>Adds a multiple of numbers to others.</summary>
    private static void Add(ReadOnlySpan<float> from, float weight, Span<float> to)
    {
        var source = MemoryMarshal.Cast<float, Vector<float>>(from);
        var target = MemoryMarshal.Cast<float, Vector<float>>(to);
        for (int i = 0; i < target.Length; i++) target[i] += source[i] * weight;
        for (int i = target.Length * Vector<float>.Count; i < to.Length; i++) to[i] += from[i] * weight;
    }

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}
