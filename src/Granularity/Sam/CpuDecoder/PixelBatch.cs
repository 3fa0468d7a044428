using static TorchSharp.torch;

namespace SemanticSam.Granularity.Sam.CpuDecoder;

/// <summary>
/// The pixels of an image as each of B prompts sees them, in inference. They are worked on in pieces of a megabyte: some of a prompt's
/// pixels or, where the image is small, all those of several prompts. What one step writes the next finds in the cache, and the memory of
/// the steps does not grow with the prompts.
/// </summary>
internal sealed class PixelBatch
{
    private readonly Tensor _position;
    private readonly long _prompts;
    private bool _own;

    /// <summary>As they come from the image encoder.</summary>
    /// <param name="image">[B or 1, N, C]; never written to.</param>
    /// <param name="position">[1, N, C].</param>
    /// <param name="prompts">B.</param>
    public PixelBatch(Tensor image, Tensor position, long prompts) => (Pixels, _position, _prompts) = (image, position, prompts);

    /// <summary>[B or 1, N, C].</summary>
    public Tensor Pixels { get; private set; }

    /// <summary>Means of each prompt's pixels, weighted by the softmax of their products with some rows; in the caller's dispose scope.</summary>
    /// <param name="rows">[B, R, C]: what pixels with their position codes are multiplied by.</param>
    /// <returns>[B, R, C].</returns>
    public Tensor Means(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var means = new List<Tensor>();
        foreach (var pieces in Pieces().GroupBy(piece => piece.Prompt))
        {
            using var inner = NewDisposeScope();
            var asking = pieces.First().PromptsOf(rows);
            var scores = cat([.. pieces.Select(piece => asking.matmul(Positioned(piece).transpose(1, 2)))], 2); // [b, R, N]
            means.Add(scores.softmax(2).matmul(pieces.First().PromptsOf(Pixels)).MoveToOuterDisposeScope());
        }
        return cat(means, 0).MoveToOuterDisposeScope();
    }

    /// <summary>Puts other pixels in the place of each piece's, [b, n, C]. They come to be in the caller's dispose scope.</summary>
    public void Change(Func<Piece, Tensor> change)
    {
        // Written over where it is no longer the image encoder's: fresh memory costs more than the copy.
        var target = _own ? Pixels : empty([_prompts, Pixels.shape[1], Pixels.shape[2]], Pixels.dtype, Pixels.device);
        foreach (var piece in Pieces())
        {
            using var scope = NewDisposeScope();
            piece.Of(target).copy_(change(piece));
        }
        (Pixels, _own) = (target, true);
    }

    /// <summary>A piece's pixels with their position codes, [b, n, C].</summary>
    public Tensor Positioned(Piece piece)
    {
        using var scope = NewDisposeScope();
        return (piece.Of(Pixels) + piece.Of(_position)).MoveToOuterDisposeScope();
    }

    private IEnumerable<Piece> Pieces() => Piece.All(_prompts, Pixels.shape[1], Pixels.shape[2]);

    /// <summary>Some pixels of some prompts.</summary>
    /// <param name="Prompt">The first prompt.</param>
    /// <param name="Prompts">b.</param>
    /// <param name="Pixel">The first pixel.</param>
    /// <param name="Pixels">n.</param>
    internal readonly record struct Piece(long Prompt, long Prompts, long Pixel, long Pixels)
    {
        private const long Floats = 1 << 18;

        /// <summary>The pieces of B prompts' N pixels of C features, prompt by prompt.</summary>
        public static IEnumerable<Piece> All(long prompts, long pixels, long features)
        {
            long together = Math.Max(1, Floats / (pixels * features)), rows = Math.Clamp(Floats / features, 1, pixels);
            for (long b = 0; b < prompts; b += together)
                for (long n = 0; n < pixels; n += rows)
                    yield return new(b, Math.Min(together, prompts - b), n, Math.Min(rows, pixels - n));
        }

        /// <summary>[B or 1, ...] -> [b or 1, ...].</summary>
        public Tensor PromptsOf(Tensor all) => all.shape[0] == 1 ? all : all.narrow(0, Prompt, Prompts);

        /// <summary>[B or 1, N, ...] -> [b or 1, n, ...].</summary>
        public Tensor Of(Tensor all) => PromptsOf(all).narrow(1, Pixel, Pixels);
    }
}
