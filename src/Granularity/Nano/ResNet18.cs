using SemanticSam.Granularity.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.Granularity.Nano;

/// <summary>
/// ResNet-18 (He et al., arXiv 1512.03385) without classifier; state-dict names are torchvision's. Batch norm keeps its statistics:
/// scale and shift are learned, mean and variance are those of ImageNet.
/// </summary>
internal sealed class ResNet18 : Module, IFreezable
{
    /// <summary>Feature maps that it gives, at strides 4, 8, 16 and 32.</summary>
    public const int Stages = 4;

    /// <summary>Channels at stride 4 of the network that ImageNet's weights are for.</summary>
    public const int PretrainedWidth = 64;

    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly ModuleList<BasicBlock> layer1, layer2, layer3, layer4;
    private readonly NormedConvolution _stem;

    /// <param name="width">Channels at stride 4.</param>
    public ResNet18(int width = PretrainedWidth) : base(nameof(ResNet18))
    {
        int[] widths = Widths(width);
        conv1 = NanoLayers.Conv(3, width, 7, bias: false, stride: 2);
        bn1 = BatchNorm2d(width);
        _stem = new NormedConvolution(conv1, bn1, 2);
        layer1 = Stage(width, width, 1);
        layer2 = Stage(width, widths[1], 2);
        layer3 = Stage(widths[1], widths[2], 2);
        layer4 = Stage(widths[2], widths[3], 2);
        RegisterComponents();
    }

    /// <summary>Channels of the feature maps, finest first: they double with each stage.</summary>
    /// <param name="width">Of the first.</param>
    public static int[] Widths(int width = PretrainedWidth) => [.. Enumerable.Range(0, Stages).Select(i => width << i)];

    /// <summary>Channels of the coarsest feature maps.</summary>
    public static int LastWidth(int width = PretrainedWidth) => width << (Stages - 1);

    /// <summary>Whether the stem and the first stage learn; what ImageNet taught them serves any photo, and they are the dearest to go back through.</summary>
    public bool TrainsFirstStage { get; set; }

    /// <summary>Feature maps at strides 4, 8, 16 and 32.</summary>
    /// <param name="x">[B, 3, H, W] with sides divisible by 32: blue, green, red, 0 to 255, minus the channel means.</param>
    public Tensor[] Run(Tensor x)
    {
        Tensor first;
        if (TrainsFirstStage) first = First(x);
        else
            using (no_grad()) first = First(x);
        Tensor second = Through(layer2, first), third = Through(layer3, second);
        return [first, second, third, Through(layer4, third)];
    }

    /// <summary>The type of the images that come once it is frozen.</summary>
    public ScalarType FrozenType
    {
        get;
        set
        {
            field = value;
            foreach (var block in new[] { layer1, layer2, layer3, layer4 }.SelectMany(stage => stage)) block.FrozenType = value;
        }
    } = ScalarType.Float32;

    public void Freeze() => _stem.Fold(FrozenType);

    public override void train(bool train = true)
    {
        if (train) _stem.Unfold();
        base.train(train);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _stem.Unfold();
        base.Dispose(disposing);
    }

    private Tensor First(Tensor x)
    {
        Tensor stem = functional.relu(_stem.Run(x), inplace: true);
        return Through(layer1, functional.max_pool2d(stem, 3, 2, 1));
    }

    private static Tensor Through(ModuleList<BasicBlock> stage, Tensor x) => stage.Aggregate(x, (state, block) => block.Run(state));

    private static ModuleList<BasicBlock> Stage(int inputs, int outputs, int stride) =>
        new(new BasicBlock(inputs, outputs, stride), new BasicBlock(outputs, outputs, 1));

    private sealed class BasicBlock : Module, IFreezable
    {
        private readonly Conv2d conv1, conv2;
        private readonly BatchNorm2d bn1, bn2;
        private readonly ModuleList<Module>? downsample;
        private readonly NormedConvolution[] _joined; // the two of the block, then that beside them, if any

        public BasicBlock(int inputs, int outputs, int stride) : base(nameof(BasicBlock))
        {
            conv1 = NanoLayers.Conv(inputs, outputs, 3, bias: false, stride);
            bn1 = BatchNorm2d(outputs);
            conv2 = NanoLayers.Conv(outputs, outputs, 3, bias: false);
            bn2 = BatchNorm2d(outputs);
            if (stride != 1) downsample = new(NanoLayers.Conv(inputs, outputs, 1, bias: false, stride), BatchNorm2d(outputs));
            _joined = [new(conv1, bn1, stride), new(conv2, bn2, 1)];
            if (downsample is not null) _joined = [.. _joined, new((Conv2d)downsample[0], (BatchNorm2d)downsample[1], stride)];
            RegisterComponents();
        }

        public ScalarType FrozenType { get; set; } = ScalarType.Float32;

        public void Freeze()
        {
            foreach (var convolution in _joined) convolution.Fold(FrozenType);
        }

        public override void train(bool train = true)
        {
            if (train) Unfold();
            base.train(train);
        }

        public Tensor Run(Tensor x)
        {
            Tensor y = _joined[1].Run(functional.relu(_joined[0].Run(x), inplace: true));
            Tensor identity = _joined.Length == 2 ? x : _joined[2].Run(x);
            return functional.relu(y.add_(identity), inplace: true);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) Unfold();
            base.Dispose(disposing);
        }

        private void Unfold()
        {
            foreach (var convolution in _joined) convolution.Unfold();
        }
    }
}
