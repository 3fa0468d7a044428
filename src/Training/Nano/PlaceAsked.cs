namespace SemanticSam.Training.Nano;

/// <summary>A prompt at a place of a sample, and the masks that answer it.</summary>
internal sealed class PlaceAsked
{
    /// <summary>Points, canvas pixels.</summary>
    public required IReadOnlyList<PlacePoint> Points { get; init; }

    /// <summary>Masks of the sample that answer, the one that was meant first.</summary>
    public required IReadOnlyList<int> Masks { get; init; }

    /// <summary>For each of <see cref="Masks"/> the level that shall draw it; empty for a prompt with a box, and for a click on nothing.</summary>
    public IReadOnlyList<int> Levels { get; init; } = [];

    /// <summary>Center and size of a given box, canvas pixels; null for none.</summary>
    public float[]? Box { get; init; }

    /// <summary>[Size / 4, Size / 4], 0 to 4: a given mask; null for none.</summary>
    public byte[]? Given { get; init; }
}

/// <summary>A point of a prompt.</summary>
/// <param name="X">Canvas pixels.</param>
/// <param name="Y">Canvas pixels.</param>
/// <param name="Inside">Whether it belongs to the thing.</param>
/// <param name="Clicked">Whether somebody clicked it; else it only tells where a box or mask lies.</param>
internal readonly record struct PlacePoint(float X, float Y, bool Inside, bool Clicked);

/// <summary>A mask that answers prompts.</summary>
/// <param name="Plane">[Size / 4, Size / 4], 0 to 4: quarters of a cell that it covers.</param>
/// <param name="Weight">How much it counts: less for approximate masks.</param>
internal sealed record PlaceMask(byte[] Plane, float Weight);
