namespace SemanticSam.Training.Nano;

/// <summary>A change of light and color: value' = gain * (value pulled from its gray by saturation) + offset, a channel.</summary>
internal readonly struct CanvasColor
{
    private const double Contrast = 0.25, Brightness = 22, Tint = 0.07, Saturation = 0.35, GrayChance = 0.04;

    private readonly float _saturation, _gainR, _gainG, _gainB, _offset;

    private CanvasColor(float saturation, float gainR, float gainG, float gainB, float offset) =>
        (_saturation, _gainR, _gainG, _gainB, _offset) = (saturation, gainR, gainG, gainB, offset);

    /// <summary>Draws a change.</summary>
    public static CanvasColor Draw(Random random)
    {
        double contrast = 1 + Spread(random, Contrast), saturation = random.NextDouble() < GrayChance ? 0 : 1 + Spread(random, Saturation);
        double brightness = Spread(random, Brightness) + 128 * (1 - contrast); // contrast turns about the middle
        return new((float)saturation, Gain(), Gain(), Gain(), (float)brightness);

        float Gain() => (float)(contrast * (1 + Spread(random, Tint)));
    }

    /// <summary>Blue, green and red of a changed pixel, 0 to 255.</summary>
    public (float B, float G, float R) Apply(float r, float g, float b)
    {
        float gray = 0.299f * r + 0.587f * g + 0.114f * b;
        return (Math.Clamp((gray + _saturation * (b - gray)) * _gainB + _offset, 0, 255),
            Math.Clamp((gray + _saturation * (g - gray)) * _gainG + _offset, 0, 255),
            Math.Clamp((gray + _saturation * (r - gray)) * _gainR + _offset, 0, 255));
    }

    private static double Spread(Random random, double most) => (2 * random.NextDouble() - 1) * most;
}
