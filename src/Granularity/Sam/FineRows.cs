using static TorchSharp.torch;

namespace SemanticSam.Granularity.Sam;

/// <summary>
/// Maps finer than the embedding, which the mask decoder of SAM 2 (arXiv 2408.00714) adds on its way up. Pixels are rows: the four of each cell of the
/// embedding
/// one after another, and the four of each of these.
/// </summary>
/// <param name="Twice">[B, 4 h w, C / 4].</param>
/// <param name="Fourfold">[B, 16 h w, C / 8].</param>
internal sealed record FineRows(Tensor Twice, Tensor Fourfold)
{
    /// <summary>Those of some images.</summary>
    public FineRows Of(Tensor images) => new(Twice.index_select(0, images), Fourfold.index_select(0, images));

    /// <summary>[B, 2h, 2w, c] -> [B, 4 h w, c].</summary>
    public static Tensor OfTwice(Tensor pixels)
    {
        var (batch, height, width, features) = (pixels.shape[0], pixels.shape[1], pixels.shape[2], pixels.shape[3]);
        return pixels.reshape([batch, height / 2, 2, width / 2, 2, features]).permute(0, 1, 3, 2, 4, 5).reshape(batch, height * width, features);
    }

    /// <summary>[B, 4h, 4w, c] -> [B, 16 h w, c].</summary>
    public static Tensor OfFourfold(Tensor pixels)
    {
        var (batch, height, width, features) = (pixels.shape[0], pixels.shape[1], pixels.shape[2], pixels.shape[3]);
        return pixels.reshape([batch, height / 4, 2, 2, width / 4, 2, 2, features]).permute(0, 1, 4, 2, 5, 3, 6, 7).reshape(batch, height * width, features);
    }

    /// <summary>[B, 16 h w, M] -> [B, M, 4h, 4w].</summary>
    public static Tensor InRows(Tensor rows, long h, long w)
    {
        long batch = rows.shape[0], masks = rows.shape[2];
        return rows.view([batch, h, w, 2, 2, 2, 2, masks]).permute(0, 7, 1, 3, 5, 2, 4, 6).reshape(batch, masks, 4 * h, 4 * w);
    }
}
