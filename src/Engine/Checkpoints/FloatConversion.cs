using System.Runtime.InteropServices;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>Conversion between floating types as bytes, rounding to nearest even.</summary>
internal static class FloatConversion
{
    /// <summary>Converts all elements of <paramref name="source"/>.</summary>
    /// <exception cref="NotSupportedException">One of the types is none of F16, BF16, F32, F64.</exception>
    public static void Convert(ReadOnlySpan<byte> source, CheckpointDType from, Span<byte> destination, CheckpointDType to)
    {
        if (!from.IsFloat() || !to.IsFloat())
            throw new NotSupportedException($"No conversion from {from.Code()} to {to.Code()}: only F16, BF16, F32 and F64 are converted.");
        if (from == to)
        {
            source.CopyTo(destination);
            return;
        }
        int count = source.Length / from.Size();
        switch (from, to) // what nearly all checkpoints need
        {
            case (CheckpointDType.Float16, CheckpointDType.Float32):
                HalfVectors.Widen(MemoryMarshal.Cast<byte, Half>(source), MemoryMarshal.Cast<byte, float>(destination));
                return;
            case (CheckpointDType.Float32, CheckpointDType.Float16):
                HalfVectors.Narrow(MemoryMarshal.Cast<byte, float>(source), MemoryMarshal.Cast<byte, Half>(destination));
                return;
        }
        switch (from)
        {
            case CheckpointDType.Float16: Each<Half>(source, destination, count, to, h => (double)h); break;
            case CheckpointDType.BFloat16: Each<ushort>(source, destination, count, to, b => BitConverter.UInt32BitsToSingle((uint)b << 16)); break;
            case CheckpointDType.Float32: Each<float>(source, destination, count, to, f => f); break;
            default: Each<double>(source, destination, count, to, d => d); break;
        }
    }

    private static void Each<T>(ReadOnlySpan<byte> source, Span<byte> destination, int count, CheckpointDType to, Func<T, double> widen) where T : struct
    {
        var values = MemoryMarshal.Cast<byte, T>(source);
        switch (to)
        {
            case CheckpointDType.Float16:
                var halves = MemoryMarshal.Cast<byte, Half>(destination);
                for (int i = 0; i < count; i++) halves[i] = (Half)widen(values[i]);
                break;
            case CheckpointDType.BFloat16:
                var upper = MemoryMarshal.Cast<byte, ushort>(destination);
                for (int i = 0; i < count; i++) upper[i] = ToBFloat16((float)widen(values[i]));
                break;
            case CheckpointDType.Float32:
                var singles = MemoryMarshal.Cast<byte, float>(destination);
                for (int i = 0; i < count; i++) singles[i] = (float)widen(values[i]);
                break;
            default:
                var doubles = MemoryMarshal.Cast<byte, double>(destination);
                for (int i = 0; i < count; i++) doubles[i] = widen(values[i]);
                break;
        }
    }

    private static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value)) return (ushort)((bits >> 16) | 0x40); // keep it a NaN when the payload's low bits go
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
