using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.Granularity.Nano;

/// <summary>
/// ResNet-18 (He et al., arXiv 1512.03385) without classifier; state-dict names are torchvision's. Batch norm keeps its statistics:
/// scale and shift are learned, mean and variance are those of ImageNet.
/// </summary>
internal sealed class ResNet18 : Module
{
    /// <summary>Channels at strides 4, 8, 16 and 32.</summary>
    public static readonly int[] Widths = [64, 128, 256, 512];

    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly ModuleList<BasicBlock> layer1, layer2, layer3, layer4;

    public ResNet18() : base(nameof(ResNet18))
    {
        conv1 = NanoLayers.Conv(3, Widths[0], 7, bias: false, stride: 2);
        bn1 = BatchNorm2d(Widths[0]);
        layer1 = Stage(Widths[0], Widths[0], 1);
        layer2 = Stage(Widths[0], Widths[1], 2);
        layer3 = Stage(Widths[1], Widths[2], 2);
        layer4 = Stage(Widths[2], Widths[3], 2);
        RegisterComponents();
    }

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

    private Tensor First(Tensor x)
    {
        Tensor stem = functional.relu(NanoLayers.Run(conv1, bn1, x, 2), inplace: true);
        return Through(layer1, functional.max_pool2d(stem, 3, 2, 1));
    }

    private static Tensor Through(ModuleList<BasicBlock> stage, Tensor x) => stage.Aggregate(x, (state, block) => block.Run(state));

    private static ModuleList<BasicBlock> Stage(int inputs, int outputs, int stride) =>
        new(new BasicBlock(inputs, outputs, stride), new BasicBlock(outputs, outputs, 1));

    private sealed class BasicBlock : Module
    {
        private readonly Conv2d conv1, conv2;
        private readonly BatchNorm2d bn1, bn2;
        private readonly ModuleList<Module>? downsample;
        private readonly int _stride;

        public BasicBlock(int inputs, int outputs, int stride) : base(nameof(BasicBlock))
        {
            _stride = stride;
            conv1 = NanoLayers.Conv(inputs, outputs, 3, bias: false, stride);
            bn1 = BatchNorm2d(outputs);
            conv2 = NanoLayers.Conv(outputs, outputs, 3, bias: false);
            bn2 = BatchNorm2d(outputs);
            if (stride != 1) downsample = new(NanoLayers.Conv(inputs, outputs, 1, bias: false, stride), BatchNorm2d(outputs));
            RegisterComponents();
        }

        public Tensor Run(Tensor x)
        {
            Tensor y = functional.relu(NanoLayers.Run(conv1, bn1, x, _stride), inplace: true);
            y = NanoLayers.Run(conv2, bn2, y);
            Tensor identity = downsample is null ? x : NanoLayers.Run((Conv2d)downsample[0], (BatchNorm2d)downsample[1], x, _stride);
            return functional.relu(y.add_(identity), inplace: true);
        }
    }
}
