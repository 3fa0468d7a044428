namespace SemanticSam.Masks;

/// <summary>Evenly spaced prompts for segmenting everything (SAM's <c>build_point_grid</c>, <c>build_all_layer_point_grids</c>).</summary>
internal static class PointGrid
{
    /// <summary>Centers of the cells of a square grid, relative to the image's sides, x fastest.</summary>
    /// <param name="pointsPerSide">At least 1.</param>
    /// <returns>pointsPerSide^2 points in (0, 1) x (0, 1).</returns>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1 point a side.</exception>
    public static (double X, double Y)[] Build(int pointsPerSide)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pointsPerSide, 1);
        double first = 1.0 / (2 * pointsPerSide), last = 1 - first, step = (last - first) / (pointsPerSide - 1);
        // In the order of operations of numpy's linspace, which sets the last value instead of computing it.
        double At(int i) => i == 0 ? first : i == pointsPerSide - 1 ? last : i * step + first;
        var grid = new (double, double)[pointsPerSide * pointsPerSide];
        for (int i = 0; i < grid.Length; i++) grid[i] = (At(i % pointsPerSide), At(i / pointsPerSide));
        return grid;
    }

    /// <summary>One grid a crop layer, each with pointsPerSide / scalePerLayer^layer points a side, rounded down.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A layer would have no point (the reference divides by zero there).</exception>
    public static (double X, double Y)[][] BuildLayers(int pointsPerSide, int layers, int scalePerLayer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layers);
        ArgumentOutOfRangeException.ThrowIfLessThan(scalePerLayer, 1);
        var grids = new (double, double)[layers + 1][];
        for (int layer = 0; layer <= layers; layer++)
        {
            int points = (int)(pointsPerSide / Math.Pow(scalePerLayer, layer));
            if (points < 1)
                throw new ArgumentOutOfRangeException(nameof(pointsPerSide), pointsPerSide,
                    $"Layer {layer} at a scale of {scalePerLayer} a layer would have no point a side.");
            grids[layer] = Build(points);
        }
        return grids;
    }
}
