namespace SemanticSam.Training.Samples;

/// <summary>How images and annotations become training samples.</summary>
internal sealed record SampleOptions
{
    /// <summary>Side of the square canvas, pixels; a multiple of 32.</summary>
    public int Size { get; init; } = 256;

    /// <summary>Share of samples that show the whole image; the others show a region of it.</summary>
    public double WholeImages { get; init; } = 0.25;

    /// <summary>Least side of a region, relative to the image's longer side. Parts are small: near views of them are most of what teaches them.</summary>
    public double LeastRegion { get; init; } = 0.4;

    /// <summary>Clicks an image.</summary>
    public int Clicks { get; init; } = 10;

    /// <summary>Share of clicks at the innermost pixel of their mask; the others fall anywhere inside.</summary>
    public double CenteredClicks { get; init; } = 0.7;

    /// <summary>Noisy boxes an image.</summary>
    public int Boxes { get; init; } = 3;

    /// <summary>Most masks a click may be answered with, the number of the decoder's mask tokens.</summary>
    public int MasksOfClick { get; init; } = 6;

    /// <summary>Most masks of an image that take part.</summary>
    public int MostMasks { get; init; } = 40;

    /// <summary>Pixels of the canvas below which a mask does not take part.</summary>
    public int LeastPixels { get; init; } = 12;

    /// <summary>Most names of what is there.</summary>
    public int PresentNames { get; init; } = 12;

    /// <summary>Names of what is not there, at most.</summary>
    public int AbsentNames { get; init; } = 6;

    /// <summary>Points spread evenly over the canvas at which masks are compared.</summary>
    public int UniformPoints { get; init; } = 384;

    /// <summary>Points in and around the box of each mask.</summary>
    public int BoxPoints { get; init; } = 14;

    /// <summary>Points inside each mask.</summary>
    public int InnerPoints { get; init; } = 10;

    /// <summary>Points near the edge of each mask.</summary>
    public int EdgePoints { get; init; } = 24;

    /// <summary>Most points of an image; where masks are many, some of theirs are left out.</summary>
    public int MostPoints { get; init; } = 1500;

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range; the message names it.</exception>
    public void Validate()
    {
        if (Size < 64 || Size % 32 != 0)
            throw new ArgumentOutOfRangeException(nameof(Size), Size, "The canvas has to be a multiple of 32 pixels and at least 64.");
        if (!(WholeImages is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(WholeImages), WholeImages, "A share is between 0 and 1.");
        if (!(LeastRegion is > 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(LeastRegion), LeastRegion, "A region is between 0, exclusive, and the whole side, 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(Clicks, 1);
        if (!(CenteredClicks is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(CenteredClicks), CenteredClicks, "A share is between 0 and 1.");
        ArgumentOutOfRangeException.ThrowIfNegative(Boxes);
        ArgumentOutOfRangeException.ThrowIfLessThan(MasksOfClick, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MostMasks, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(LeastPixels, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(PresentNames);
        ArgumentOutOfRangeException.ThrowIfNegative(AbsentNames);
        ArgumentOutOfRangeException.ThrowIfLessThan(UniformPoints, 1);
        if (MostPoints < UniformPoints)
            throw new ArgumentOutOfRangeException(nameof(MostPoints), MostPoints, $"At least the {UniformPoints} points spread over the canvas have to fit.");
    }
}
