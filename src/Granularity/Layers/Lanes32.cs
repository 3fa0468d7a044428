using System.Runtime.CompilerServices;

namespace SemanticSam.Granularity.Layers;

/// <summary>
/// Thirty-two numbers, in two registers of sixteen: what is the same for both is loaded once, and twice as many sums are under way, so that the processor's
/// multipliers need not wait for one that is not finished. Fast where <see cref="Lanes16.AreFast"/>; others have too few registers.
/// </summary>
internal readonly struct Lanes32(Lanes16 low, Lanes16 high) : ILanes<Lanes32>
{
    private readonly Lanes16 _low = low, _high = high;

    public static int Count => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Of(float value)
    {
        var all = Lanes16.Of(value);
        return new(all, all);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Load(ref readonly float first) => new(Lanes16.Load(in first), Lanes16.Load(in Unsafe.Add(ref Unsafe.AsRef(in first), Lanes16.Count)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 MultiplyAdd(Lanes32 x, Lanes32 y, Lanes32 sum) =>
        new(Lanes16.MultiplyAdd(x._low, y._low, sum._low), Lanes16.MultiplyAdd(x._high, y._high, sum._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Rectify(Lanes32 x) => new(Lanes16.Rectify(x._low), Lanes16.Rectify(x._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Larger(Lanes32 x, Lanes32 y) => new(Lanes16.Larger(x._low, y._low), Lanes16.Larger(x._high, y._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Lanes32 x) => Lanes16.Largest(Lanes16.Larger(x._low, x._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Exp(Lanes32 x) => new(Lanes16.Exp(x._low), Lanes16.Exp(x._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Sigmoid(Lanes32 x) => new(Lanes16.Sigmoid(x._low), Lanes16.Sigmoid(x._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Above(Lanes32 x, float limit) => Lanes16.Above(x._low, limit) | Lanes16.Above(x._high, limit) << Lanes16.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 WherePositive(Lanes32 x, Lanes32 values) =>
        new(Lanes16.WherePositive(x._low, values._low), Lanes16.WherePositive(x._high, values._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes32 x) => Lanes16.Sum(x._low + x._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 operator +(Lanes32 x, Lanes32 y) => new(x._low + y._low, x._high + y._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 operator *(Lanes32 x, Lanes32 y) => new(x._low * y._low, x._high * y._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 operator /(Lanes32 x, Lanes32 y) => new(x._low / y._low, x._high / y._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref float first)
    {
        _low.Store(ref first);
        _high.Store(ref Unsafe.Add(ref first, Lanes16.Count));
    }
}
