using SemanticSam.Granularity.Layers;
using SemanticSam.Imaging;

namespace SemanticSam.Training.Samples;

/// <summary>A random change of brightness, contrast, saturation and tint; now and then all colour is taken away.</summary>
/// <param name="Contrast">Factor around the mean of the picture.</param>
/// <param name="Brightness">Factor.</param>
/// <param name="Saturation">Factor around the grey of each pixel; 0 for grey.</param>
/// <param name="Tint">Factor of red, green and blue.</param>
internal readonly record struct ColourJitter(float Contrast, float Brightness, float Saturation, (float R, float G, float B) Tint)
{
    private const double Share = 0.8, GreyShare = 0.08;

    public static ColourJitter None { get; } = new(1, 1, 1, (1, 1, 1));

    public static ColourJitter Draw(Random random)
    {
        if (random.NextDouble() >= Share) return None;
        float brightness = Factor(random, 0.3f), contrast = Factor(random, 0.3f), saturation = Factor(random, 0.4f);
        var tint = (Factor(random, 0.1f), Factor(random, 0.1f), Factor(random, 0.1f));
        return random.NextDouble() < GreyShare ? new(contrast, brightness, 0, (1, 1, 1)) : new(contrast, brightness, saturation, tint);
    }

    /// <summary>Writes the picture, changed, normalised and perhaps flipped, at the upper left of planes [3, size, size].</summary>
    public void Write(RgbImage picture, float[] planes, int size, bool flipped, PixelStatistics statistics)
    {
        double sum = 0;
        foreach (byte value in picture.Pixels) sum += value;
        float mean = (float)(sum / picture.Pixels.Length);
        int plane = size * size;
        Span<float> tint = [Tint.R, Tint.G, Tint.B], rgb = stackalloc float[3];
        for (int y = 0; y < picture.Height; y++)
        {
            var row = picture.Row(y);
            for (int x = 0; x < picture.Width; x++)
            {
                float grey = 0;
                for (int c = 0; c < 3; c++)
                {
                    rgb[c] = ((row[3 * x + c] - mean) * Contrast + mean) * Brightness;
                    grey += rgb[c] / 3;
                }
                int at = y * size + (flipped ? picture.Width - 1 - x : x);
                for (int c = 0; c < 3; c++)
                {
                    float value = Math.Clamp((grey + (rgb[c] - grey) * Saturation) * tint[c], 0, 255);
                    planes[c * plane + at] = statistics.Normalize(value, c);
                }
            }
        }
    }

    private static float Factor(Random random, float spread) => 1 + spread * (2 * random.NextSingle() - 1);
}
