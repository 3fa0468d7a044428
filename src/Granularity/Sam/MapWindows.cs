using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.Sam;

/// <summary>Cuts maps into square windows, and puts them together again.</summary>
internal static class MapWindows
{
    /// <summary>[B, H, W, C] -> [B * windows, w, w, C]; zeros fill the windows at the right and bottom.</summary>
    public static Tensor Cut(Tensor map, long window)
    {
        using var scope = NewDisposeScope();
        long bottom = (window - map.shape[1] % window) % window, right = (window - map.shape[2] % window) % window;
        if (bottom + right > 0) map = F.pad(map, [0, 0, 0, right, 0, bottom]);
        return map.view(map.shape[0], map.shape[1] / window, window, map.shape[2] / window, window, map.shape[3])
            .transpose(2, 3).reshape(-1, window, window, map.shape[3]).MoveToOuterDisposeScope(); // [B, rows, columns, w, w, C]
    }

    /// <summary>The way back; what was filled in is cut off.</summary>
    /// <param name="windows">[B * windows, w, w, C].</param>
    /// <param name="batch">B.</param>
    /// <param name="height">Rows of the map.</param>
    /// <param name="width">Columns of the map.</param>
    /// <returns>[B, height, width, C].</returns>
    public static Tensor Merge(Tensor windows, long batch, long height, long width)
    {
        using var scope = NewDisposeScope();
        long side = windows.shape[1], rows = (height + side - 1) / side, columns = (width + side - 1) / side;
        return windows.view(batch, rows, columns, side, side, -1).transpose(2, 3).reshape(batch, rows * side, columns * side, -1)
            .narrow(1, 0, height).narrow(2, 0, width).MoveToOuterDisposeScope();
    }
}
