using SemanticSam.Granularity.Layers;
using SemanticSam.Imaging;

namespace SemanticSam.Training.Samples;

/// <summary>A random change of brightness, contrast, saturation and tint; now and then all color is taken away.</summary>
/// <param name="Contrast">Factor around the mean of the image.</param>
/// <param name="Brightness">Factor.</param>
/// <param name="Saturation">Factor around the gray of each pixel; 0 for gray.</param>
/// <param name="Tint">Factor of red, green and blue.</param>
internal readonly record struct ColorJitter(float Contrast, float Brightness, float Saturation, (float R, float G, float B) Tint)
{
    private const double Share = 0.8, GrayShare = 0.08;

    public static ColorJitter None { get; } = new(1, 1, 1, (1, 1, 1));

    public static ColorJitter Draw(Random random)
    {
        if (random.NextDouble() >= Share) return None;
        float brightness = Factor(random, 0.3f), contrast = Factor(random, 0.3f), saturation = Factor(random, 0.4f);
        var tint = (Factor(random, 0.1f), Factor(random, 0.1f), Factor(random, 0.1f));
        return random.NextDouble() < GrayShare ? new(contrast, brightness, 0, (1, 1, 1)) : new(contrast, brightness, saturation, tint);
    }

    /// <summary>Writes the image, changed, normalized and perhaps flipped, at the upper left of planes [3, size, size].</summary>
    public void Write(RgbImage image, float[] planes, int size, bool flipped, PixelStatistics statistics)
    {
        double sum = 0;
        foreach (byte value in image.Pixels) sum += value;
        float mean = (float)(sum / image.Pixels.Length);
        int plane = size * size;
        Span<float> tint = [Tint.R, Tint.G, Tint.B], rgb = stackalloc float[3];
        for (int y = 0; y < image.Height; y++)
        {
            var row = image.Row(y);
            for (int x = 0; x < image.Width; x++)
            {
                float gray = 0;
                for (int c = 0; c < 3; c++)
                {
                    rgb[c] = ((row[3 * x + c] - mean) * Contrast + mean) * Brightness;
                    gray += rgb[c] / 3;
                }
                int at = y * size + (flipped ? image.Width - 1 - x : x);
                for (int c = 0; c < 3; c++)
                {
                    float value = Math.Clamp((gray + (rgb[c] - gray) * Saturation) * tint[c], 0, 255);
                    planes[c * plane + at] = statistics.Normalize(value, c);
                }
            }
        }
    }

    private static float Factor(Random random, float spread) => 1 + spread * (2 * random.NextSingle() - 1);
}
