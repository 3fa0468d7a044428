using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>Half precision to float32 and back, with the values that .NET's own conversions give, which go one by one.</summary>
internal static class HalfVectors
{
    private const uint Sign = 0x8000, Magnitude = 0x7FFF;
    private const int SparedBits = 13; // of the significand
    private const uint Rebias = (127 - 15) << 23; // from half's exponents to float32's
    private const uint LeastNormal = 113 << 23, Overflow = 143 << 23, Infinite = 255u << 23; // 2^-14, 2^16 and infinity as float32

    /// <summary>Halves as float32, exactly.</summary>
    public static void Widen(ReadOnlySpan<Half> source, Span<float> destination)
    {
        var from = MemoryMarshal.Cast<Half, ushort>(source);
        var to = MemoryMarshal.Cast<float, uint>(destination);
        int i = 0;
        for (; i <= from.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (lower, upper) = Vector256.Widen(Vector256.Create(from[i..]));
            Widen(lower).CopyTo(to[i..]);
            Widen(upper).CopyTo(to[(i + Vector256<uint>.Count)..]);
        }
        for (; i < from.Length; i++) destination[i] = (float)source[i];
    }

    /// <summary>Floats as halves, rounded to nearest even; those beyond 65,519 become infinite.</summary>
    public static void Narrow(ReadOnlySpan<float> source, Span<Half> destination)
    {
        var from = MemoryMarshal.Cast<float, uint>(source);
        var to = MemoryMarshal.Cast<Half, ushort>(destination);
        int i = 0;
        for (; i <= from.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var lower = Narrow(Vector256.Create(from[i..]));
            var upper = Narrow(Vector256.Create(from[(i + Vector256<uint>.Count)..]));
            Vector256.Narrow(lower, upper).CopyTo(to[i..]);
        }
        for (; i < from.Length; i++) destination[i] = (Half)source[i];
    }

    private static Vector256<uint> Widen(Vector256<uint> half)
    {
        var sign = (half & Vector256.Create(Sign)) << 16;
        var bits = (half & Vector256.Create(Magnitude)) << SparedBits;
        var normal = bits + Vector256.Create(Rebias);
        // A subnormal's significand stands behind the exponent of 2^-14; without the 1 before it, which is taken off, it has its value.
        var small = ((bits + Vector256.Create(LeastNormal)).AsSingle() - Vector256.Create(LeastNormal).AsSingle()).AsUInt32();
        var value = Vector256.ConditionalSelect(Vector256.LessThan(bits, Vector256.Create(1u << 23)), small, normal);
        var infinite = Vector256.GreaterThanOrEqual(normal, Vector256.Create(Overflow));
        return sign | value | (infinite & Vector256.Create(Infinite));
    }

    private static Vector256<uint> Narrow(Vector256<uint> single)
    {
        var sign = (single >> 16) & Vector256.Create(Sign);
        var bits = single & Vector256.Create(0x7FFFFFFFu);
        var odd = (bits >> SparedBits) & Vector256<uint>.One;
        var normal = (bits - Vector256.Create(Rebias) + Vector256.Create((1u << (SparedBits - 1)) - 1) + odd) >> SparedBits;
        // Beside a half, whose last digit is half's smallest number, the processor does the rounding.
        var small = (bits.AsSingle() + Vector256.Create(0.5f)).AsUInt32() - Vector256.Create(0.5f).AsUInt32();
        var value = Vector256.ConditionalSelect(Vector256.LessThan(bits, Vector256.Create(LeastNormal)), small, normal);
        var beyond = Vector256.Create(0x7C00u) | (Vector256.GreaterThan(bits, Vector256.Create(Infinite)) & Vector256.Create(0x200u)); // or no number
        return sign | Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(bits, Vector256.Create(Overflow)), beyond, value);
    }
}
