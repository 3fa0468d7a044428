using SemanticSam.Granularity.Layers;
using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>From planes of mask logits to masks.</summary>
internal static class MaskDrawing
{
    /// <summary>The masks of low-resolution logits at the image's size, each computed only where it is.</summary>
    /// <param name="low">Row-major [planes, h, w], on the host.</param>
    /// <param name="upsampler">From there to the image.</param>
    public static CutMask[] Cut(float[] low, MaskUpsampler upsampler)
    {
        int plane = upsampler.LowHeight * upsampler.LowWidth;
        var masks = new CutMask[low.Length / plane];
        ForEach(masks.Length, i => masks[i] = upsampler.Cut(low.AsSpan(i * plane, plane)));
        return masks;
    }

    /// <summary>Calls an action for 0 to count - 1, on as many threads as the tensor library may use.</summary>
    public static void ForEach(int count, Action<int> action) => HostThreads.ForEach(count, action);
}
