using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SemanticSam.Granularity.Layers;

/// <summary>Sixteen numbers.</summary>
internal readonly struct Lanes16(Vector512<float> v) : ILanes<Lanes16>
{
    private readonly Vector512<float> _v = v;

    /// <summary>Whether the machine has them.</summary>
    public static bool AreFast => Vector512.IsHardwareAccelerated;

    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Of(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Load(ref readonly float first) => new(Vector512.LoadUnsafe(in first));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 MultiplyAdd(Lanes16 x, Lanes16 y, Lanes16 sum) => new(Vector512.MultiplyAddEstimate(x._v, y._v, sum._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Rectify(Lanes16 x) => new(Vector512.MaxNative(x._v, Vector512<float>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Larger(Lanes16 x, Lanes16 y) => new(Vector512.MaxNative(x._v, y._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Lanes16 x) => Lanes8.Largest(new(Vector256.MaxNative(x._v.GetLower(), x._v.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Exp(Lanes16 x) => new(Vector512.Exp(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Sigmoid(Lanes16 x) => new(Vector512<float>.One / (Vector512<float>.One + Vector512.Exp(-x._v)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Above(Lanes16 x, float limit) => (uint)Vector512.GreaterThan(x._v, Vector512.Create(limit)).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 WherePositive(Lanes16 x, Lanes16 values) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(x._v, Vector512<float>.Zero), values._v, Vector512<float>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes16 x) => Vector512.Sum(x._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator +(Lanes16 x, Lanes16 y) => new(x._v + y._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator *(Lanes16 x, Lanes16 y) => new(x._v * y._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator /(Lanes16 x, Lanes16 y) => new(x._v / y._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref float first) => _v.StoreUnsafe(ref first);
}

