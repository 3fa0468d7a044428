using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Layers;

/// <summary>
/// Multi-scale deformable attention (Deformable DETR, arXiv 2010.04159): every query looks at a few learned points around its
/// reference on each level of a feature pyramid. State-dict names: sampling_offsets, attention_weights, value_proj, output_proj.
/// </summary>
internal sealed class MultiScaleDeformableAttention : nn.Module
{
    private readonly long _heads, _levels, _points, _headWidth;
    private readonly Linear sampling_offsets, attention_weights, value_proj, output_proj;

    /// <summary>A layer with the initialization of its paper: offsets start on rays, one direction a head.</summary>
    /// <param name="width">Features of queries, values and outputs; a multiple of <paramref name="heads"/>.</param>
    /// <param name="levels">Levels of the pyramid.</param>
    /// <param name="heads">Attention heads.</param>
    /// <param name="points">Points a head and level.</param>
    /// <exception cref="ArgumentException"><paramref name="width"/> is not a multiple of <paramref name="heads"/>.</exception>
    public MultiScaleDeformableAttention(long width, long levels, long heads, long points) : base(nameof(MultiScaleDeformableAttention))
    {
        if (width % heads != 0)
            throw new ArgumentException($"The width must be a multiple of the {heads} heads, it is {width}.", nameof(width));
        (_heads, _levels, _points, _headWidth) = (heads, levels, points, width / heads);
        sampling_offsets = nn.Linear(width, heads * levels * points * 2);
        attention_weights = nn.Linear(width, heads * levels * points);
        value_proj = nn.Linear(width, width);
        output_proj = nn.Linear(width, width);
        RegisterComponents();
        Initialize();
    }

    /// <summary>The whole layer: projects the values, then <see cref="Attend"/>.</summary>
    /// <param name="query">[B, Q, width], position already added.</param>
    /// <param name="references">[B, Q, levels or 1, 2 or 4], see <see cref="Attend"/>.</param>
    /// <param name="source">[B, S, width], the cells of all levels, one level after another.</param>
    /// <param name="shapes">Sizes of the levels.</param>
    /// <param name="padding">[B, S], true where a cell is padding and contributes nothing; null for no padding.</param>
    /// <returns>[B, Q, width].</returns>
    public Tensor forward(Tensor query, Tensor references, Tensor source, IReadOnlyList<LevelShape> shapes, Tensor? padding = null)
    {
        using var scope = NewDisposeScope();
        return Attend(query, references, ProjectValues(source, padding), shapes).MoveToOuterDisposeScope();
    }

    /// <summary>The values of a memory, which do not depend on the queries: a caller that asks a memory often keeps them.</summary>
    /// <param name="source">[B, S, width].</param>
    /// <param name="padding">[B, S], true where a cell is padding; null for none.</param>
    /// <returns>[B, S, heads, width / heads].</returns>
    public Tensor ProjectValues(Tensor source, Tensor? padding = null)
    {
        using var scope = NewDisposeScope();
        var value = value_proj.call(source);
        if (padding is not null) value = value.masked_fill(padding.unsqueeze(-1), 0);
        return value.view(source.shape[0], source.shape[1], _heads, _headWidth).MoveToOuterDisposeScope();
    }

    /// <summary>Attention of queries to projected values.</summary>
    /// <param name="query">[B, Q, width], position already added.</param>
    /// <param name="references">
    /// [B, Q, levels or 1, 2] centers (x, y), whose offsets count in cells; or [B, Q, levels or 1, 4] boxes (cx, cy, w, h), whose
    /// offsets count in half boxes over the number of points. All relative to the map, 0..1.
    /// </param>
    /// <param name="values">[B, S, heads, width / heads] of <see cref="ProjectValues"/>.</param>
    /// <param name="shapes">Sizes of the levels.</param>
    /// <returns>[B, Q, width].</returns>
    /// <exception cref="ArgumentException">References have neither 2 nor 4 numbers, or the levels or cells do not fit.</exception>
    public Tensor Attend(Tensor query, Tensor references, Tensor values, IReadOnlyList<LevelShape> shapes)
    {
        Check(references, values, shapes);
        using var scope = NewDisposeScope();
        long batch = query.shape[0], queries = query.shape[1];
        var offsets = sampling_offsets.call(query).view(batch, queries, _heads, _levels, _points, 2);
        var weights = attention_weights.call(query).view(batch, queries, _heads, _levels * _points)
            .softmax(-1).view(batch, queries, _heads, _levels, _points);
        var sampled = DeformableSampling.Sample(values, shapes, Locations(references, offsets, shapes), weights);
        return output_proj.call(sampled).MoveToOuterDisposeScope();
    }

    /// <returns>[B, Q, heads, levels, points, 2].</returns>
    private Tensor Locations(Tensor references, Tensor offsets, IReadOnlyList<LevelShape> shapes)
    {
        var around = references.unsqueeze(2).unsqueeze(4); // [B, Q, 1, levels or 1, 1, 2 or 4]
        if (references.shape[^1] == 2)
            return around + offsets / SizesOf(shapes, offsets);
        var extent = around.narrow(-1, 2, 2) * (0.5 / _points);
        return around.narrow(-1, 0, 2) + offsets * extent;
    }

    /// <returns>[levels, 1, 2] as (width, height).</returns>
    private static Tensor SizesOf(IReadOnlyList<LevelShape> shapes, Tensor like)
    {
        var sizes = new float[shapes.Count * 2];
        for (int l = 0; l < shapes.Count; l++)
            (sizes[2 * l], sizes[2 * l + 1]) = (shapes[l].Width, shapes[l].Height);
        return tensor(sizes, [shapes.Count, 1, 2], like.dtype, like.device);
    }

    private void Check(Tensor references, Tensor values, IReadOnlyList<LevelShape> shapes)
    {
        if (references.shape[^1] is not (2 or 4))
            throw new ArgumentException($"A reference has 2 numbers (x, y) or 4 (cx, cy, w, h), not {references.shape[^1]}.", nameof(references));
        if (shapes.Count != _levels)
            throw new ArgumentException($"This layer looks at {_levels} levels, {shapes.Count} were given.", nameof(shapes));
        long cells = shapes.Sum(s => s.Count);
        if (cells != values.shape[1])
            throw new ArgumentException($"The levels have {cells} cells, the values {values.shape[1]}.", nameof(shapes));
    }

    private void Initialize()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var rays = new float[_heads * _levels * _points * 2];
        int at = 0;
        for (long head = 0; head < _heads; head++)
        {
            double angle = head * 2 * Math.PI / _heads, x = Math.Cos(angle), y = Math.Sin(angle);
            double reach = Math.Max(Math.Abs(x), Math.Abs(y)); // the ray ends on the unit square
            for (long level = 0; level < _levels; level++)
                for (long point = 1; point <= _points; point++)
                {
                    rays[at++] = (float)(x / reach * point);
                    rays[at++] = (float)(y / reach * point);
                }
        }
        nn.init.zeros_(sampling_offsets.weight);
        sampling_offsets.bias!.copy_(tensor(rays, [rays.Length]));
        nn.init.zeros_(attention_weights.weight);
        nn.init.zeros_(attention_weights.bias!);
        foreach (var projection in new[] { value_proj, output_proj })
        {
            nn.init.xavier_uniform_(projection.weight);
            nn.init.zeros_(projection.bias!);
        }
    }
}
