using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>Sizes of a residual network with bottlenecks.</summary>
/// <param name="Width">Features of the stem: 64 as published.</param>
/// <param name="Depths">Blocks of the four stages: 3, 4, 6 and 3 in ResNet-50.</param>
internal sealed record ResNetConfig(long Width, IReadOnlyList<int> Depths)
{
    /// <summary>ResNet-50.</summary>
    public static ResNetConfig ResNet50 { get; } = new(64, [3, 4, 6, 3]);

    /// <summary>Features of the maps at strides 4, 8, 16 and 32.</summary>
    public IReadOnlyList<long> Widths => [.. Enumerable.Range(0, 4).Select(i => 4 * Width << i)];
}

/// <summary>
/// ResNet with bottlenecks (He et al., arXiv 1512.03385) without classifier, as detectors have it: batch norms keep their statistics. State-dict names
/// are torchvision's.
/// </summary>
internal sealed class ResNet : nn.Module
{
    private readonly Conv2d conv1;
    private readonly StillNorm bn1;
    private readonly ModuleList<Bottleneck> layer1, layer2, layer3, layer4;

    public ResNet(ResNetConfig config) : base(nameof(ResNet))
    {
        conv1 = nn.Conv2d(3, config.Width, kernel_size: 7, stride: 2, padding: 3, bias: false);
        bn1 = new StillNorm(config.Width);
        (layer1, layer2, layer3, layer4) = (Stage(config, 0), Stage(config, 1), Stage(config, 2), Stage(config, 3));
        RegisterComponents();
    }

    /// <summary>Whether a parameter of the stem or of the first stage, which detectors leave as ImageNet taught them.</summary>
    public static bool IsOfFirstStage(string name) => name.StartsWith("conv1.", StringComparison.Ordinal) || name.StartsWith("bn1.", StringComparison.Ordinal)
        || name.StartsWith("layer1.", StringComparison.Ordinal);

    /// <summary>[B, 3, H, W], normalized, sides divisible by 32 -> maps at strides 4, 8, 16 and 32.</summary>
    public Tensor[] forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = F.max_pool2d(F.relu(bn1.call(conv1.call(x))), 3, 2, 1);
        var maps = new List<Tensor>();
        foreach (var stage in new[] { layer1, layer2, layer3, layer4 })
        {
            foreach (var block in stage) x = block.call(x);
            maps.Add(x);
        }
        return [.. maps.Select(m => m.MoveToOuterDisposeScope())];
    }

    private static ModuleList<Bottleneck> Stage(ResNetConfig config, int stage)
    {
        long inside = config.Width << stage, input = stage == 0 ? config.Width : config.Widths[stage - 1];
        return new(
            [.. Enumerable.Range(0, config.Depths[stage]).Select(i => new Bottleneck(i == 0 ? input : 4 * inside, inside, i == 0 && stage > 0 ? 2 : 1))]);
    }

    /// <summary>Batch norm that never looks at the batch.</summary>
    private sealed class StillNorm : nn.Module<Tensor, Tensor>
    {
        private readonly Parameter weight, bias;
        private readonly Tensor running_mean, running_var;

        public StillNorm(long width) : base(nameof(StillNorm))
        {
            (weight, bias) = (ModuleTensors.Parameter(ones(width)), ModuleTensors.Parameter(zeros(width)));
            (running_mean, running_var) = (ModuleTensors.Buffer(zeros(width)), ModuleTensors.Buffer(ones(width)));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => F.batch_norm(x, running_mean, running_var, weight, bias, training: false);
    }

    private sealed class Bottleneck : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d conv1, conv2, conv3;
        private readonly StillNorm bn1, bn2, bn3;
        private readonly Sequential? downsample;

        public Bottleneck(long input, long inside, long stride) : base(nameof(Bottleneck))
        {
            conv1 = nn.Conv2d(input, inside, kernel_size: 1, bias: false);
            bn1 = new StillNorm(inside);
            conv2 = nn.Conv2d(inside, inside, kernel_size: 3, stride: stride, padding: 1, bias: false);
            bn2 = new StillNorm(inside);
            conv3 = nn.Conv2d(inside, 4 * inside, kernel_size: 1, bias: false);
            bn3 = new StillNorm(4 * inside);
            if (stride != 1 || input != 4 * inside)
                downsample = nn.Sequential(nn.Conv2d(input, 4 * inside, kernel_size: 1, stride: stride, bias: false), new StillNorm(4 * inside));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var y = F.relu(bn2.call(conv2.call(F.relu(bn1.call(conv1.call(x))))));
            return F.relu(bn3.call(conv3.call(y)) + (downsample is null ? x : downsample.call(x))).MoveToOuterDisposeScope();
        }
    }
}

/// <summary>A feature pyramid (arXiv 1612.03144) of five levels. State-dict names: lateral_convs.i.conv, fpn_convs.i.conv.</summary>
internal sealed class FeaturePyramidNeck : nn.Module
{
    private readonly ModuleList<NamedConvolution> lateral_convs, fpn_convs;

    /// <param name="inputs">Features of the maps at strides 4 to 32.</param>
    /// <param name="width">Features of the pyramid.</param>
    public FeaturePyramidNeck(IReadOnlyList<long> inputs, long width) : base(nameof(FeaturePyramidNeck))
    {
        lateral_convs = new([.. inputs.Select(i => new NamedConvolution(i, width, 1))]);
        fpn_convs = new([.. inputs.Select(_ => new NamedConvolution(width, width, 3))]);
        RegisterComponents();
    }

    /// <summary>Maps at strides 4 to 32, the finest first -> maps at strides 4 to 64.</summary>
    public Tensor[] forward(IReadOnlyList<Tensor> maps)
    {
        using var scope = NewDisposeScope();
        Tensor[] sums = [.. maps.Select((m, i) => lateral_convs[i].call(m))];
        for (int i = sums.Length - 1; i > 0; i--)
            sums[i - 1] = sums[i - 1] + F.interpolate(sums[i], [sums[i - 1].shape[2], sums[i - 1].shape[3]], mode: InterpolationMode.Nearest);
        Tensor[] levels = [.. sums.Select((s, i) => fpn_convs[i].call(s))];
        return [.. levels.Append(F.max_pool2d(levels[^1], 1, 2)).Select(l => l.MoveToOuterDisposeScope())];
    }

    private sealed class NamedConvolution : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d conv;

        public NamedConvolution(long input, long output, long kernel) : base(nameof(NamedConvolution))
        {
            conv = nn.Conv2d(input, output, kernel_size: kernel, padding: kernel / 2);
            RegisterComponents();
            nn.init.xavier_uniform_(conv.weight);
            nn.init.zeros_(conv.bias!);
        }

        public override Tensor forward(Tensor x) => conv.call(x);
    }
}
