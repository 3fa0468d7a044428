using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SemanticSam.Granularity.Layers;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>
/// What <see cref="DynamicMasks"/> computes, on the processor: a few cells go through all layers of a small network before the next ones come, so that
/// what lies between the layers, eight times as many numbers as the masks have, never leaves the registers.
/// </summary>
internal sealed class FusedMasks
{
    /// <summary>Cells that lie together in memory, all inputs of them.</summary>
    private const int Tile = 16;

    /// <summary>Hidden channels of the small networks that this class is written for.</summary>
    private const int Hidden = 8;

    private const int Coordinates = 3; // x, y and 1
    private const int Line = 64 / sizeof(float); // of the processor's cache

    private readonly int _inputs; // mask features and coordinates
    private readonly float[] _tiles; // [cells / Tile, inputs, Tile], from _start on
    private readonly int _start;
    private readonly float[] _x, _y;

    /// <param name="basis">What the networks see of one image, in the memory of the processor.</param>
    public FusedMasks(MaskBasis basis)
    {
        (_x, _y) = (TensorValues.Floats(basis.X), TensorValues.Floats(basis.Y));
        _inputs = (int)basis.Rows.shape[1];
        float[] tiles = TensorValues.Floats(basis.Rows.view(_inputs, -1, Tile).transpose(0, 1));
        // A vector that lies across two lines of the cache takes two loads; so all begin with a line.
        _tiles = GC.AllocateUninitializedArray<float>(tiles.Length + Line, pinned: true);
        _start = ToLine(ref MemoryMarshal.GetArrayDataReference(_tiles));
        tiles.CopyTo(_tiles, _start);
    }

    /// <summary>Cells of a mask.</summary>
    public int Cells => _x.Length * _y.Length;

    /// <summary>What it holds.</summary>
    public long Bytes => sizeof(float) * ((long)_tiles.Length + _x.Length + _y.Length);

    /// <summary>Whether this class can draw networks of these sizes over this image.</summary>
    public static bool Serves(NanoConfig config, MaskBasis basis) => config.DynamicWidth == Hidden && basis.Rows.shape[0] == 1
        && basis.Rows.device_type == TorchSharp.DeviceType.CPU && basis.X.shape[0] * basis.Y.shape[0] % Tile == 0;

    /// <summary>Makes ready to draw; the tensors are not needed after it.</summary>
    /// <param name="maps">[1, Q, kinds, cells]: the maps that are not 0 everywhere.</param>
    /// <param name="kinds">Which these are.</param>
    /// <param name="weights">[1, Q, S, n].</param>
    /// <param name="frames">[1, Q, S, 4], in cells of the finest level.</param>
    public FusedDrawing Prepare(Tensor maps, IReadOnlyList<PromptMap> kinds, Tensor weights, Tensor frames) =>
        new(this, kinds, TensorValues.Floats(maps), TensorValues.Floats(weights), TensorValues.Floats(frames), (int)weights.shape[1],
            (int)weights.shape[2]);

    /// <summary>Draws the mask of one small network.</summary>
    /// <typeparam name="T">Lanes to compute with.</typeparam>
    /// <param name="weights">[n].</param>
    /// <param name="frame">Center and size, in cells of the finest level.</param>
    /// <param name="maps">[kinds, cells].</param>
    /// <param name="kinds">Which these are.</param>
    /// <param name="logits">The result, a number a cell.</param>
    public void Draw<T>(ReadOnlySpan<float> weights, ReadOnlySpan<float> frame, ReadOnlySpan<float> maps, IReadOnlyList<PromptMap> kinds,
        Span<float> logits) where T : struct, ILanes<T>
    {
        int features = _inputs - Coordinates, inputs = _inputs + kinds.Count;
        var others = weights[(Hidden * (_inputs + PlaceHead.PromptMaps))..];
        Span<float> spread = stackalloc float[(inputs * Hidden + others.Length) * T.Count + Line];
        spread = spread.Slice(ToLine(ref spread[0]), spread.Length - Line);
        for (int h = 0; h < Hidden; h++)
        {
            for (int c = 0; c < features; c++) Spread(spread, c * Hidden + h, weights[h * features + c]);
            var ofCoordinates = weights.Slice(Hidden * features + Coordinates * h, Coordinates);
            float across = ofCoordinates[0] / (frame[2] / 2), down = ofCoordinates[1] / (frame[3] / 2);
            Spread(spread, features * Hidden + h, across);
            Spread(spread, (features + 1) * Hidden + h, down);
            Spread(spread, (features + 2) * Hidden + h, ofCoordinates[2] - (across * frame[0] + down * frame[1]));
            for (int k = 0; k < kinds.Count; k++)
                Spread(spread, (_inputs + k) * Hidden + h, weights[Hidden * _inputs + h * PlaceHead.PromptMaps + (int)kinds[k]]);
        }
        for (int i = 0; i < others.Length; i++) Spread(spread, inputs * Hidden + i, others[i]);
        WriteDistances(frame, logits);
        Layers<T>(spread, maps, logits);

        static void Spread(Span<float> spread, int index, float weight) => spread.Slice(index * T.Count, T.Count).Fill(weight);
    }

    /// <summary>Numbers from a place in memory that does not move to the next line of the cache.</summary>
    private static unsafe int ToLine(ref float first) => (int)(-(nint)Unsafe.AsPointer(ref first) / sizeof(float) & Line - 1);

    /// <summary>Squared distances of cells from a frame's center, in halves of its sides, and what is added to them in the prior.</summary>
    private void WriteDistances(ReadOnlySpan<float> frame, Span<float> distances)
    {
        Span<float> across = stackalloc float[_x.Length];
        for (int i = 0; i < across.Length; i++) across[i] = Squared(_x[i], frame[0], frame[2]);
        for (int y = 0; y < _y.Length; y++)
        {
            float down = Squared(_y[y], frame[1], frame[3]) + 2 * DynamicMasks.MostRadius;
            var row = distances.Slice(y * across.Length, across.Length);
            for (int i = 0; i < row.Length; i++) row[i] = across[i] + down;
        }

        static float Squared(float at, float center, float side)
        {
            float far = (at - center) / (side / 2);
            return far * far;
        }
    }

    /// <summary>All layers, a few cells at a time. Sums are in the order of a plain product of matrices.</summary>
    /// <param name="weights">
    /// Of the first layer [inputs and maps, Hidden], of the second [Hidden, Hidden], its biases, weights of the third and its bias; each as often as there are
    /// lanes, since a processor loads a vector faster than it spreads a number.
    /// </param>
    /// <param name="maps">[maps, cells].</param>
    /// <param name="logits">In: distances of the prior. Out: logits.</param>
    /// <remarks>
    /// Compiled with all optimizations at once, as all loops over cells are that answers go through: otherwise the first thirty calls, which is all that most
    /// programs make, run code that is many times slower.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Layers<T>(ReadOnlySpan<float> weights, ReadOnlySpan<float> maps, Span<float> logits) where T : struct, ILanes<T>
    {
        int cells = Cells, inputs = _inputs, kinds = maps.Length / cells;
        if (logits.Length != cells || _tiles.Length != inputs * cells + Line
            || weights.Length != ((inputs + kinds) * Hidden + Hidden * (Hidden + 2) + 1) * T.Count)
            throw new ArgumentException("Sizes do not belong together.", nameof(logits));
        ref float tile = ref _tiles[_start], result = ref MemoryMarshal.GetReference(logits),
            map = ref MemoryMarshal.GetReference(maps), first = ref MemoryMarshal.GetReference(weights);
        ref float second = ref Unsafe.Add(ref first, (inputs + kinds) * Hidden * T.Count);
        ref float secondBias = ref Unsafe.Add(ref second, Hidden * Hidden * T.Count), third = ref Unsafe.Add(ref secondBias, Hidden * T.Count);
        T thirdBias = T.Load(ref Unsafe.Add(ref third, Hidden * T.Count)) + T.Of(-DynamicMasks.MostRadius);
        for (int at = 0; at < cells; at += T.Count)
        {
            // (at / Tile) tiles lie before this one, each of inputs * Tile numbers.
            ref float input = ref Unsafe.Add(ref tile, at / Tile * Tile * inputs + at % Tile), weight = ref first;
            var (a, b, c, d, e, f, g, h) = (T.Of(0), T.Of(0), T.Of(0), T.Of(0), T.Of(0), T.Of(0), T.Of(0), T.Of(0));
            for (int k = 0; k < inputs; k++)
            {
                Add(T.Load(ref input), ref weight, ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
                input = ref Unsafe.Add(ref input, Tile);
                weight = ref Unsafe.Add(ref weight, Hidden * T.Count);
            }
            var (ma, mb, mc, md, me, mf, mg, mh) = (T.Of(0), T.Of(0), T.Of(0), T.Of(0), T.Of(0), T.Of(0), T.Of(0), T.Of(0));
            for (int k = 0; k < kinds; k++)
            {
                Add(T.Load(ref Unsafe.Add(ref map, k * cells + at)), ref weight, ref ma, ref mb, ref mc, ref md, ref me, ref mf, ref mg, ref mh);
                weight = ref Unsafe.Add(ref weight, Hidden * T.Count);
            }
            (a, b, c, d) = (T.Rectify(a + ma), T.Rectify(b + mb), T.Rectify(c + mc), T.Rectify(d + md));
            (e, f, g, h) = (T.Rectify(e + me), T.Rectify(f + mf), T.Rectify(g + mg), T.Rectify(h + mh));
            T logit = T.Of(0);
            weight = ref second;
            for (int j = 0; j < Hidden; j++)
            {
                T sum = T.MultiplyAdd(a, T.Load(ref weight), T.Of(0));
                sum = T.MultiplyAdd(b, T.Load(ref Unsafe.Add(ref weight, T.Count)), sum);
                sum = T.MultiplyAdd(c, T.Load(ref Unsafe.Add(ref weight, 2 * T.Count)), sum);
                sum = T.MultiplyAdd(d, T.Load(ref Unsafe.Add(ref weight, 3 * T.Count)), sum);
                sum = T.MultiplyAdd(e, T.Load(ref Unsafe.Add(ref weight, 4 * T.Count)), sum);
                sum = T.MultiplyAdd(f, T.Load(ref Unsafe.Add(ref weight, 5 * T.Count)), sum);
                sum = T.MultiplyAdd(g, T.Load(ref Unsafe.Add(ref weight, 6 * T.Count)), sum);
                sum = T.MultiplyAdd(h, T.Load(ref Unsafe.Add(ref weight, 7 * T.Count)), sum);
                sum = T.Rectify(sum + T.Load(ref Unsafe.Add(ref secondBias, j * T.Count)));
                logit = T.MultiplyAdd(sum, T.Load(ref Unsafe.Add(ref third, j * T.Count)), logit);
                weight = ref Unsafe.Add(ref weight, Hidden * T.Count);
            }
            ref float here = ref Unsafe.Add(ref result, at);
            T prior = T.Of(1) / T.Load(ref here) * T.Of(2 * DynamicMasks.MostRadius * DynamicMasks.MostRadius);
            (logit + thirdBias + prior).Store(ref here);
        }
    }

    /// <summary>Adds an input to each of the hidden channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(T x, ref float weight, ref T a, ref T b, ref T c, ref T d, ref T e, ref T f, ref T g, ref T h) where T : struct, ILanes<T>
    {
        a = T.MultiplyAdd(x, T.Load(ref weight), a);
        b = T.MultiplyAdd(x, T.Load(ref Unsafe.Add(ref weight, T.Count)), b);
        c = T.MultiplyAdd(x, T.Load(ref Unsafe.Add(ref weight, 2 * T.Count)), c);
        d = T.MultiplyAdd(x, T.Load(ref Unsafe.Add(ref weight, 3 * T.Count)), d);
        e = T.MultiplyAdd(x, T.Load(ref Unsafe.Add(ref weight, 4 * T.Count)), e);
        f = T.MultiplyAdd(x, T.Load(ref Unsafe.Add(ref weight, 5 * T.Count)), f);
        g = T.MultiplyAdd(x, T.Load(ref Unsafe.Add(ref weight, 6 * T.Count)), g);
        h = T.MultiplyAdd(x, T.Load(ref Unsafe.Add(ref weight, 7 * T.Count)), h);
    }
}

/// <summary>Small networks that are ready to draw, counted by place, then by level; several threads may draw at once.</summary>
internal sealed class FusedDrawing(
    FusedMasks masks, IReadOnlyList<PromptMap> kinds, float[] maps, float[] weights, float[] frames, int places, int slots)
{
    private readonly int _size = weights.Length / (places * slots), _planes = kinds.Count * masks.Cells;

    /// <summary>How many networks there are.</summary>
    public int Count => places * slots;

    /// <summary>Draws the mask of one.</summary>
    public void Draw(int network, Span<float> logits)
    {
        if (Lanes16.AreFast) Draw<Lanes16>(network, logits);
        else Draw<Lanes8>(network, logits);
    }

    /// <summary>The same with lanes of a given width.</summary>
    public void Draw<T>(int network, Span<float> logits) where T : struct, ILanes<T> =>
        masks.Draw<T>(weights.AsSpan(network * _size, _size), frames.AsSpan(4 * network, 4),
        maps.AsSpan(network / slots * _planes, _planes), kinds, logits);
}
