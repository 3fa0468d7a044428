namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        public ScalarType dtype
        {
            get
            {
                var type = (ScalarType)Native.semsam_tensor_dtype(Handle);
                GC.KeepAlive(this);
                return type;
            }
        }

        public Device device
        {
            get
            {
                Device d = Device.Unpack(Native.semsam_tensor_device(Handle));
                GC.KeepAlive(this);
                return d;
            }
        }

        public DeviceType device_type => device.type;
        public int device_index => device.index;
        public bool is_cuda => device_type == DeviceType.CUDA;
        public bool is_meta => device_type == DeviceType.META;
        public bool is_cpu() => device_type == DeviceType.CPU;

        public long Dimensions
        {
            get
            {
                long n = Native.semsam_tensor_dim(Handle);
                GC.KeepAlive(this);
                return n;
            }
        }

        public long ndim => Dimensions;
        public long dim() => Dimensions;

        public long NumberOfElements
        {
            get
            {
                long n = Native.semsam_tensor_numel(Handle);
                GC.KeepAlive(this);
                return n;
            }
        }

        public long numel() => NumberOfElements;
        public long ElementSize => dtype.ElementSize();
        public long element_size() => ElementSize;

        public long[] shape
        {
            get
            {
                var sizes = new long[Dimensions];
                fixed (long* p = sizes) Native.semsam_tensor_sizes(Handle, p);
                GC.KeepAlive(this);
                return sizes;
            }
        }

        public long[] size() => shape;

        public long size(int dim) => shape[Wrap(dim)];

        public long[] stride()
        {
            var strides = new long[Dimensions];
            fixed (long* p = strides) Native.Check(Native.semsam_tensor_strides(Handle, p));
            GC.KeepAlive(this);
            return strides;
        }

        public long stride(int dim) => stride()[Wrap(dim)];

        public long storage_offset()
        {
            long offset = Native.semsam_tensor_storage_offset(Handle);
            GC.KeepAlive(this);
            return offset;
        }

        public bool is_contiguous()
        {
            bool yes = Native.semsam_tensor_is_contiguous(Handle) != 0;
            GC.KeepAlive(this);
            return yes;
        }

        public bool is_sparse
        {
            get
            {
                bool yes = Native.semsam_tensor_is_sparse(Handle) != 0;
                GC.KeepAlive(this);
                return yes;
            }
        }

        public bool is_pinned()
        {
            int code = Native.semsam_tensor_is_pinned(Handle);
            GC.KeepAlive(this);
            Native.Check(code);
            return code != 0;
        }

        public bool is_complex() => torch.is_complex(dtype);
        public bool is_floating_point() => torch.is_floating_point(dtype);
        public bool is_integral() => torch.is_integral(dtype);
        public bool is_nonzero() => Convert.ToBoolean(LocalScalar().Double);

        private int Wrap(int dim)
        {
            int n = (int)Dimensions;
            int wrapped = dim < 0 ? dim + n : dim;
            if (wrapped < 0 || wrapped >= n)
                throw new IndexOutOfRangeException($"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})");
            return wrapped;
        }
    }

    public static bool is_complex(ScalarType type) => type is ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64;
    public static bool is_complex(Tensor input) => input.is_complex();

    public static bool is_floating_point(ScalarType type) =>
        type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;

    public static bool is_floating_point(Tensor input) => input.is_floating_point();

    public static bool is_integral(ScalarType type) =>
        type is ScalarType.Byte or ScalarType.Int8 or ScalarType.Int16 or ScalarType.Int32 or ScalarType.Int64 or ScalarType.Bool;

    public static bool is_integral(Tensor t) => t.is_integral();
    public static bool is_nonzero(Tensor input) => input.is_nonzero();
    public static bool is_tensor(object obj) => obj is Tensor;
    public static long numel(Tensor input) => input.numel();
}
