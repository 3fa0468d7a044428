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
