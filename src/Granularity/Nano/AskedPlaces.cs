using SemanticSam.Granularity.Layers;

namespace SemanticSam.Granularity.Nano;

/// <summary>Prompts of one image in the memory of the processor, as <see cref="FusedPlaces"/> reads them.</summary>
internal sealed class AskedPlaces
{
    private readonly AskedPlace[] _places;

    /// <param name="prompts">Of one image.</param>
    public AskedPlaces(PlacePrompts prompts)
    {
        int count = (int)prompts.Points.shape[1], points = (int)prompts.Points.shape[2];
        float[] at = TensorValues.Floats(prompts.Points), inside = TensorValues.Floats(prompts.Inside), outside = TensorValues.Floats(prompts.Outside);
        float[] boxes = TensorValues.Floats(prompts.Boxes), hasBox = TensorValues.Floats(prompts.HasBox);
        _places = [.. Enumerable.Range(0, count).Select(q =>
            new AskedPlace(Weighted(q, inside), Weighted(q, outside), boxes[(4 * q)..(4 * q + 4)], hasBox[q]))];

        List<WeightedPoint> Weighted(int place, float[] weights)
        {
            var some = new List<WeightedPoint>();
            for (int i = place * points; i < (place + 1) * points; i++)
                if (weights[i] != 0) some.Add(new(at[2 * i], at[2 * i + 1], weights[i]));
            return some;
        }
    }

    /// <summary>How many there are.</summary>
    public int Count => _places.Length;

    /// <summary>One of them.</summary>
    public AskedPlace this[int place] => _places[place];
}

/// <summary>A point to look at, in cells of the finest level, and how much it counts.</summary>
internal readonly record struct WeightedPoint(float X, float Y, float Weight);

/// <summary>What is asked at one place.</summary>
/// <param name="inside">Points that belong to the thing.</param>
/// <param name="outside">Points that do not.</param>
/// <param name="box">Center and size of a given box; ignored where there is none.</param>
/// <param name="hasBox">1 where a box is given.</param>
internal sealed class AskedPlace(IReadOnlyList<WeightedPoint> inside, IReadOnlyList<WeightedPoint> outside, float[] box, float hasBox)
{
    public IReadOnlyList<WeightedPoint> Inside => inside;

    public IReadOnlyList<WeightedPoint> Outside => outside;

    public float[] Box => box;

    /// <summary>Of the points inside, cells.</summary>
    public float CenterX { get; } = inside.Sum(p => p.X * p.Weight);

    /// <summary>Of the points inside, cells.</summary>
    public float CenterY { get; } = inside.Sum(p => p.Y * p.Weight);

    /// <summary>Where the place is, and what it has.</summary>
    /// <param name="longer">Longer side of the image, cells.</param>
    /// <param name="geometry">[<see cref="PlaceHead.GeometryWidth"/>].</param>
    public void WriteGeometry(float longer, Span<float> geometry)
    {
        (geometry[0], geometry[1]) = (CenterX / longer, CenterY / longer);
        for (int i = 0; i < 4; i++) geometry[2 + i] = box[i] / longer * hasBox;
        (geometry[6], geometry[7]) = (hasBox, outside.Sum(p => p.Weight));
    }
}
