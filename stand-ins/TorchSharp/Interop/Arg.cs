using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>What an argument or result holds; mirrors Kind in native/bridge.h.</summary>
internal enum ArgKind
{
    None = 0, Tensor = 1, Int = 2, Double = 3, Bool = 4, IntList = 5, DoubleList = 6,
    TensorList = 7, OptionalTensorList = 8, String = 9, Device = 10, Generator = 11, Default = 12, BoolList = 13,
}

/// <summary>One argument or result as native code sees it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Slot
{
    internal ArgKind Kind;
    internal int Count;
    internal long Bits;
}

/// <summary>One argument of an operator call: converts implicitly from whatever a schema can name.</summary>
internal readonly struct Arg
{
    internal readonly object? Ref;
    internal readonly long Bits;
    internal readonly ArgKind Kind;

    private Arg(ArgKind kind, object? reference, long bits = 0)
    {
        Kind = reference is null && kind is not (ArgKind.Int or ArgKind.Double or ArgKind.Bool or ArgKind.Device or ArgKind.Default) ? ArgKind.None : kind;
        Ref = reference;
        Bits = bits;
    }

    /// <summary>The schema's default, for an argument in the middle.</summary>
    internal static Arg Default => new(ArgKind.Default, null);
    internal static Arg None => default;

    public static implicit operator Arg(Tensor? t) => new(ArgKind.Tensor, t);
    public static implicit operator Arg(Tensor[]? t) => new(ArgKind.TensorList, t);
    public static implicit operator Arg(long v) => new(ArgKind.Int, null, v);
    public static implicit operator Arg(long? v) => v.HasValue ? v.Value : None;
    public static implicit operator Arg(double v) => new(ArgKind.Double, null, BitConverter.DoubleToInt64Bits(v));
    public static implicit operator Arg(double? v) => v.HasValue ? v.Value : None;
    public static implicit operator Arg(bool v) => new(ArgKind.Bool, null, v ? 1 : 0);
    public static implicit operator Arg(bool? v) => v.HasValue ? v.Value : None;
    public static implicit operator Arg(ScalarType v) => new(ArgKind.Int, null, (long)v);
    public static implicit operator Arg(ScalarType? v) => v.HasValue ? v.Value : None;
    public static implicit operator Arg(long[]? v) => new(ArgKind.IntList, v);
    public static implicit operator Arg(double[]? v) => new(ArgKind.DoubleList, v);
    public static implicit operator Arg(bool[]? v) => new(ArgKind.BoolList, v);
    public static implicit operator Arg(string? v) => new(ArgKind.String, v);
    public static implicit operator Arg(Device? v) => v is null ? None : new(ArgKind.Device, null, v.Packed);
    public static implicit operator Arg(Generator? v) => new(ArgKind.Generator, v);
    public static implicit operator Arg(Scalar? v) => v is null ? None : new(v.Kind, null, v.Bits);
    public static implicit operator Arg((long, long) v) => new long[] { v.Item1, v.Item2 };

    /// <summary>A list whose elements may be absent (the indices of aten::index).</summary>
    internal static Arg Optional(Tensor?[] tensors) => new(ArgKind.OptionalTensorList, tensors);
}
