using SemanticSam.Masks;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>The mask branch of Mask R-CNN (arXiv 1703.06870): a mask inside of each region's box for each class.</summary>
internal sealed class RegionMaskHead : nn.Module
{
    /// <summary>Bins a side of what it sees.</summary>
    public const int Bins = 14;

    /// <summary>Side of its masks.</summary>
    public const int Side = 28;

    private readonly ModuleList<ConvolutionOfHead> convs;
    private readonly ConvTranspose2d upsample;
    private readonly Conv2d conv_logits;

    public RegionMaskHead(long input, long width, int convolutions, int classes) : base(nameof(RegionMaskHead))
    {
        convs = new([.. Enumerable.Range(0, convolutions).Select(i => new ConvolutionOfHead(i == 0 ? input : width, width))]);
        upsample = nn.ConvTranspose2d(width, width, kernel_size: 2, stride: 2);
        conv_logits = nn.Conv2d(width, classes, kernel_size: 1);
        RegisterComponents();
        foreach (var (weight, bias) in new[] { (upsample.weight, upsample.bias!), (conv_logits.weight, conv_logits.bias!) })
        {
            nn.init.kaiming_normal_(weight, mode: nn.init.FanInOut.FanOut);
            nn.init.zeros_(bias);
        }
    }

    /// <summary>[R, C, 14, 14] -> logits [R, classes, 28, 28].</summary>
    public Tensor forward(Tensor features)
    {
        using var scope = NewDisposeScope();
        foreach (var conv in convs) features = conv.call(features);
        return conv_logits.call(F.relu(upsample.call(features))).MoveToOuterDisposeScope();
    }

    /// <summary>Masks as pixels of an image: sampled at the middles of pixels, nothing outside of the box.</summary>
    /// <param name="probabilities">[R, 28, 28].</param>
    /// <param name="boxes">R boxes in pixels of the image.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    public static Rle[] Paste(Tensor probabilities, IReadOnlyList<BoxF> boxes, int height, int width)
    {
        var masks = new Rle[boxes.Count];
        for (int r = 0; r < masks.Length; r++)
        {
            using var scope = NewDisposeScope();
            var box = boxes[r];
            var y = ((arange(height, dtype: ScalarType.Float32) + 0.5 - box.Y1) / box.Height * 2 - 1).view(-1, 1).expand(height, width);
            var x = ((arange(width, dtype: ScalarType.Float32) + 0.5 - box.X1) / box.Width * 2 - 1).view(1, -1).expand(height, width);
            var pasted = F.grid_sample(probabilities[r].cpu().view(1, 1, Side, Side), stack([x, y], -1).unsqueeze(0), GridSampleMode.Bilinear,
                GridSamplePaddingMode.Zeros, align_corners: false);
            masks[r] = Rle.FromBools((pasted >= 0.5).contiguous().data<bool>().ToArray(), height, width);
        }
        return masks;
    }

    private sealed class ConvolutionOfHead : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d conv;

        public ConvolutionOfHead(long input, long output) : base(nameof(ConvolutionOfHead))
        {
            conv = nn.Conv2d(input, output, kernel_size: 3, padding: 1);
            RegisterComponents();
            nn.init.kaiming_normal_(conv.weight, mode: nn.init.FanInOut.FanOut);
            nn.init.zeros_(conv.bias!);
        }

        public override Tensor forward(Tensor x) => F.relu(conv.call(x));
    }
}
