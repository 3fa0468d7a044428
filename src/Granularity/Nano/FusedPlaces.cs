using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SemanticSam.Granularity.Layers;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>
/// What <see cref="PlaceHead"/> computes, on the processor, for one image: some places go through all layers before the next ones come. The tensor library
/// takes sixty operators for it, each of which takes longer to begin with than to compute.
/// </summary>
internal sealed class FusedPlaces : IDisposable
{
    private const int RowsAtOnce = 24; // three blocks of rows; the six levels of four places

    private readonly NanoConfig _config;
    private readonly PlaceWeights _weights;
    private readonly Tensor[] _levels; // [H, W, PyramidWidth] each, in the memory of the image where it lies so
    private readonly PackedCells[] _cells;
    private readonly float[] _image; // what the whole image adds to the first layer
    private readonly float[] _rates;
    private readonly int _width, _height;
    private readonly long _copied; // bytes of levels that had to be brought into order

    /// <param name="config">Sizes.</param>
    /// <param name="weights">Of the network.</param>
    /// <param name="features">The encoded image; has to outlive this object.</param>
    public FusedPlaces(NanoConfig config, PlaceWeights weights, NanoFeatures features)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        (_config, _weights, _height, _width) = (config, weights, (int)features.Height, (int)features.Width);
        _levels = [.. features.Levels.Select(l => l.squeeze(0).permute(1, 2, 0).contiguous().DetachFromDisposeScope())]; // those in channels-last order stay
        _copied = features.Levels.Where(l => !l.permute(0, 2, 3, 1).is_contiguous()).Sum(l => l.numel() * sizeof(float));
        _cells = [.. features.Cells.Select(c => new PackedCells(c))];
        _image = new float[weights.Image.Width];
        weights.Image.Run(TensorValues.Floats(features.Global), 0, _image, 0, 1);
        _rates = SineEncoding.Rates(config.PyramidWidth / 2);
    }

    /// <summary>What it holds beside the features.</summary>
    public long Bytes => _copied + _cells.Sum(c => c.Bytes);

    /// <summary>Whether this class can compute networks of these sizes for these images.</summary>
    public static bool Serves(NanoConfig config, NanoFeatures features) => features.Levels[0].shape[0] == 1
        && features.Levels.All(l => l.device_type == TorchSharp.DeviceType.CPU && l.dtype == ScalarType.Float32)
        && new[] { config.PyramidWidth, config.QueryWidth, config.LookWidth }.All(w => w % PackedLinear.Tile == 0);

    /// <summary>The small networks of each prompt.</summary>
    /// <param name="prompts">What is asked, of this image.</param>
    /// <param name="given">True for the one network of prompts with a box, false for one a level.</param>
    public PlaceNetworks Run(PlacePrompts prompts, bool given) =>
        Lanes16.AreFast ? Run<Lanes32>(prompts, given) : Run<Lanes8>(prompts, given);

    /// <summary>The same with lanes of a given width.</summary>
    public PlaceNetworks Run<T>(PlacePrompts prompts, bool given) where T : struct, ILanes<T>
    {
        var asked = new AskedPlaces(prompts);
        int slots = given ? 1 : _config.LevelSizes.Count, rows = asked.Count * slots, at = Math.Max(1, RowsAtOnce / slots);
        var found = new FoundNetworks(rows, _config);
        HostThreads.ForEach((asked.Count + at - 1) / at, part => Run<T>(asked, given, part * at, Math.Min(at, asked.Count - part * at), found));
        return found.ToTensors(asked.Count, slots);
    }

    public void Dispose()
    {
        foreach (var level in _levels) level.Dispose();
    }

    private void Run<T>(AskedPlaces asked, bool given, int first, int count, FoundNetworks found) where T : struct, ILanes<T>
    {
        int slots = given ? 1 : _config.LevelSizes.Count, rows = count * slots, width = _config.QueryWidth, look = _config.LookWidth;
        int logits = _cells.Length == 0 ? 0 : _cells.Max(c => c.Logits);
        var work = new Workspace(count * 2 * width + rows * (2 * width + 2 * look + logits + _weights.Network.Width + _weights.Offset.Width));
        Span<float> start = work.Take(count * width), where = work.Take(count * width), query = work.Take(rows * width), other = work.Take(rows * width);
        Span<float> asking = work.Take(rows * look), seen = work.Take(rows * look), weights = work.Take(rows * logits);
        First<T>(asked, first, count, start, where);
        for (int r = 0; r < rows; r++)
        {
            var level = _weights.Levels.AsSpan((given ? _config.LevelSizes.Count : r % slots) * width, width);
            Sum<T>(Of(start, r / slots), level, Of(query, r));
        }
        for (int i = 0; i < Math.Max(_weights.Steps.Count, _cells.Length); i++)
        {
            if (i < _cells.Length)
            {
                for (int r = 0; r < rows; r++) Sum<T>(Of(query, r), Of(where, r / slots), Of(other, r));
                _weights.Looks[i].Query.Run<T>(other, width, asking, look, rows);
                _cells[i].Attend<T>(asking, seen, rows, weights);
                _weights.Looks[i].Output.Run<T>(seen, look, query, width, rows, add: true);
            }
            if (i < _weights.Steps.Count)
            {
                _weights.Steps[i].Inner.Run<T>(query, width, other, width, rows);
                Rectify<T>(other);
                _weights.Steps[i].Outer.Run<T>(other, width, query, width, rows, add: true);
            }
        }
        Span<float> network = work.Take(rows * _weights.Network.Width), offset = work.Take(rows * _weights.Offset.Width);
        _weights.Network.Run<T>(query, width, network, _weights.Network.Width, rows);
        _weights.Offset.Run<T>(query, width, offset, _weights.Offset.Width, rows);
        int longer = Math.Max(_height, _width);
        for (int r = 0; r < rows; r++)
        {
            var place = asked[first + r / slots];
            float nominal = given ? 0 : (float)(_config.LevelSizes[r % slots] * longer);
            found.Put(first * slots + r, Of(query, r), network[(r * _weights.Network.Width)..], offset[(r * _weights.Offset.Width)..],
                given ? place.Box : [place.CenterX, place.CenterY, nominal, nominal]);
        }
        work.Dispose();

        Span<float> Of(Span<float> all, int row) => all.Slice(row * width, width);
    }

    /// <summary>The first layer of places, and what tells a query where it is.</summary>
    private void First<T>(AskedPlaces asked, int first, int count, Span<float> start, Span<float> where) where T : struct, ILanes<T>
    {
        int width = _config.QueryWidth, pyramid = _config.PyramidWidth, shown = _levels.Length * pyramid, longer = Math.Max(_height, _width);
        var work = new Workspace(count * (2 * shown + PlaceHead.GeometryWidth + pyramid));
        Span<float> inside = work.Take(count * shown), outside = work.Take(count * shown), geometry = work.Take(count * PlaceHead.GeometryWidth);
        Span<float> place = work.Take(count * pyramid);
        inside.Clear();
        outside.Clear();
        bool hasOutside = false;
        for (int i = 0; i < count; i++)
        {
            var one = asked[first + i];
            foreach (var (x, y, weight) in one.Inside) Look<T>(x, y, weight, inside.Slice(i * shown, shown));
            foreach (var (x, y, weight) in one.Outside) Look<T>(x, y, weight, outside.Slice(i * shown, shown));
            hasOutside |= one.Outside.Count > 0;
            one.WriteGeometry(longer, geometry.Slice(i * PlaceHead.GeometryWidth, PlaceHead.GeometryWidth));
            CellPositions.Write(one.CenterX / longer, one.CenterY / longer, _rates, place.Slice(i * pyramid, pyramid));
            _image.CopyTo(start.Slice(i * width, width));
        }
        _weights.Inside.Run<T>(inside, shown, start, width, count, add: true);
        if (hasOutside) _weights.Outside.Run<T>(outside, shown, start, width, count, add: true);
        _weights.Geometry.Run<T>(geometry, PlaceHead.GeometryWidth, start, width, count, add: true);
        Rectify<T>(start);
        _weights.Where?.Run<T>(place, pyramid, where, width, count);
        work.Dispose();
    }

    /// <summary>Adds what all levels show at a point, by the four cells round it; beyond the border as at it.</summary>
    private void Look<T>(float x, float y, float weight, Span<float> sum) where T : struct, ILanes<T>
    {
        int pyramid = _config.PyramidWidth;
        for (int l = 0; l < _levels.Length; l++)
        {
            var level = MemoryMarshal.Cast<byte, float>(_levels[l].bytes);
            int height = _height >> l, width = _width >> l;
            float column = Math.Clamp(x * width / _width - 0.5f, 0, width - 1), row = Math.Clamp(y * height / _height - 0.5f, 0, height - 1);
            int left = (int)column, top = (int)row;
            float right = column - left, below = row - top;
            var to = sum.Slice(l * pyramid, pyramid);
            Add(level, 0, 0, (1 - right) * (1 - below), to);
            Add(level, 0, 1, right * (1 - below), to);
            Add(level, 1, 0, (1 - right) * below, to);
            Add(level, 1, 1, right * below, to);

            void Add(ReadOnlySpan<float> cells, int down, int across, float share, Span<float> to)
            {
                if (share > 0) AddScaled<T>(cells.Slice(((top + down) * width + left + across) * pyramid, pyramid), share * weight, to);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // as in FusedMasks
    private static void AddScaled<T>(ReadOnlySpan<float> values, float weight, Span<float> sum) where T : struct, ILanes<T>
    {
        T scale = T.Of(weight);
        for (int i = 0; i < sum.Length; i += T.Count) T.MultiplyAdd(T.Load(in values[i]), scale, T.Load(in sum[i])).Store(ref sum[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum<T>(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> sum) where T : struct, ILanes<T>
    {
        for (int i = 0; i < sum.Length; i += T.Count) (T.Load(in x[i]) + T.Load(in y[i])).Store(ref sum[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rectify<T>(Span<float> values) where T : struct, ILanes<T>
    {
        for (int i = 0; i < values.Length; i += T.Count) T.Rectify(T.Load(in values[i])).Store(ref values[i]);
    }

    /// <summary>Numbers to work with, handed out one after another.</summary>
    private ref struct Workspace(int size)
    {
        private readonly float[] _numbers = ArrayPool<float>.Shared.Rent(size);
        private int _taken;

        public Span<float> Take(int count) => _numbers.AsSpan((_taken += count) - count, count);

        public readonly void Dispose() => ArrayPool<float>.Shared.Return(_numbers);
    }
}
