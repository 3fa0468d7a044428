using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.Sam.CpuDecoder;

/// <summary>
/// The decoder's upscaling for inference on the CPU. A transposed convolution by 2 with stride 2 has no overlaps: it gives each pixel four
/// by one matrix product. Pixels stay rows in between, so that the norm needs no other layout, and only the masks, an eighth of the
/// features, are put in order at the end.
/// </summary>
internal sealed class PixelUpscaling
{
    private readonly ConvTranspose2d _first, _second;
    private readonly LayerNorm2d _norm;

    /// <param name="upscaling">The decoder's: C to C / 4 channels, norm, GELU, to C / 8 channels, GELU.</param>
    public PixelUpscaling(Sequential upscaling)
    {
        nn.Module[] parts = [.. upscaling.children()];
        (_first, _norm, _second) = ((ConvTranspose2d)parts[0], (LayerNorm2d)parts[1], (ConvTranspose2d)parts[3]);
    }

    /// <summary>Upscaled pixels times kernels, piece by piece.</summary>
    /// <param name="pixels">[B, h * w, C].</param>
    /// <param name="kernels">[B, M, C / 8].</param>
    /// <param name="h">Rows.</param>
    /// <param name="w">Columns.</param>
    /// <returns>[B, M, 4h, 4w], in the caller's dispose scope.</returns>
    public Tensor Masks(Tensor pixels, Tensor kernels, long h, long w)
    {
        using var scope = NewDisposeScope();
        var (first, second) = (new Quadrupling(_first), new Quadrupling(_second));
        var parts = new List<Tensor>();
        foreach (var prompts in PixelBatch.Piece.All(pixels.shape[0], pixels.shape[1], pixels.shape[2]).GroupBy(piece => piece.Prompt))
        {
            using var inner = NewDisposeScope();
            Tensor Part(PixelBatch.Piece piece)
            {
                using var part = NewDisposeScope();
                var x = F.gelu(_norm.OfPixels(first.Of(piece.Of(pixels))), inplace: true); // [b, n * 4, C / 4]
                x = F.gelu(second.Of(x), inplace: true); // [b, n * 16, C / 8]
                return x.matmul(piece.PromptsOf(kernels).transpose(1, 2)).MoveToOuterDisposeScope(); // [b, n * 16, M]
            }
            parts.Add(InRows(cat([.. prompts.Select(Part)], 1), h, w).MoveToOuterDisposeScope());
        }
        return cat(parts, 0).MoveToOuterDisposeScope();
    }

    /// <summary>[b, h * w * 16, M], each pixel's four and each of their four after another -> [b, M, 4h, 4w].</summary>
    private static Tensor InRows(Tensor flat, long h, long w)
    {
        long batch = flat.shape[0], masks = flat.shape[2];
        // First planes of one place each, copied along the pixels: in the order of the masks it would be two numbers at a time.
        // [b, M, y, y, x, x, h * w]: of the first four, of the second four
        var planes = flat.view([batch, h * w, 2, 2, 2, 2, masks]).permute(0, 6, 2, 4, 3, 5, 1);
        return F.pixel_shuffle(planes.reshape(batch, masks * 16, h, w), 4);
    }

    /// <summary>A transposed convolution as one matrix.</summary>
    private sealed class Quadrupling(ConvTranspose2d convolution)
    {
        private readonly Tensor _weight = convolution.weight!.permute(2, 3, 1, 0).flatten(0, 2); // [2 * 2 * out, in]
        private readonly Tensor _bias = convolution.bias!.repeat(4);

        /// <summary>[b, N, in] -> [b, N * 4, out].</summary>
        public Tensor Of(Tensor x) => F.linear(x, _weight, _bias).view(x.shape[0], 4 * x.shape[1], -1);
    }
}
