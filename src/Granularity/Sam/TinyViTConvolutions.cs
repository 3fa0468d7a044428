using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.Sam;

/// <summary>A convolution without bias and a batch norm. State-dict names: c, bn.</summary>
internal sealed class Conv2dBn : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d c;
    private readonly BatchNorm2d bn;

    public Conv2dBn(long input, long output, long kernel = 1, long stride = 1, long groups = 1) : base(nameof(Conv2dBn))
    {
        c = nn.Conv2d(input, output, kernel_size: kernel, stride: stride, padding: kernel / 2, groups: groups, bias: false);
        bn = nn.BatchNorm2d(output);
        RegisterComponents();
    }

    /// <summary>[B, input, H, W] -> [B, output, ceil(H / stride), ceil(W / stride)].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return bn.call(c.call(x)).MoveToOuterDisposeScope();
    }
}

/// <summary>Two 3x3 convolutions of stride 2. State-dict name: seq (its second element is the activation).</summary>
internal sealed class TinyViTPatchEmbed : nn.Module<Tensor, Tensor>
{
    private readonly Sequential seq;

    public TinyViTPatchEmbed(long width) : base(nameof(TinyViTPatchEmbed))
    {
        seq = nn.Sequential(new Conv2dBn(3, width / 2, kernel: 3, stride: 2), nn.GELU(), new Conv2dBn(width / 2, width, kernel: 3, stride: 2));
        RegisterComponents();
    }

    /// <summary>[B, 3, H, W] -> [B, C, H / 4, W / 4].</summary>
    public override Tensor forward(Tensor x) => seq.call(x);
}

/// <summary>Inverted bottleneck with a residual; its last activation comes after the sum.</summary>
internal sealed class MBConv : nn.Module<Tensor, Tensor>
{
    private readonly Conv2dBn conv1, conv2, conv3;

    public MBConv(long width, int ratio) : base(nameof(MBConv))
    {
        long hidden = width * ratio;
        conv1 = new Conv2dBn(width, hidden);
        conv2 = new Conv2dBn(hidden, hidden, kernel: 3, groups: hidden);
        conv3 = new Conv2dBn(hidden, width);
        RegisterComponents();
    }

    /// <summary>[B, C, H, W] -> the same shape.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        bool inPlace = !is_grad_enabled();
        var y = F.gelu(conv1.call(x), inplace: inPlace);
        y = F.gelu(conv2.call(y), inplace: inPlace);
        return F.gelu(conv3.call(y) + x, inplace: inPlace).MoveToOuterDisposeScope();
    }
}

/// <summary>The way to the next stage: other features, and half the resolution unless these are the last stage's.</summary>
internal sealed class TinyViTPatchMerging : nn.Module<Tensor, Tensor>
{
    private readonly Conv2dBn conv1, conv2, conv3;

    public TinyViTPatchMerging(long input, long output) : base(nameof(TinyViTPatchMerging))
    {
        conv1 = new Conv2dBn(input, output);
        conv2 = new Conv2dBn(output, output, kernel: 3, stride: TinyViTConfig.KeepsResolution(output) ? 1 : 2, groups: output);
        conv3 = new Conv2dBn(output, output);
        RegisterComponents();
    }

    /// <summary>[B, input, H, W], or [B, H * W, input] of a square map -> [B, h * w, output].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        if (x.dim() == 3) x = SquareMap.Of(x).permute(0, 3, 1, 2);
        bool inPlace = !is_grad_enabled();
        x = F.gelu(conv1.call(x), inplace: inPlace);
        x = F.gelu(conv2.call(x), inplace: inPlace);
        return conv3.call(x).flatten(2).transpose(1, 2).MoveToOuterDisposeScope();
    }
}

/// <summary>Tokens of a square map.</summary>
internal static class SquareMap
{
    /// <summary>[B, side * side, C] -> [B, side, side, C], a view.</summary>
    public static Tensor Of(Tensor tokens)
    {
        long side = (long)Math.Round(Math.Sqrt(tokens.shape[1]));
        return tokens.view(tokens.shape[0], side, side, tokens.shape[2]);
    }
}
