using SemanticSam.Granularity.Layers;
using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.Granularity.Nano;

/// <summary>
/// From prompts at places to small networks that draw masks, as CondInst does (Tian et al., arXiv 2003.05664): one for each of the six
/// levels that a click may mean, or a single one where a box or an earlier answer says how large the thing is.
/// </summary>
internal sealed class PlaceHead : Module, IFreezable
{
    /// <summary>Maps that each prompt adds to the mask features: likeness to what is inside and outside, clicks, earlier answer, box.</summary>
    public const int PromptMaps = 5;

    /// <summary>Numbers that say where a prompt is, and what it has.</summary>
    public const int GeometryWidth = 8;

    /// <summary>How far a frame moves at most, in halves of its sides, and in logarithms of its size.</summary>
    public const float MostOffset = 2;

    /// <summary>Side of the smallest frame that moves, cells.</summary>
    public const float LeastFrame = 2;

    private readonly Linear places, network, offset;
    private readonly ModuleList<Linear> inner, outer;
    private readonly ModuleList<CellAttention> looks;
    private readonly Linear? where;
    private readonly Parameter level;
    private readonly NanoConfig _config;
    private PlaceWeights? _packed;

    public PlaceHead(NanoConfig config) : base(nameof(PlaceHead))
    {
        _config = config;
        int width = config.QueryWidth, seen = ResNet18.Stages * config.PyramidWidth;
        places = NanoLayers.Linear(2 * seen + ResNet18.LastWidth(config.BackboneWidth) + GeometryWidth, width);
        inner = new(NanoLayers.Linear(width, width), NanoLayers.Linear(width, width));
        outer = new(NanoLayers.Linear(width, width, 0.3 / Math.Sqrt(width)), NanoLayers.Linear(width, width, 0.3 / Math.Sqrt(width)));
        looks = new([.. Enumerable.Range(0, config.PlaceLooks).Select(_ => new CellAttention(width, config.PyramidWidth, config.LookWidth, 0))]);
        where = config.PlaceLooks > 0 ? NanoLayers.Linear(config.PyramidWidth, width) : null;
        network = NanoLayers.Linear(width, DynamicMasks.Parameters(config), 0.2 / Math.Sqrt(width));
        offset = NanoLayers.Linear(width, 4, 0.02 / Math.Sqrt(width));
        using var quiet = no_grad();
        level = ModuleTensors.Parameter(randn([config.LevelSizes.Count + 1, width]) * 0.5);
        RegisterComponents();
    }

    /// <summary>What computes the same for one image on the processor; null where the tensor library has to.</summary>
    /// <param name="features">The encoded image; has to outlive what is returned.</param>
    public FusedPlaces? Fuse(NanoFeatures features) =>
        _packed is { } weights && FusedPlaces.Serves(_config, features) ? new FusedPlaces(_config, weights, features) : null;

    public void Freeze() => _packed = level.device_type == TorchSharp.DeviceType.CPU ? Pack() : null;

    public override void train(bool train = true)
    {
        if (train) _packed = null;
        base.train(train);
    }

    /// <summary>What queries can look at, once for each look.</summary>
    /// <param name="level">[B, PyramidWidth, H, W]: a level of the pyramid.</param>
    public AttendedCells[] Remember(Tensor level)
    {
        if (looks.Count == 0) return [];
        Tensor cells = level.to(ScalarType.Float32).flatten(2).transpose(1, 2).contiguous(); // [B, T, PyramidWidth]
        Tensor positioned = cells + CellPositions.Of(level.shape[2], level.shape[3], _config.PyramidWidth, level.device);
        return [.. looks.Select(look => look.Remember(cells, positioned))];
    }

    /// <summary>The small networks of each prompt.</summary>
    /// <param name="features">Encoded images.</param>
    /// <param name="prompts">What is asked.</param>
    /// <param name="given">True for the one network of prompts with a box, false for one a level.</param>
    public PlaceNetworks Run(NanoFeatures features, PlacePrompts prompts, bool given)
    {
        long batch = prompts.Points.shape[0], queries = prompts.Points.shape[1], longer = Math.Max(features.Height, features.Width);
        Tensor seen = Look(features, prompts.Points); // [B, Q, K, 4 * width]
        Tensor inside = (seen * prompts.Inside.unsqueeze(-1)).sum(2), outside = (seen * prompts.Outside.unsqueeze(-1)).sum(2);
        Tensor center = (prompts.Points * prompts.Inside.unsqueeze(-1)).sum(2); // [B, Q, 2]
        Tensor start = given ? prompts.Boxes.unsqueeze(2) : Nominal(center, longer); // [B, Q, S, 4]
        Tensor geometry = cat(
            [center / longer, prompts.Boxes / longer * prompts.HasBox.unsqueeze(-1), prompts.HasBox.unsqueeze(-1), prompts.Outside.sum(-1, keepdim: true)], -1);
        Tensor global = features.Global.unsqueeze(1).expand(batch, queries, -1);
        Tensor query = functional.relu(places.forward(cat([inside, outside, global, geometry], -1))).unsqueeze(2); // [B, Q, 1, width]
        long levels = _config.LevelSizes.Count;
        query = query + (given ? level.slice(0, levels, levels + 1, 1) : level.slice(0, 0, levels, 1));
        Tensor? place = where?.forward(CellPositions.At(center / longer, _config.PyramidWidth)).unsqueeze(2); // [B, Q, 1, width]
        for (int i = 0; i < Math.Max(inner.Count, looks.Count); i++)
        {
            if (i < looks.Count) query = query + looks[i].Run((query + place!).flatten(1, 2), features.Cells[i]).view(query.shape);
            if (i < inner.Count) query = query + outer[i].forward(functional.relu(inner[i].forward(query)));
        }
        Tensor moved = offset.forward(query).clamp(-MostOffset, MostOffset);
        Tensor size = start.slice(-1, 2, 4, 1).clamp_min(LeastFrame);
        Tensor frames = cat([start.slice(-1, 0, 2, 1) + moved.slice(-1, 0, 2, 1) * size / 2, size * moved.slice(-1, 2, 4, 1).exp()], -1);
        return new(query, network.forward(query), frames, moved);
    }

    private PlaceWeights Pack()
    {
        int seen = ResNet18.Stages * _config.PyramidWidth, image = ResNet18.LastWidth(_config.BackboneWidth);
        int width = _config.QueryWidth, inputs = 2 * seen + image + GeometryWidth;
        float[] matrix = TensorValues.Floats(places.weight!);
        return new(Slice(0, seen), Slice(seen, seen), Slice(2 * seen, image, TensorValues.Floats(places.bias!)), Slice(2 * seen + image, GeometryWidth),
            TensorValues.Floats(level), where is null ? null : NanoLayers.Pack(where), [.. looks.Select(l => l.Pack())],
            [.. inner.Zip(outer).Select(p => (NanoLayers.Pack(p.First), NanoLayers.Pack(p.Second)))], NanoLayers.Pack(offset), NanoLayers.Pack(network));

        PackedLinear Slice(int first, int count, float[]? bias = null) => new(matrix, new(first, width, inputs, count, 1), bias);
    }

    /// <summary>Where a level's frame begins: a square of its nominal size round the clicks.</summary>
    private Tensor Nominal(Tensor center, long longer)
    {
        Tensor sizes = tensor(_config.LevelSizes.Select(s => (float)(s * longer)).ToArray()).to(center.device); // [S]
        Tensor square = sizes.view(1, 1, -1, 1).expand(center.shape[0], center.shape[1], -1, 2);
        return cat([center.unsqueeze(2).expand(-1, -1, sizes.shape[0], -1), square], -1);
    }

    /// <summary>The pyramid's features at points, [B, Q, K, levels * width].</summary>
    private static Tensor Look(NanoFeatures features, Tensor points)
    {
        Tensor scale = tensor(new[] { 2f / features.Width, 2f / features.Height }).to(points.device);
        Tensor grid = (points * scale - 1).view(points.shape[0], 1, -1, 2); // [B, 1, Q K, 2]
        var seen = features.Levels.Select(l => functional.grid_sample(l.to(ScalarType.Float32), grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Border,
            align_corners: false).squeeze(2));
        return cat([.. seen], 1).transpose(1, 2).view(points.shape[0], points.shape[1], points.shape[2], -1);
    }
}
