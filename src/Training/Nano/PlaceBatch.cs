using SemanticSam.Granularity.Nano;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano;

/// <summary>The prompts at places of a batch in plain memory: every sample has the same number of places, some of them empty.</summary>
internal sealed class PlaceBatch
{
    private const float GivenLogit = 3;
    private const int Cell = NanoModel.Stride;

    private readonly float[] _points, _inside, _outside, _clicks, _boxes, _hasBox, _weights;
    private readonly float[]? _previous;
    private readonly long[] _meant;
    private readonly int _samples, _queries, _width, _cells;

    /// <param name="samples">For each sample its prompts.</param>
    /// <param name="weights">For each sample how much each of its masks counts.</param>
    /// <param name="queries">Places a sample.</param>
    /// <param name="width">Places for points a prompt.</param>
    /// <param name="cells">Cells of the finest level.</param>
    public PlaceBatch(IReadOnlyList<IReadOnlyList<PlaceAsked>> samples, IReadOnlyList<IReadOnlyList<PlaceMask>> weights, int queries, int width, int cells)
    {
        (_samples, _queries, _width, _cells) = (samples.Count, queries, width, cells);
        int all = samples.Count * queries;
        _points = new float[all * width * 2];
        (_inside, _outside, _clicks) = (new float[all * width], new float[all * width], new float[all * width]);
        (_boxes, _hasBox, _weights, _meant) = (new float[all * 4], new float[all], new float[all], new long[all]);
        Array.Fill(_boxes, 1);
        if (samples.Any(s => s.Any(p => p.Given is not null))) _previous = new float[all * cells];
        for (int b = 0; b < samples.Count; b++)
            for (int q = 0; q < samples[b].Count; q++) Put(samples[b][q], b * queries + q, weights[b][samples[b][q].Masks[0]].Weight);
    }

    /// <summary>The prompts as tensors.</summary>
    public PlacePrompts ToPrompts(Device device) => new(Floats(_points, device, _width, 2), Floats(_inside, device, _width), Floats(_outside, device, _width),
        Floats(_clicks, device, _width),
        Floats(_boxes, device, 4), tensor(_hasBox, _samples, _queries).to(device),
        _previous is null ? zeros([_samples, _queries, 1], device: device).expand(-1, -1, _cells) : Floats(_previous, device, _cells));

    /// <summary>[B, Q]: the mask that was meant.</summary>
    public Tensor Meant(Device device) => tensor(_meant, _samples, _queries).to(device);

    /// <summary>[B, Q]: how much a prompt counts; 0 for an empty place.</summary>
    public Tensor Weights(Device device) => tensor(_weights, _samples, _queries).to(device);

    private void Put(PlaceAsked asked, int at, float weight)
    {
        (_weights[at], _meant[at]) = (weight, asked.Masks[0]);
        float inside = asked.Points.Count(p => p.Inside), outside = asked.Points.Count - inside;
        for (int k = 0; k < asked.Points.Count; k++)
        {
            var point = asked.Points[k];
            int place = at * _width + k;
            (_points[2 * place], _points[2 * place + 1]) = (point.X / Cell, point.Y / Cell);
            if (point.Inside) _inside[place] = 1 / inside;
            else _outside[place] = 1 / outside;
            if (point.Clicked) _clicks[place] = point.Inside ? 1 : -1;
        }
        if (asked.Box is { } box)
        {
            _hasBox[at] = 1;
            for (int i = 0; i < 4; i++) _boxes[4 * at + i] = box[i] / Cell;
        }
        if (asked.Given is { } given)
            for (int i = 0; i < given.Length; i++) _previous![at * _cells + i] = (given[i] / 2f - 1) * GivenLogit;
    }

    private Tensor Floats(float[] values, Device device, params long[] rest) => tensor(values, [_samples, _queries, .. rest]).to(device);
}

/// <summary>Which small network shall draw which mask: M pairs a sample, some of them empty.</summary>
internal sealed class PlaceMatches
{
    private readonly long[] _query, _slot, _mask;
    private readonly float[] _weight;
    private readonly int _samples;

    public PlaceMatches(IReadOnlyList<NanoSample> samples)
    {
        _samples = samples.Count;
        Count = Math.Max(1, samples.Max(s => s.Clicks.Sum(c => c.Levels.Count)));
        (_query, _slot, _mask, _weight) = (new long[_samples * Count], new long[_samples * Count], new long[_samples * Count], new float[_samples * Count]);
        Meant = new bool[_weight.Length];
        for (int b = 0; b < _samples; b++)
        {
            int at = b * Count;
            for (int q = 0; q < samples[b].Clicks.Count; q++)
            {
                var click = samples[b].Clicks[q];
                for (int i = 0; i < click.Levels.Count; i++, at++)
                    (_query[at], _slot[at], _mask[at], _weight[at], Meant[at]) =
                        (q, click.Levels[i], click.Masks[i], samples[b].Masks[click.Masks[i]].Weight, i == 0);
            }
        }
    }

    /// <summary>Pairs a sample.</summary>
    public int Count { get; }

    /// <summary>[B, M]: whether a pair's mask is the one that was meant.</summary>
    public bool[] Meant { get; }

    /// <summary>The prompt of a pair.</summary>
    public int Query(int sample, int pair) => (int)_query[sample * Count + pair];

    /// <summary>The mask of a pair.</summary>
    public int Mask(int sample, int pair) => (int)_mask[sample * Count + pair];

    /// <summary>[B, M] each: prompt, network and mask of each pair, and how much it counts.</summary>
    public (Tensor Query, Tensor Slot, Tensor Mask, Tensor Weight) ToTensors(Device device) =>
        (tensor(_query, _samples, Count).to(device), tensor(_slot, _samples, Count).to(device),
        tensor(_mask, _samples, Count).to(device), tensor(_weight, _samples, Count).to(device));
}
