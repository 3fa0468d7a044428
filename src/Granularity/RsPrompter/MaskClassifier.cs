using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Nano;
using SemanticSam.Imaging;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>SAM-cls: a ResNet-18 that names what it sees of a mask. State-dict names: backbone (torchvision's), fc.</summary>
internal sealed class MaskClassifier : nn.Module
{
    /// <summary>Side of what it sees.</summary>
    public const int Side = 224;

    /// <summary>Features before the last layer.</summary>
    public static int Width => ResNet18.LastWidth();

    private readonly ResNet18 backbone;
    private readonly Linear fc;

    /// <param name="classes">Without the background.</param>
    public MaskClassifier(int classes) : base(nameof(MaskClassifier))
    {
        backbone = new ResNet18();
        fc = nn.Linear(Width, classes + 1);
        RegisterComponents();
        InitialHeads.Normal(fc.weight, fc.bias!, 0.01);
    }

    /// <summary>What ImageNet taught.</summary>
    public ResNet18 Backbone => backbone;

    /// <summary>Logits [N, classes + 1], the background last.</summary>
    /// <param name="crops">[N, 3, <see cref="Side"/>, <see cref="Side"/>], see <see cref="Input"/>.</param>
    public Tensor forward(Tensor crops)
    {
        using var scope = NewDisposeScope();
        return fc.call(backbone.Run(crops)[^1].mean([2, 3])).MoveToOuterDisposeScope();
    }

    /// <summary>Crops as it sees them, [N, 3, <see cref="Side"/>, <see cref="Side"/>]: resized without keeping their ratio, normalized as for
    /// ImageNet.</summary>
    public static Tensor Input(IReadOnlyList<RgbImage> crops, Device device)
    {
        using var scope = NewDisposeScope();
        var resized = crops.Select(c => F.interpolate(ImageTensor.Bytes(c).to(device).to(ScalarType.Float32), [Side, Side],
            mode: InterpolationMode.Bilinear, align_corners: false));
        return PixelStatistics.ImageNet.Normalize(cat([.. resized]), Side, Side).MoveToOuterDisposeScope();
    }
}
