namespace SemanticSam.Granularity.Layers;

/// <summary>Size of one level of a feature pyramid, in cells.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
internal readonly record struct LevelShape(long Height, long Width)
{
    /// <summary>Number of cells, which is the number of tokens the level contributes to a flattened pyramid.</summary>
    public long Count => Height * Width;
}
