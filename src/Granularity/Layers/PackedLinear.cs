using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SemanticSam.Granularity.Layers;

/// <summary>A place in memory of a matrix: its first number, and how far apart outputs and inputs lie.</summary>
/// <param name="First">Index of the first number.</param>
/// <param name="Outputs">How many there are.</param>
/// <param name="OutputStep">From one output to the next.</param>
/// <param name="Inputs">How many there are.</param>
/// <param name="InputStep">From one input to the next.</param>
internal readonly record struct MatrixLayout(int First, int Outputs, int OutputStep, int Inputs, int InputStep);

/// <summary>
/// Rows of numbers times a matrix, on the processor, for as few rows as a prompt has: the tensor library takes longer to begin with one such product than
/// the product takes. The matrix is kept in the order in which it is read.
/// </summary>
internal sealed class PackedLinear
{
    /// <summary>Outputs that lie together.</summary>
    public const int Tile = 32;

    /// <summary>Rows that are multiplied at once.</summary>
    private const int Block = 8;

    private readonly float[] _weights; // [tiles, Inputs, Tile]
    private readonly float[] _bias; // [tiles * Tile]

    /// <param name="matrix">Holds the weights.</param>
    /// <param name="layout">Where they are in it.</param>
    /// <param name="bias">One an output; empty for none.</param>
    /// <param name="scale">Weights are multiplied by this; the bias is not.</param>
    /// <param name="beyond">What comes out beyond the last output, up to <see cref="Width"/>.</param>
    public PackedLinear(ReadOnlySpan<float> matrix, MatrixLayout layout, ReadOnlySpan<float> bias = default, float scale = 1, float beyond = 0)
    {
        (Inputs, Width) = (layout.Inputs, (layout.Outputs + Tile - 1) / Tile * Tile);
        _weights = new float[Inputs * Width];
        _bias = new float[Width];
        if (bias.IsEmpty) _bias.AsSpan(0, layout.Outputs).Clear();
        else bias[..layout.Outputs].CopyTo(_bias);
        _bias.AsSpan(layout.Outputs).Fill(beyond);
        for (int o = 0; o < layout.Outputs; o++)
        {
            int to = o / Tile * Tile * Inputs + o % Tile, from = layout.First + o * layout.OutputStep;
            for (int i = 0; i < Inputs; i++) _weights[to + i * Tile] = scale * matrix[from + i * layout.InputStep];
        }
    }

    /// <summary>Numbers of a row that comes in.</summary>
    public int Inputs { get; }

    /// <summary>Numbers of a row that comes out: the outputs, and what fills up the last vector.</summary>
    public int Width { get; }

    /// <summary>What it holds.</summary>
    public long Bytes => sizeof(float) * ((long)_weights.Length + _bias.Length);

    /// <summary>Multiplies rows; several threads may at once.</summary>
    /// <param name="rows">The first begins it.</param>
    /// <param name="step">From one row to the next.</param>
    /// <param name="results">The result of the first begins it; <see cref="Width"/> numbers a row.</param>
    /// <param name="resultStep">From one result to the next.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="add">Whether the results are added to what is there, or take its place.</param>
    public void Run(ReadOnlySpan<float> rows, int step, Span<float> results, int resultStep, int count, bool add = false)
    {
        if (Lanes16.AreFast) Run<Lanes32>(rows, step, results, resultStep, count, add);
        else Run<Lanes8>(rows, step, results, resultStep, count, add);
    }

    /// <summary>The same with lanes of a given width.</summary>
    public void Run<T>(ReadOnlySpan<float> rows, int step, Span<float> results, int resultStep, int count, bool add = false) where T : struct, ILanes<T>
    {
        if (count <= 0) return;
        if (step < 0 || resultStep < Width && count > 1 || rows.Length < (count - 1) * step + Inputs || results.Length < (count - 1) * resultStep + Width)
            throw new ArgumentException("Sizes do not belong together.", nameof(rows));
        for (int row = 0; row < count; row += Block)
            Multiply<T>(ref MemoryMarshal.GetReference(rows[(row * step)..]), step, ref MemoryMarshal.GetReference(results[(row * resultStep)..]), resultStep,
                Math.Min(Block, count - row), add);
    }

    /// <summary>A few rows; where there are less than <see cref="Block"/>, the last is computed again, and not stored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // as in FusedMasks
    private void Multiply<T>(ref float row, int step, ref float result, int resultStep, int count, bool add) where T : struct, ILanes<T>
    {
        ref float ra = ref row, rb = ref Row(ref row, 1, count, step), rc = ref Row(ref row, 2, count, step), rd = ref Row(ref row, 3, count, step);
        ref float re = ref Row(ref row, 4, count, step), rf = ref Row(ref row, 5, count, step);
        ref float rg = ref Row(ref row, 6, count, step), rh = ref Row(ref row, 7, count, step);
        ref float weights = ref MemoryMarshal.GetArrayDataReference(_weights), bias = ref MemoryMarshal.GetArrayDataReference(_bias);
        int inputs = Inputs, width = Width;
        for (int output = 0; output < width; output += T.Count)
        {
            // output / Tile tiles lie before this one, each of Inputs * Tile numbers.
            ref float weight = ref Unsafe.Add(ref weights, output / Tile * Tile * inputs + output % Tile);
            T start = T.Load(ref Unsafe.Add(ref bias, output));
            var (a, b, c, d, e, f, g, h) = (start, start, start, start, start, start, start, start);
            for (nint k = 0; k < inputs; k++)
            {
                T w = T.Load(ref weight);
                a = T.MultiplyAdd(T.Of(Unsafe.Add(ref ra, k)), w, a);
                b = T.MultiplyAdd(T.Of(Unsafe.Add(ref rb, k)), w, b);
                c = T.MultiplyAdd(T.Of(Unsafe.Add(ref rc, k)), w, c);
                d = T.MultiplyAdd(T.Of(Unsafe.Add(ref rd, k)), w, d);
                e = T.MultiplyAdd(T.Of(Unsafe.Add(ref re, k)), w, e);
                f = T.MultiplyAdd(T.Of(Unsafe.Add(ref rf, k)), w, f);
                g = T.MultiplyAdd(T.Of(Unsafe.Add(ref rg, k)), w, g);
                h = T.MultiplyAdd(T.Of(Unsafe.Add(ref rh, k)), w, h);
                weight = ref Unsafe.Add(ref weight, Tile);
            }
            Put(0, a, count, ref Unsafe.Add(ref result, output), resultStep, add);
            Put(1, b, count, ref Unsafe.Add(ref result, output), resultStep, add);
            Put(2, c, count, ref Unsafe.Add(ref result, output), resultStep, add);
            Put(3, d, count, ref Unsafe.Add(ref result, output), resultStep, add);
            Put(4, e, count, ref Unsafe.Add(ref result, output), resultStep, add);
            Put(5, f, count, ref Unsafe.Add(ref result, output), resultStep, add);
            Put(6, g, count, ref Unsafe.Add(ref result, output), resultStep, add);
            Put(7, h, count, ref Unsafe.Add(ref result, output), resultStep, add);
        }
    }

    private static ref float Row(ref float first, int index, int count, int step) => ref Unsafe.Add(ref first, Math.Min(index, count - 1) * step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<T>(int index, T sum, int count, ref float first, int step, bool add) where T : struct, ILanes<T>
    {
        if (index >= count) return;
        ref float to = ref Unsafe.Add(ref first, index * step);
        (add ? sum + T.Load(ref to) : sum).Store(ref to);
    }
}
