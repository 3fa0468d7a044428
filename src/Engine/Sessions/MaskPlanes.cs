using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Sessions;

/// <summary>From a plane of mask logits to a mask.</summary>
internal static class MaskPlanes
{
    /// <summary>The pixels above 0, and how stable that cut is.</summary>
    /// <param name="logits">[H, W] float32, on any device.</param>
    public static (Rle Mask, float Stability) Threshold(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var plane = logits.contiguous().cpu();
        int height = (int)plane.shape[0], width = (int)plane.shape[1];
        float[] values = plane.data<float>().ToArray();
        return (Rle.FromLogits(values, height, width), Stability.Score(values));
    }
}
