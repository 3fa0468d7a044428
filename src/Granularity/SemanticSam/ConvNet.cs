using SemanticSam.Granularity.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>
/// A small residual convolution network (after ResNet, arXiv 1512.03385), for models that must answer in a fraction of a second
/// on a CPU. Freezing folds every batch norm into its convolution.
/// </summary>
internal sealed class ConvNet : Backbone
{
    private readonly ModuleList<ConvNormRelu> stem;
    private readonly ModuleList<ConvStage> layers;

    /// <summary>A network with fresh weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <exception cref="ArgumentException">A size is missing or not positive.</exception>
    public ConvNet(ConvNetConfig config) : base(nameof(ConvNet))
    {
        config.Validate();
        Config = config;
        var channels = config.Channels;
        stem = new ModuleList<ConvNormRelu>(new ConvNormRelu(3, config.Stem, stride: 2), new ConvNormRelu(config.Stem, channels[0], stride: 2));
        layers = new ModuleList<ConvStage>();
        for (int s = 0; s < 4; s++)
            layers.Add(new ConvStage(channels[Math.Max(s - 1, 0)], channels[s], config.Blocks[s], stride: s == 0 ? 1 : 2));
        RegisterComponents();
    }

    /// <summary>The sizes this network was made with.</summary>
    public ConvNetConfig Config { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<long> Channels => Config.Channels;

    /// <inheritdoc/>
    public override Tensor[] forward(Tensor images)
    {
        using var scope = NewDisposeScope();
        var x = stem[1].call(stem[0].call(images));
        var outputs = new Tensor[4];
        for (int s = 0; s < 4; s++)
        {
            x = layers[s].call(x);
            outputs[s] = x;
        }
        foreach (var output in outputs) output.MoveToOuterDisposeScope();
        return outputs;
    }
}

/// <summary>A convolution that sets resolution and channels, and residual blocks.</summary>
internal sealed class ConvStage : nn.Module<Tensor, Tensor>
{
    private readonly ConvNormRelu downsample;
    private readonly ModuleList<ConvBlock> blocks;

    public ConvStage(long input, long output, int count, long stride) : base(nameof(ConvStage))
    {
        downsample = new ConvNormRelu(input, output, stride);
        blocks = new ModuleList<ConvBlock>();
        for (int k = 0; k < count; k++) blocks.Add(new ConvBlock(output));
        RegisterComponents();
    }

    /// <summary>[B, input, H, W] -> [B, output, H / stride, W / stride].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = downsample.call(x);
        for (int k = 0; k < blocks.Count; k++) x = blocks[k].call(x);
        return x.MoveToOuterDisposeScope();
    }
}

/// <summary>3x3 convolution, batch norm, ReLU. State-dict names: conv, bn.</summary>
internal sealed class ConvNormRelu : nn.Module<Tensor, Tensor>, IFreezable
{
    private readonly Conv2d conv;
    private readonly BatchNorm2d bn;
    private readonly FoldableConvolution _both;

    public ConvNormRelu(long input, long output, long stride) : base(nameof(ConvNormRelu))
    {
        conv = Convolution(input, output, stride);
        bn = nn.BatchNorm2d(output);
        _both = new FoldableConvolution(conv, bn);
        RegisterComponents();
    }

    /// <summary>A 3x3 convolution without bias, initialized for ReLU.</summary>
    public static Conv2d Convolution(long input, long output, long stride)
    {
        var made = nn.Conv2d(input, output, kernel_size: 3, stride: stride, padding: 1, bias: false);
        nn.init.kaiming_normal_(made.weight, 0, nn.init.FanInOut.FanOut, nn.init.NonlinearityType.ReLU);
        return made;
    }

    /// <summary>[B, input, H, W] -> [B, output, ceil(H / stride), ceil(W / stride)].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Activations.Relu(_both.Apply(x)).MoveToOuterDisposeScope();
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

/// <summary>Two 3x3 convolutions with batch norms, added to what came in. State-dict names: conv1, bn1, conv2, bn2.</summary>
internal sealed class ConvBlock : nn.Module<Tensor, Tensor>, IFreezable
{
    private readonly Conv2d conv1, conv2;
    private readonly BatchNorm2d bn1, bn2;
    private readonly FoldableConvolution _first, _second;

    public ConvBlock(long width) : base(nameof(ConvBlock))
    {
        conv1 = ConvNormRelu.Convolution(width, width, stride: 1);
        bn1 = nn.BatchNorm2d(width);
        conv2 = ConvNormRelu.Convolution(width, width, stride: 1);
        bn2 = nn.BatchNorm2d(width);
        nn.init.zeros_(bn2.weight); // a fresh block passes its input through
        _first = new FoldableConvolution(conv1, bn1);
        _second = new FoldableConvolution(conv2, bn2);
        RegisterComponents();
    }

    /// <summary>[B, C, H, W] -> the same shape.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = _second.Apply(Activations.Relu(_first.Apply(x)));
        return Activations.Relu(x + y).MoveToOuterDisposeScope();
    }

    public void Freeze()
    {
        _first.Fold();
        _second.Fold();
    }

    public override void train(bool train = true)
    {
        if (train) Unfold();
        base.train(train);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) Unfold();
        base.Dispose(disposing);
    }

    private void Unfold()
    {
        _first.Unfold();
        _second.Unfold();
    }
}
