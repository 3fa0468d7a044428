using SemanticSam.Granularity.Layers;

namespace SemanticSam.Granularity.Nano;

/// <summary>The weights of a <see cref="PlaceHead"/> in the order in which <see cref="FusedPlaces"/> reads them.</summary>
/// <param name="Inside">Of the first layer: for what the points inside show.</param>
/// <param name="Outside">Likewise, for the points outside.</param>
/// <param name="Image">Likewise, for what the whole image is about; has the layer's bias.</param>
/// <param name="Geometry">Likewise, for where the prompt is.</param>
/// <param name="Levels">[levels + 1, QueryWidth]: what is added for each level, and where a size is given.</param>
/// <param name="Where">From the sines of a place to what is added to a query that looks; null for a network that does not look.</param>
/// <param name="Looks">What is in front of the cells and behind them.</param>
/// <param name="Steps">The two layers of each residual step.</param>
/// <param name="Offset">How the frame moves.</param>
/// <param name="Network">The small network.</param>
internal sealed record PlaceWeights(PackedLinear Inside, PackedLinear Outside, PackedLinear Image, PackedLinear Geometry, float[] Levels, PackedLinear? Where,
    IReadOnlyList<(PackedLinear Query, PackedLinear Output)> Looks, IReadOnlyList<(PackedLinear Inner, PackedLinear Outer)> Steps, PackedLinear Offset,
    PackedLinear Network);
