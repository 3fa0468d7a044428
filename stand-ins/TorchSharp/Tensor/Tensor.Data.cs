using System.Runtime.InteropServices;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        /// <summary>The elements of a CPU tensor, in logical order whatever the strides.</summary>
        /// <exception cref="InvalidOperationException">The tensor is not on the CPU.</exception>
        /// <exception cref="ArgumentException">T is not the tensor's element type.</exception>
        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            ValidateType<T>();
            return new TensorAccessor<T>(this);
        }

        /// <summary>The one element, of whatever dtype, as a T of the same type.</summary>
        public T item<T>() where T : unmanaged
        {
            if (NumberOfElements != 1) throw new ArgumentException($"Number of elements in the tensor must be 1, but it is {NumberOfElements}.");
            ValidateType<T>(onCpu: false);
            Scalar s = LocalScalar();
            object value = dtype switch
            {
                ScalarType.Byte => (byte)s.Int64,
                ScalarType.Int8 => (sbyte)s.Int64,
                ScalarType.Int16 => (short)s.Int64,
                ScalarType.Int32 => (int)s.Int64,
                ScalarType.Int64 => s.Int64,
                ScalarType.Float16 => (Half)s.Double,
                ScalarType.Float32 => (float)s.Double,
                ScalarType.Float64 => s.Double,
                ScalarType.Bool => s.Int64 != 0,
                _ => throw new NotSupportedException($"item<{typeof(T).Name}>() of a tensor of {dtype}."),
            };
            return (T)value;
        }

        public Scalar ToScalar() => LocalScalar();

        /// <summary>The bytes of a contiguous CPU tensor; valid while the tensor lives.</summary>
        public Span<byte> bytes
        {
            get
            {
                RequireCpu();
                if (!is_contiguous()) throw new InvalidOperationException("The bytes of a tensor that is not contiguous are scattered; take contiguous() first.");
                return new Span<byte>((void*)DataPointer(), checked((int)(NumberOfElements * ElementSize)));
            }
            set
            {
                RequireCpu();
                if (value.Length != NumberOfElements * ElementSize)
                    throw new ArgumentException($"{value.Length} bytes do not fill a tensor of {NumberOfElements * ElementSize} bytes.");
                value.CopyTo(bytes);
            }
        }

        public void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            RequireCpu();
            long left = NumberOfElements * ElementSize;
            byte* to = (byte*)DataPointer();
            while (left > 0)
            {
                int n = (int)Math.Min(left, 1 << 20);
                stream.ReadExactly(new Span<byte>(to, n));
                to += n;
                left -= n;
            }
            GC.KeepAlive(this);
        }

        public void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            RequireCpu();
            long left = NumberOfElements * ElementSize;
            byte* from = (byte*)DataPointer();
            while (left > 0)
            {
                int n = (int)Math.Min(left, 1 << 20);
                stream.Write(new ReadOnlySpan<byte>(from, n));
                from += n;
                left -= n;
            }
            GC.KeepAlive(this);
        }

        internal nint DataPointer()
        {
            nint p = Native.semsam_tensor_data(Handle);
            GC.KeepAlive(this);
            return p;
        }

        private Scalar LocalScalar()
        {
            Slot s = Aten._local_scalar_dense.Value(this);
            return s.Kind switch
            {
                ArgKind.Double => BitConverter.Int64BitsToDouble(s.Bits),
                ArgKind.Bool => s.Bits != 0,
                _ => s.Bits,
            };
        }

        private void RequireCpu()
        {
            if (device_type != DeviceType.CPU) throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
        }

        internal void ValidateType<T>(bool onCpu = true)
        {
            if (onCpu) RequireCpu();
            Type wanted = dtype switch
            {
                ScalarType.Byte => typeof(byte),
                ScalarType.Int8 => typeof(sbyte),
                ScalarType.Int16 => typeof(short),
                ScalarType.Int32 => typeof(int),
                ScalarType.Int64 => typeof(long),
                ScalarType.Float16 => typeof(Half),
                ScalarType.BFloat16 => typeof(ushort),
                ScalarType.Float32 => typeof(float),
                ScalarType.Float64 => typeof(double),
                ScalarType.Bool => typeof(bool),
                _ => typeof(void),
            };
            if (typeof(T) != wanted)
                throw new ArgumentException($"{typeof(T).Name} is not the element type of a tensor of {dtype}.");
        }

        public static explicit operator float(Tensor value) => value.ToSingle();
        public static explicit operator double(Tensor value) => value.ToDouble();
        public static explicit operator sbyte(Tensor value) => value.ToSByte();
        public static explicit operator byte(Tensor value) => value.ToByte();
        public static explicit operator short(Tensor value) => value.ToInt16();
        public static explicit operator int(Tensor value) => value.ToInt32();
        public static explicit operator long(Tensor value) => value.ToInt64();
        public static explicit operator bool(Tensor value) => value.ToBoolean();

        public float ReadCpuSingle(long i) => ReadCpuValue<float>(i);
        public double ReadCpuDouble(long i) => ReadCpuValue<double>(i);
        public long ReadCpuInt64(long i) => ReadCpuValue<long>(i);
        public int ReadCpuInt32(long i) => ReadCpuValue<int>(i);
        public short ReadCpuInt16(long i) => ReadCpuValue<short>(i);
        public sbyte ReadCpuSByte(long i) => ReadCpuValue<sbyte>(i);
        public byte ReadCpuByte(long i) => ReadCpuValue<byte>(i);
        public bool ReadCpuBool(long i) => ReadCpuValue<bool>(i);

        public T ReadCpuValue<T>(long i) where T : unmanaged
        {
            RequireCpu();
            if (i < 0 || i >= NumberOfElements) throw new IndexOutOfRangeException($"{i} is not within the {NumberOfElements} elements.");
            T value = ((T*)DataPointer())[i];
            GC.KeepAlive(this);
            return value;
        }
    }
}

public static partial class TensorExtensionMethods
{
    public static int ElementSize(this torch.ScalarType type) => type switch
    {
        torch.ScalarType.Byte or torch.ScalarType.Int8 or torch.ScalarType.Bool or torch.ScalarType.QInt8 or torch.ScalarType.QUInt8 => 1,
        torch.ScalarType.Int16 or torch.ScalarType.Float16 or torch.ScalarType.BFloat16 => 2,
        torch.ScalarType.Int32 or torch.ScalarType.Float32 or torch.ScalarType.QInt32 => 4,
        torch.ScalarType.Int64 or torch.ScalarType.Float64 or torch.ScalarType.ComplexFloat32 => 8,
        torch.ScalarType.ComplexFloat64 => 16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No element type of that number."),
    };

    public static float ToSingle(this torch.Tensor value) => value.ToScalar().ToSingle();
    public static double ToDouble(this torch.Tensor value) => value.ToScalar().ToDouble();
    public static Half ToHalf(this torch.Tensor value) => value.ToScalar().ToHalf();
    public static sbyte ToSByte(this torch.Tensor value) => value.ToScalar().ToSByte();
    public static byte ToByte(this torch.Tensor value) => value.ToScalar().ToByte();
    public static short ToInt16(this torch.Tensor value) => value.ToScalar().ToInt16();
    public static int ToInt32(this torch.Tensor value) => value.ToScalar().ToInt32();
    public static long ToInt64(this torch.Tensor value) => value.ToScalar().ToInt64();
    public static bool ToBoolean(this torch.Tensor value) => value.ToScalar().ToBoolean();

    public static long TotalSize(this IEnumerable<long> shape)
    {
        long n = 1;
        foreach (long s in shape) n *= s;
        return n;
    }

    public static ReadOnlySpan<int> IntShape(this torch.Tensor tensor) => Array.ConvertAll(tensor.shape, s => (int)s);

    public static torch.Tensor ToTensor<T>(this T[] rawArray, long[] dimensions, bool doCopy = false, bool requires_grad = false) =>
        torch.FromArray(rawArray, dimensions, null, null, requires_grad);
}
