using SemanticSam.Granularity.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Sam;

/// <summary>A convolution without bias and a batch norm. State-dict names: c, bn.</summary>
internal sealed class Conv2dBN : nn.Module<Tensor, Tensor>, IFreezable
{
    private readonly Conv2d c;
    private readonly BatchNorm2d bn;
    private readonly FoldableConvolution _both;

    public Conv2dBN(long input, long output, long kernel = 1, long stride = 1, long groups = 1) : base(nameof(Conv2dBN))
    {
        c = nn.Conv2d(input, output, kernel_size: kernel, stride: stride, padding: kernel / 2, groups: groups, bias: false);
        bn = nn.BatchNorm2d(output);
        _both = new FoldableConvolution(c, bn);
        RegisterComponents();
    }

    public BatchNorm2d Norm => bn;

    /// <summary>[B, input, H, W] -> [B, output, ceil(H / stride), ceil(W / stride)].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return _both.Apply(x).MoveToOuterDisposeScope();
    }

    public void Freeze() => _both.Fold();

    public override void train(bool train = true)
    {
        if (train) _both.Unfold();
        base.train(train);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _both.Unfold();
        base.Dispose(disposing);
    }
}

/// <summary>Two 3x3 convolutions of stride 2. State-dict name: seq (its second element is the activation).</summary>
internal sealed class TinyViTPatchEmbed : nn.Module<Tensor, Tensor>
{
    private readonly Sequential seq;

    public TinyViTPatchEmbed(long width) : base(nameof(TinyViTPatchEmbed))
    {
        seq = nn.Sequential(new Conv2dBN(3, width / 2, kernel: 3, stride: 2), nn.GELU(), new Conv2dBN(width / 2, width, kernel: 3, stride: 2));
        RegisterComponents();
    }

    /// <summary>[B, 3, H, W] -> [B, C, H / 4, W / 4].</summary>
    public override Tensor forward(Tensor x) => seq.call(x);
}

/// <summary>Inverted bottleneck with a residual; its last activation comes after the sum.</summary>
internal sealed class MBConv : nn.Module<Tensor, Tensor>
{
    private readonly Conv2dBN conv1, conv2, conv3;

    public MBConv(long width, int ratio) : base(nameof(MBConv))
    {
        long hidden = width * ratio;
        conv1 = new Conv2dBN(width, hidden);
        conv2 = new Conv2dBN(hidden, hidden, kernel: 3, groups: hidden);
        conv3 = new Conv2dBN(hidden, width);
        nn.init.zeros_(conv3.Norm.weight!); // a fresh block passes its input through
        RegisterComponents();
    }

    /// <summary>[B, C, H, W] -> the same shape.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = Activations.Gelu(conv1.call(x));
        y = Activations.Gelu(conv2.call(y));
        return Activations.Gelu(conv3.call(y) + x).MoveToOuterDisposeScope();
    }
}

/// <summary>The way to the next stage: other features, and half the resolution unless these are the last stage's.</summary>
internal sealed class TinyViTPatchMerging : nn.Module<Tensor, Tensor>
{
    private readonly Conv2dBN conv1, conv2, conv3;

    public TinyViTPatchMerging(long input, long output) : base(nameof(TinyViTPatchMerging))
    {
        conv1 = new Conv2dBN(input, output);
        conv2 = new Conv2dBN(output, output, kernel: 3, stride: TinyViTConfig.KeepsResolution(output) ? 1 : 2, groups: output);
        conv3 = new Conv2dBN(output, output);
        RegisterComponents();
    }

    /// <summary>[B, input, H, W], or [B, H * W, input] of a square map -> [B, h * w, output].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        if (x.dim() == 3) x = SquareMap.Of(x).permute(0, 3, 1, 2);
        x = Activations.Gelu(conv1.call(x));
        x = Activations.Gelu(conv2.call(x));
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
