using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// One operator of libtorch, by schema name (aten:: is understood) and overload; looked up at its first call. Missing trailing arguments take the schema's defaults.
/// </summary>
internal sealed unsafe class Op(string name, string overload = "")
{
    private const int MaxResults = 8;
    private const int ScratchWords = 64;
    private nint _handle;

    /// <summary>False when the installed libtorch has no such operator.</summary>
    internal bool Exists => _handle != 0 || TryFind() != 0;

    /// <summary>One tensor.</summary>
    internal Tensor T(params ReadOnlySpan<Arg> args)
    {
        Slot result;
        Call(args, &result, 1);
        return Tensor.Take((nint)result.Bits);
    }

    /// <summary>An in-place operator: gives its first argument back.</summary>
    internal Tensor In(Tensor self, params ReadOnlySpan<Arg> args)
    {
        Slot result;
        Span<Arg> all = [self, default, default, default, default, default, default, default, default];
        args.CopyTo(all[1..]);
        Call(all[..(args.Length + 1)], &result, 1);
        if (result.Kind == ArgKind.Tensor) Native.semsam_tensor_release((nint)result.Bits); // self again
        return self;
    }

    internal (Tensor, Tensor) T2(params ReadOnlySpan<Arg> args)
    {
        Slot* r = stackalloc Slot[2];
        Call(args, r, 2);
        return (Tensor.Take((nint)r[0].Bits), Tensor.Take((nint)r[1].Bits));
    }

    internal (Tensor, Tensor, Tensor) T3(params ReadOnlySpan<Arg> args)
    {
        Slot* r = stackalloc Slot[3];
        Call(args, r, 3);
        return (Tensor.Take((nint)r[0].Bits), Tensor.Take((nint)r[1].Bits), Tensor.Take((nint)r[2].Bits));
    }

    /// <summary>A list of tensors.</summary>
    internal Tensor[] Ts(params ReadOnlySpan<Arg> args)
    {
        Slot result;
        Call(args, &result, 1);
        var tensors = new Tensor[result.Count];
        var handles = (nint*)result.Bits;
        for (int i = 0; i < tensors.Length; i++) tensors[i] = Tensor.Take(handles[i]);
        Native.semsam_free((nint)handles);
        return tensors;
    }

    internal bool B(params ReadOnlySpan<Arg> args) => Value(args).Bits != 0;

    internal long L(params ReadOnlySpan<Arg> args) => Value(args).Bits;

    internal double D(params ReadOnlySpan<Arg> args) => BitConverter.Int64BitsToDouble(Value(args).Bits);

    /// <summary>Nothing is taken from the results.</summary>
    internal void V(params ReadOnlySpan<Arg> args)
    {
        Slot* r = stackalloc Slot[MaxResults];
        int n = Call(args, r, MaxResults);
        for (int i = 0; i < n; i++)
            if (r[i].Kind == ArgKind.Tensor) Native.semsam_tensor_release((nint)r[i].Bits);
    }

    /// <summary>A plain value: its kind and bits.</summary>
    internal Slot Value(params ReadOnlySpan<Arg> args)
    {
        Slot result;
        Call(args, &result, 1);
        return result;
    }

    // Lists are copied to scratch memory, so nothing needs pinning. The span of arguments lives in the caller's frame,
    // which keeps every tensor in it alive until the call has returned.
    [SkipLocalsInit]
    private int Call(ReadOnlySpan<Arg> args, Slot* results, int capacity)
    {
        nint op = _handle != 0 ? _handle : Find();
        Slot* slots = stackalloc Slot[args.Length];
        long* scratch = stackalloc long[ScratchWords];
        void* heap = null;
        int used = 0;
        int room = ScratchWords;
        try
        {
            for (int i = 0; i < args.Length; i++)
            {
                ref readonly Arg arg = ref args[i];
                slots[i].Kind = arg.Kind;
                slots[i].Count = 0;
                switch (arg.Kind)
                {
                    case ArgKind.Tensor:
                        slots[i].Bits = Unsafe.As<Tensor>(arg.Ref!).Handle;
                        break;
                    case ArgKind.Generator:
                        slots[i].Bits = Unsafe.As<Generator>(arg.Ref!).Handle;
                        break;
                    case ArgKind.IntList or ArgKind.DoubleList or ArgKind.BoolList or ArgKind.TensorList or ArgKind.OptionalTensorList or ArgKind.String:
                        int words = Words(arg);
                        if (used + words > room)
                        {
                            // Rare: one heap block takes this and all that follow; what was written so far stays where it is.
                            heap = NativeMemory.Alloc((nuint)(TotalWords(args) * sizeof(long)));
                            scratch = (long*)heap;
                            used = 0;
                            room = int.MaxValue;
                        }
                        slots[i].Bits = (long)(scratch + used);
                        slots[i].Count = Write(arg, scratch + used);
                        used += words;
                        break;
                    default:
                        slots[i].Bits = arg.Bits;
                        break;
                }
            }
            int n = Native.semsam_op_call(op, slots, args.Length, results, capacity);
            return n >= 0 ? n : throw Native.Error();
        }
        finally
        {
            if (heap != null) NativeMemory.Free(heap);
        }
    }

    private static int TotalWords(ReadOnlySpan<Arg> args)
    {
        int total = 0;
        foreach (ref readonly Arg arg in args) total += Words(arg);
        return total;
    }

    private static int Words(in Arg arg) => arg.Ref switch
    {
        string s => Encoding.UTF8.GetMaxByteCount(s.Length) / sizeof(long) + 1,
        Array list => list.Length,
        _ => 0,
    };

    private static int Write(in Arg arg, long* to)
    {
        switch (arg.Ref)
        {
            case long[] ints: ints.CopyTo(new Span<long>(to, ints.Length)); return ints.Length;
            case double[] doubles: doubles.CopyTo(new Span<double>(to, doubles.Length)); return doubles.Length;
            case bool[] bools:
                for (int i = 0; i < bools.Length; i++) to[i] = bools[i] ? 1 : 0;
                return bools.Length;
            case Tensor?[] tensors:
                for (int i = 0; i < tensors.Length; i++) to[i] = tensors[i]?.Handle ?? 0;
                return tensors.Length;
            case string s: return Encoding.UTF8.GetBytes(s, new Span<byte>(to, Encoding.UTF8.GetMaxByteCount(s.Length)));
            default: throw new InvalidOperationException($"No list in an argument of kind {arg.Kind}.");
        }
    }

    private nint Find()
    {
        nint found = TryFind();
        return found != 0 ? found : throw Native.Error();
    }

    private nint TryFind()
    {
        fixed (byte* n = Encoding.UTF8.GetBytes((name.Contains("::") ? name : "aten::" + name) + "\0"))
        fixed (byte* o = Encoding.UTF8.GetBytes(overload + "\0"))
            return _handle = Native.semsam_op_find(n, o);
    }
}
