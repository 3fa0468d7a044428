using System.Collections.Concurrent;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>
/// Keeps apart, in shifted windows, tokens that came together only because the map was rolled. Only windows of the last row and
/// the last column hold such tokens, and all windows of an edge hold them alike: three small masks serve maps of every size.
/// </summary>
internal static class ShiftMask
{
    private const float Apart = -100;

    // [4, w*w, w*w]: nothing, last row, last column, corner. Few: one for each window size in use.
    private static readonly ConcurrentDictionary<(long Window, long Shift, DeviceType, int), Lazy<Tensor>> Known = new();

    /// <summary>Adds the masks to scores; in place where no gradient is recorded.</summary>
    /// <param name="scores">[B, rows, columns, heads, w*w, w*w].</param>
    /// <param name="window">Side w of a window.</param>
    /// <param name="shift">How far the windows were moved, 1..w-1.</param>
    public static Tensor Apply(Tensor scores, long window, long shift)
    {
        using var scope = NewDisposeScope();
        long rows = scores.shape[1], columns = scores.shape[2];
        if (is_grad_enabled())
            return (scores + All(rows, columns, window, shift, scores.device).unsqueeze(2)).MoveToOuterDisposeScope();
        var kinds = Kinds(window, shift, scores.device);
        if (columns > 1) scores.narrow(1, rows - 1, 1).narrow(2, 0, columns - 1).add_(kinds.select(0, 1));
        if (rows > 1) scores.narrow(1, 0, rows - 1).narrow(2, columns - 1, 1).add_(kinds.select(0, 2));
        scores.narrow(1, rows - 1, 1).narrow(2, columns - 1, 1).add_(kinds.select(0, 3));
        return scores;
    }

    /// <summary>The masks of all windows, [rows, columns, w*w, w*w].</summary>
    internal static Tensor All(long rows, long columns, long window, long shift, Device device)
    {
        using var scope = NewDisposeScope();
        var kind = new long[rows * columns];
        for (long i = 0; i < kind.Length; i++)
            kind[i] = (i / columns == rows - 1 ? 1 : 0) + (i % columns == columns - 1 ? 2 : 0);
        long cells = window * window;
        return Kinds(window, shift, device).index_select(0, tensor(kind, ScalarType.Int64, device))
            .view(rows, columns, cells, cells).MoveToOuterDisposeScope();
    }

    private static Tensor Kinds(long window, long shift, Device device) =>
        Known.GetOrAdd((window, shift, device.type, device.index), _ => new(() => Make(window, shift, device))).Value;

    private static Tensor Make(long window, long shift, Device device)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        long cells = window * window;
        var values = new float[4 * cells * cells];
        for (long i = 0; i < cells; i++)
            for (long j = 0; j < cells; j++)
            {
                bool rowApart = Wrapped(i / window) != Wrapped(j / window), columnApart = Wrapped(i % window) != Wrapped(j % window);
                long at = i * cells + j;
                if (rowApart) values[cells * cells + at] = Apart;
                if (columnApart) values[2 * cells * cells + at] = Apart;
                if (rowApart || columnApart) values[3 * cells * cells + at] = Apart;
            }
        return tensor(values, [4, cells, cells], ScalarType.Float32, device).DetachFromDisposeScope();

        // In the last window of an axis the final cells are those that were rolled over from the other side.
        bool Wrapped(long position) => position >= window - shift;
    }
}
