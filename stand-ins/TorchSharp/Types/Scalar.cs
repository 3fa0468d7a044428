namespace TorchSharp;

/// <summary>A number of any type, as operators take it.</summary>
public sealed class Scalar : IDisposable
{
    internal readonly ArgKind Kind;
    internal readonly long Bits;

    public torch.ScalarType Type { get; }

    private Scalar(long value, torch.ScalarType type)
    {
        Kind = type == torch.ScalarType.Bool ? ArgKind.Bool : ArgKind.Int;
        Bits = value;
        Type = type;
    }

    private Scalar(double value, torch.ScalarType type)
    {
        Kind = ArgKind.Double;
        Bits = BitConverter.DoubleToInt64Bits(value);
        Type = type;
    }

    internal double Double => Kind == ArgKind.Double ? BitConverter.Int64BitsToDouble(Bits) : Bits;
    internal long Int64 => Kind == ArgKind.Double ? (long)BitConverter.Int64BitsToDouble(Bits) : Bits;

    public static implicit operator Scalar(byte value) => new(value, torch.ScalarType.Byte);
    public static implicit operator Scalar(sbyte value) => new(value, torch.ScalarType.Int8);
    public static implicit operator Scalar(short value) => new(value, torch.ScalarType.Int16);
    public static implicit operator Scalar(int value) => new(value, torch.ScalarType.Int32);
    public static implicit operator Scalar(long value) => new(value, torch.ScalarType.Int64);
    public static implicit operator Scalar(Half value) => new((double)value, torch.ScalarType.Float16);
    public static implicit operator Scalar(float value) => new(value, torch.ScalarType.Float32);
    public static implicit operator Scalar(double value) => new(value, torch.ScalarType.Float64);
    public static implicit operator Scalar(bool value) => new(value ? 1L : 0L, torch.ScalarType.Bool);

    /// <summary>Nothing native is held.</summary>
    public void Dispose() { }
}

public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this byte value) => value;
    public static Scalar ToScalar(this sbyte value) => value;
    public static Scalar ToScalar(this short value) => value;
    public static Scalar ToScalar(this int value) => value;
    public static Scalar ToScalar(this long value) => value;
    public static Scalar ToScalar(this float value) => value;
    public static Scalar ToScalar(this double value) => value;
    public static Scalar ToScalar(this bool value) => value;
    public static Scalar ToScalar(this Half value) => value;
    public static float ToSingle(this Scalar value) => (float)value.Double;
    public static double ToDouble(this Scalar value) => value.Double;
    public static Half ToHalf(this Scalar value) => (Half)value.Double;
    public static sbyte ToSByte(this Scalar value) => (sbyte)value.Int64;
    public static byte ToByte(this Scalar value) => (byte)value.Int64;
    public static short ToInt16(this Scalar value) => (short)value.Int64;
    public static int ToInt32(this Scalar value) => (int)value.Int64;
    public static long ToInt64(this Scalar value) => value.Int64;
    public static bool ToBoolean(this Scalar value) => value.Double != 0;
}
