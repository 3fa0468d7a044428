using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    private static ScalarType s_defaultType = ScalarType.Float32;
    private static Device? s_defaultDevice;

    public static ScalarType get_default_dtype() => s_defaultType;

    public static void set_default_dtype(ScalarType dtype)
    {
        if (!is_floating_point(dtype)) throw new ArgumentException($"only floating-point types are supported as the default type, not {dtype}");
        s_defaultType = dtype;
    }

    public static Device get_default_device() => s_defaultDevice ?? CPU;
    public static void set_default_device(Device device) => s_defaultDevice = InitializeDevice(device);
    public static void set_default_device(string device) => set_default_device(new Device(device));

    /// <summary>A tensor with the array's shape and a copy of its elements.</summary>
    public static Tensor from_array(Array rawArray, Device? device = null) => FromArray(rawArray, null, null, device, false);

    public static Tensor from_array(Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromArray(rawArray, null, dtype, device, requires_grad);

    /// <summary>A tensor over the array's own memory: nothing is copied, changes show on both sides.</summary>
    /// <param name="count">How many elements; -1 takes all from offset on.</param>
    /// <param name="offset">Where to start, in bytes.</param>
    public static unsafe Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
    {
        long size = dtype.ElementSize();
        long length = Buffer.ByteLength(rawArray);
        if (offset < 0 || offset >= length) throw new ArgumentException($"offset {offset} is not within the {length} bytes of the array.", nameof(offset));
        if (count < 0)
        {
            if ((length - offset) % size != 0) throw new ArgumentException($"{length - offset} bytes are no whole number of elements of {size} bytes.", nameof(rawArray));
            count = (length - offset) / size;
        }
        if (offset + count * size > length) throw new ArgumentException($"{count} elements from byte {offset} do not fit the array's {length} bytes.", nameof(count));
        GCHandle pin = GCHandle.Alloc(rawArray, GCHandleType.Pinned);
        long[] shape = [count];
        fixed (long* s = shape)
        {
            nint handle = Native.semsam_tensor_from_memory((byte*)pin.AddrOfPinnedObject() + offset, s, 1, (int)dtype, 0, &Unpin, GCHandle.ToIntPtr(pin));
            return With(Tensor.Take(Native.Check(handle)), requires_grad);
        }
    }

    // Runs on whatever thread drops the last reference to the memory.
    [UnmanagedCallersOnly]
    private static void Unpin(nint pin) => GCHandle.FromIntPtr(pin).Free();

    internal static unsafe Tensor FromArray(Array array, long[]? shape, ScalarType? dtype, Device? device, bool requires_grad)
    {
        ScalarType source = Type.GetTypeCode(array.GetType().GetElementType()) switch
        {
            TypeCode.Byte => ScalarType.Byte,
            TypeCode.SByte => ScalarType.Int8,
            TypeCode.Int16 => ScalarType.Int16,
            TypeCode.Int32 => ScalarType.Int32,
            TypeCode.Int64 => ScalarType.Int64,
            TypeCode.Single => ScalarType.Float32,
            TypeCode.Double => ScalarType.Float64,
            TypeCode.Boolean => ScalarType.Bool,
            _ when array is Half[] => ScalarType.Float16,
            _ => throw new NotSupportedException($"Creating a tensor from an array of {array.GetType().GetElementType()} is not supported."),
        };
        if (shape is null)
        {
            shape = new long[array.Rank];
            for (int d = 0; d < shape.Length; d++) shape[d] = array.GetLongLength(d);
        }
        else if (shape.TotalSize() != array.LongLength)
        {
            throw new ArgumentException($"mismatched total size creating a tensor from an array: the shape [{string.Join(", ", shape)}] has {shape.TotalSize()} elements, the array {array.LongLength}.");
        }
        Tensor tensor;
        fixed (byte* data = &MemoryMarshal.GetArrayDataReference(array))
        fixed (long* s = shape)
            tensor = Tensor.Take(Native.Check(Native.semsam_tensor_from_memory(data, s, shape.Length, (int)source, 1, null, 0)));
        return With(Moved(tensor, dtype, device), requires_grad);
    }

    private static Tensor Number(Scalar value, ScalarType own, ScalarType? dtype, Device? device, bool requires_grad) =>
        With(Aten.scalar_tensor.T(value, dtype ?? own, Arg.None, Place(device)), requires_grad);

    private static Tensor Moved(Tensor tensor, ScalarType? dtype, Device? device)
    {
        ScalarType type = dtype ?? tensor.dtype;
        Device place = Place(device);
        if (type == tensor.dtype && place.type == DeviceType.CPU) return tensor;
        Tensor moved = tensor.to(type, place);
        if (!ReferenceEquals(moved, tensor)) tensor.Dispose();
        return moved;
    }

    private static Device Place(Device? device) => device ?? s_defaultDevice ?? CPU;

    private static ScalarType DefaultFor(Scalar value) =>
        value.Type switch { ScalarType.Bool => ScalarType.Bool, var t when is_integral(t) => ScalarType.Int64, _ => s_defaultType };
}
