using SemanticSam.Granularity.Layers;

namespace SemanticSam.Granularity.Nano;

/// <summary>The small networks of places while <see cref="FusedPlaces"/> finds them; several threads may put different ones.</summary>
/// <param name="count">How many.</param>
/// <param name="config">Sizes.</param>
internal sealed class FoundNetworks(int count, NanoConfig config)
{
    private readonly int _size = DynamicMasks.Parameters(config);
    private readonly float[] _queries = new float[count * config.QueryWidth], _weights = new float[count * DynamicMasks.Parameters(config)];
    private readonly float[] _frames = new float[count * 4], _offsets = new float[count * 4];

    /// <summary>Puts one there.</summary>
    /// <param name="index">Which it is.</param>
    /// <param name="query">[QueryWidth].</param>
    /// <param name="weights">Of the small network; what comes after them is ignored.</param>
    /// <param name="offset">How the frame wants to move; likewise.</param>
    /// <param name="start">Center and size of the frame before it moves.</param>
    public void Put(int index, ReadOnlySpan<float> query, ReadOnlySpan<float> weights, ReadOnlySpan<float> offset, ReadOnlySpan<float> start)
    {
        query.CopyTo(_queries.AsSpan(index * query.Length));
        weights[.._size].CopyTo(_weights.AsSpan(index * _size));
        Span<float> moved = _offsets.AsSpan(4 * index, 4), frame = _frames.AsSpan(4 * index, 4);
        for (int i = 0; i < 4; i++) moved[i] = Math.Clamp(offset[i], -PlaceHead.MostOffset, PlaceHead.MostOffset);
        for (int axis = 0; axis < 2; axis++)
        {
            float side = Math.Max(start[axis + 2], PlaceHead.LeastFrame);
            frame[axis] = start[axis] + moved[axis] * side / 2;
            frame[axis + 2] = side * MathF.Exp(moved[axis + 2]);
        }
    }

    /// <summary>All of them, in the caller's dispose scope.</summary>
    /// <param name="places">Places they are of.</param>
    /// <param name="slots">Networks of each place.</param>
    public PlaceNetworks ToTensors(long places, long slots) => new(
        TensorValues.Of(_queries, 1, places, slots, config.QueryWidth), TensorValues.Of(_weights, 1, places, slots, _size),
        TensorValues.Of(_frames, 1, places, slots, 4), TensorValues.Of(_offsets, 1, places, slots, 4));
}
