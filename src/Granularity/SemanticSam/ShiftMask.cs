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

    /// <summary>What is added to the scores of every window.</summary>
    /// <param name="rows">Windows below each other.</param>
    /// <param name="columns">Windows beside each other.</param>
    /// <param name="window">Side w of a window.</param>
    /// <param name="shift">How far the windows were moved, 1..w-1.</param>
    /// <param name="device">Where the mask is.</param>
    /// <returns>[rows * columns, w*w, w*w].</returns>
    public static Tensor All(long rows, long columns, long window, long shift, Device device)
    {
        using var scope = NewDisposeScope();
        var kind = new long[rows * columns];
        for (long i = 0; i < kind.Length; i++)
            kind[i] = (i / columns == rows - 1 ? 1 : 0) + (i % columns == columns - 1 ? 2 : 0);
        return Kinds(window, shift, device).index_select(0, tensor(kind, ScalarType.Int64, device)).MoveToOuterDisposeScope();
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
