using SemanticSam.Granularity.Layers;

namespace SemanticSam.Granularity.Nano;

/// <summary>The cells of one image as <see cref="FusedPlaces"/> attends to them.</summary>
internal sealed class PackedCells
{
    /// <summary>Logit of what fills up the last vector: no query sees it.</summary>
    private const float Nowhere = -1e30f;

    private readonly PackedLinear[] _keys, _values; // of each head

    /// <param name="cells">Of one image, in float32.</param>
    public PackedCells(AttendedCells cells)
    {
        float[] keys = TensorValues.Floats(cells.Keys), values = TensorValues.Floats(cells.Values);
        int heads = (int)cells.Keys.shape[1], count = (int)cells.Keys.shape[2], width = (int)cells.Keys.shape[3];
        _keys = [.. Enumerable.Range(0, heads).Select(h => new PackedLinear(keys, new(h * count * width, count, width, width, 1), beyond: Nowhere))];
        _values = [.. Enumerable.Range(0, heads).Select(h => new PackedLinear(values, new(h * count * width, width, 1, count, width)))];
    }

    /// <summary>Logits that a query has, filled up to whole vectors.</summary>
    public int Logits => _keys[0].Width;

    /// <summary>What it holds.</summary>
    public long Bytes => _keys.Sum(k => k.Bytes) + _values.Sum(v => v.Bytes);

    /// <summary>What queries find.</summary>
    /// <param name="queries">[count, heads * d], scaled.</param>
    /// <param name="found">[count, heads * d].</param>
    /// <param name="count">How many queries.</param>
    /// <param name="logits">[count * <see cref="Logits"/>] to work in.</param>
    public void Attend<T>(ReadOnlySpan<float> queries, Span<float> found, int count, Span<float> logits) where T : struct, ILanes<T>
    {
        int width = queries.Length / count, head = width / _keys.Length;
        Span<float> sums = stackalloc float[count];
        for (int h = 0; h < _keys.Length; h++)
        {
            _keys[h].Run<T>(queries[(h * head)..], width, logits, Logits, count);
            for (int q = 0; q < count; q++) sums[q] = Softmax.Exponentiate<T>(logits.Slice(q * Logits, Logits));
            _values[h].Run<T>(logits, Logits, found[(h * head)..], width, count);
            for (int q = 0; q < count; q++)
                foreach (ref float value in found.Slice(q * width + h * head, head)) value /= sums[q];
        }
    }
}
