using SemanticSam.Formats;

namespace SemanticSam.Training.Nano;

/// <summary>An image as training sees it, with what is asked of it.</summary>
internal sealed class NanoSample
{
    /// <summary>The image.</summary>
    public required AnnotatedImage Image { get; init; }

    /// <summary>Blue, green, red, [Size, Size, 3].</summary>
    public required byte[] Pixels { get; init; }

    /// <summary>[Size / 4, Size / 4], 0 to 4: quarters of a cell that show the image.</summary>
    public required byte[] Valid { get; init; }

    /// <summary>Clicks, answered by all levels.</summary>
    public required IReadOnlyList<PlaceAsked> Clicks { get; init; }

    /// <summary>Boxes and masks that are given, each with one answer.</summary>
    public required IReadOnlyList<PlaceAsked> Regions { get; init; }

    /// <summary>The masks that answer clicks and regions.</summary>
    public required IReadOnlyList<PlaceMask> Masks { get; init; }

    /// <summary>The names asked.</summary>
    public required IReadOnlyList<AskedName> Names { get; init; }
}

/// <summary>A name asked of a sample.</summary>
/// <param name="Query">Which.</param>
/// <param name="Row">The sentence embedding of the phrase that was drawn for it.</param>
/// <param name="Weight">How much it counts: less for a name that may be there unlabeled.</param>
/// <param name="Mask">[Size / 4, Size / 4], 0 to 4: quarters of a cell that it covers, or <see cref="Unknown"/>; null for a name that is not there.</param>
internal sealed record AskedName(int Query, int Row, float Weight, byte[]? Mask)
{
    /// <summary>In a mask: nobody knows whether the name is in this cell.</summary>
    public const byte Unknown = 255;

    /// <summary>Whether it is unknown if the image shows the name; its mask tells where it surely is not.</summary>
    public bool IsOpen { get; init; }
}
