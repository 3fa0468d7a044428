using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>A region proposal network (arXiv 1506.01497): of every anchor whether it is on an object, and where the object's box is.</summary>
internal sealed class RpnHead : nn.Module
{
    private readonly Conv2d rpn_conv, rpn_cls, rpn_reg;

    public RpnHead(long width, int anchors) : base(nameof(RpnHead))
    {
        rpn_conv = nn.Conv2d(width, width, kernel_size: 3, padding: 1);
        rpn_cls = nn.Conv2d(width, anchors, kernel_size: 1);
        rpn_reg = nn.Conv2d(width, 4 * anchors, kernel_size: 1);
        RegisterComponents();
        foreach (var layer in new[] { rpn_conv, rpn_cls, rpn_reg }) InitialHeads.Normal(layer.weight, layer.bias!, 0.01);
    }

    /// <summary>One level: logits [B, anchors, h, w] and deltas [B, 4 * anchors, h, w].</summary>
    public (Tensor Logits, Tensor Deltas) forward(Tensor map)
    {
        using var scope = NewDisposeScope();
        var x = F.relu(rpn_conv.call(map));
        return (rpn_cls.call(x).MoveToOuterDisposeScope(), rpn_reg.call(x).MoveToOuterDisposeScope());
    }

    /// <summary>
    /// The same of some cells alone: logits [n, anchors] and deltas [n, 4 * anchors]. A training learns from a few hundred anchors of a hundred thousand; the
    /// way back through all cells would be a third of its step.
    /// </summary>
    /// <param name="map">[B, C, h, w].</param>
    /// <param name="cells">Each (image * h + row) * w + column.</param>
    public (Tensor Logits, Tensor Deltas) OfCells(Tensor map, long[] cells)
    {
        using var scope = NewDisposeScope();
        long width = map.shape[1], h = map.shape[2], w = map.shape[3];
        // The nine cells around each, row by row; beyond the border any cell, times 0.
        var (around, inside) = (new long[9 * cells.Length], new float[9 * cells.Length]);
        for (int i = 0, at = 0; i < cells.Length; i++)
        {
            var (image, row, column) = (cells[i] / (h * w), cells[i] / w % h, cells[i] % w);
            for (long y = row - 1; y <= row + 1; y++)
                for (long x = column - 1; x <= column + 1; x++, at++)
                    (around[at], inside[at]) = y < 0 || y >= h || x < 0 || x >= w ? (cells[i], 0) : ((image * h + y) * w + x, 1);
        }
        var pixels = map.permute(0, 2, 3, 1).reshape(-1, width).index_select(0, tensor(around, device: map.device))
            * tensor(inside, device: map.device).unsqueeze(1);
        var kernel = rpn_conv.weight.permute(0, 2, 3, 1).reshape(rpn_conv.weight.shape[0], -1); // [out, 9 * C]
        var hidden = F.relu(F.linear(pixels.view(cells.Length, -1), kernel, rpn_conv.bias));
        return (F.linear(hidden, rpn_cls.weight.flatten(1), rpn_cls.bias).MoveToOuterDisposeScope(),
            F.linear(hidden, rpn_reg.weight.flatten(1), rpn_reg.bias).MoveToOuterDisposeScope());
    }
}

/// <summary>How heads of detectors begin.</summary>
internal static class InitialHeads
{
    /// <summary>Weights normal around 0, no bias.</summary>
    public static void Normal(Tensor weight, Tensor bias, double deviation)
    {
        nn.init.normal_(weight, 0, deviation);
        nn.init.zeros_(bias);
    }
}
