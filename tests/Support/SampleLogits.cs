using SemanticSam.Masks;

namespace SemanticSam.Tests.Support;

/// <summary>Mask logits for tests that need some.</summary>
internal static class SampleLogits
{
    /// <summary>Logits like a decoder's: mostly far below 0, some places above, some around the cuts.</summary>
    public static float[] Blob(PixelSize size, int seed)
    {
        float[] noise = DetWeights.Unit($"upsampler.{seed}", size.Height * size.Width), values = new float[noise.Length];
        double cx = size.Width * (0.5 + 0.4 * Math.Sin(seed)), cy = size.Height * (0.5 + 0.4 * Math.Cos(seed)), r = 1 + seed % 7;
        for (int i = 0; i < values.Length; i++)
        {
            double distance = Math.Sqrt(Math.Pow(i % size.Width - cx, 2) + Math.Pow(i / size.Width - cy, 2));
            values[i] = (float)(6 * (r - distance) / r + (seed % 3 == 0 ? 4 : 1) * noise[i]);
        }
        return values;
    }
}
