using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>A place on an outline: a step from one corner of a pixel to the next, by the side that it lies on. Sides are long, and steps are many.</summary>
/// <param name="Side">The corner where the side begins.</param>
/// <param name="At">Steps from there.</param>
internal readonly record struct OutlinePlace(int Side, int At);

/// <summary>What lies at the places of an outline; the mask lies to the right of the way.</summary>
internal static class ContourSides
{
    /// <summary>Steps all around.</summary>
    public static long Perimeter(Contour contour)
    {
        long steps = 0;
        for (int side = 0; side < contour.Points.Count; side++) steps += Length(contour, side);
        return steps;
    }

    /// <summary>Steps of a side.</summary>
    public static int Length(Contour contour, int side)
    {
        var (a, b) = Ends(contour, side);
        return Math.Abs(b.X - a.X) + Math.Abs(b.Y - a.Y);
    }

    /// <summary>Where a side begins and ends.</summary>
    public static ((int X, int Y) From, (int X, int Y) To) Ends(Contour contour, int side) =>
        (contour.Points[side], contour.Points[After(contour, side)]);

    /// <summary>The side behind one.</summary>
    public static int After(Contour contour, int side) => side + 1 == contour.Points.Count ? 0 : side + 1;

    /// <summary>The corner of a pixel where a step begins.</summary>
    public static (int X, int Y) CornerOf(Contour contour, OutlinePlace place)
    {
        var (a, b) = Ends(contour, place.Side);
        return (a.X + place.At * Math.Sign(b.X - a.X), a.Y + place.At * Math.Sign(b.Y - a.Y));
    }

    /// <summary>The pixel of the mask beside a step: below it when it goes right, left of it when it goes down.</summary>
    public static (int X, int Y) PixelOf(Contour contour, OutlinePlace place)
    {
        var (a, b) = Ends(contour, place.Side);
        var (x, y) = CornerOf(contour, place);
        return (b.X < a.X || b.Y > a.Y ? x - 1 : x, b.X < a.X || b.Y < a.Y ? y - 1 : y);
    }
}
