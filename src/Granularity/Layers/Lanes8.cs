using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SemanticSam.Granularity.Layers;

/// <summary>Eight numbers: what AVX2 has in one register and other machines in two.</summary>
internal readonly struct Lanes8(Vector256<float> v) : ILanes<Lanes8>
{
    private readonly Vector256<float> _v = v;

    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Of(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Load(ref readonly float first) => new(Vector256.LoadUnsafe(in first));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 MultiplyAdd(Lanes8 x, Lanes8 y, Lanes8 sum) => new(Vector256.MultiplyAddEstimate(x._v, y._v, sum._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Rectify(Lanes8 x) => new(Vector256.MaxNative(x._v, Vector256<float>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Larger(Lanes8 x, Lanes8 y) => new(Vector256.MaxNative(x._v, y._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Lanes8 x)
    {
        var four = Vector128.MaxNative(x._v.GetLower(), x._v.GetUpper());
        return MathF.Max(MathF.Max(four[0], four[1]), MathF.Max(four[2], four[3]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Exp(Lanes8 x) => new(Vector256.Exp(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Sigmoid(Lanes8 x) => new(Vector256<float>.One / (Vector256<float>.One + Vector256.Exp(-x._v)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Above(Lanes8 x, float limit) => (uint)Vector256.GreaterThan(x._v, Vector256.Create(limit)).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 WherePositive(Lanes8 x, Lanes8 values) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThan(x._v, Vector256<float>.Zero), values._v, Vector256<float>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes8 x) => Vector256.Sum(x._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator +(Lanes8 x, Lanes8 y) => new(x._v + y._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator *(Lanes8 x, Lanes8 y) => new(x._v * y._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator /(Lanes8 x, Lanes8 y) => new(x._v / y._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref float first) => _v.StoreUnsafe(ref first);
}
