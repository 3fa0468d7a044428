using SkiaSharp;

namespace SemanticSam.Imaging.Overlays;

/// <summary>Finds room for labels: inside the image, near their masks, none over another, and together over no more than a part of it.</summary>
internal sealed class OverlayLabels(int width, int height, float gap)
{
    // Beyond this the image is no longer seen.
    private const float LargestShare = 0.2f;

    private readonly List<SKRect> _taken = [];
    private float _areaLeft = LargestShare * width * height;

    /// <summary>Marks a place that no label may cover.</summary>
    public void Reserve(SKRect place) => _taken.Add(place);

    /// <summary>
    /// The best free place for a label of the given size: over the anchor of a large mask, beside a small one, which it would hide; else
    /// around it in growing distance; null when there is none.
    /// </summary>
    public SKRect? Place(float labelWidth, float labelHeight, (float X, float Y) anchor, SKRect mask)
    {
        float reach = Math.Max(mask.Width, mask.Height) / 2 + 6 * labelHeight;
        bool hides = labelWidth * labelHeight > 0.25f * mask.Width * mask.Height;
        if (labelWidth > width || labelHeight > height) return null;
        // The first label may take more: in a small image one name is better than none.
        if (labelWidth * labelHeight > _areaLeft && _areaLeft < LargestShare * width * height) return null;
        SKRect? best = null;
        float bestDistance = float.PositiveInfinity;
        foreach (var (dx, dy) in Offsets(labelWidth, labelHeight, reach))
        {
            float left = Math.Clamp(anchor.X - labelWidth / 2 + dx, 0, width - labelWidth);
            float top = Math.Clamp(anchor.Y - labelHeight / 2 + dy, 0, height - labelHeight);
            var place = SKRect.Create(left, top, labelWidth, labelHeight);
            float x = place.MidX - anchor.X, y = place.MidY - anchor.Y, distance = MathF.Sqrt(x * x + y * y);
            if (hides && place.IntersectsWith(mask)) distance += 2 * labelHeight;
            if (distance >= bestDistance || !IsFree(place)) continue;
            best = place;
            bestDistance = distance;
        }
        if (best is { } found)
        {
            _taken.Add(found);
            _areaLeft -= labelWidth * labelHeight;
        }
        return best;
    }

    private static IEnumerable<(float, float)> Offsets(float labelWidth, float labelHeight, float reach)
    {
        yield return (0, 0);
        const int directions = 16;
        for (float distance = labelHeight * 0.6f; distance < reach; distance += labelHeight * 0.5f)
            for (int i = 0; i < directions; i++)
            {
                float angle = 2 * MathF.PI * i / directions;
                // Wide labels need more way to the sides than up and down.
                yield return (MathF.Cos(angle) * (distance + (labelWidth - labelHeight) / 4), MathF.Sin(angle) * distance);
            }
    }

    private bool IsFree(SKRect place)
    {
        var around = new SKRect(place.Left - gap, place.Top - gap, place.Right + gap, place.Bottom + gap);
        foreach (SKRect other in _taken)
            if (around.IntersectsWith(other)) return false;
        return true;
    }
}
