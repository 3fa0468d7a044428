using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Modules
{
    /// <summary>Joins a range of dimensions into one.</summary>
    public sealed class Flatten : ParameterLessModule<Tensor, Tensor>
    {
        internal Flatten(long startDim, long endDim) : base(nameof(Flatten))
        {
            start_dim = startDim;
            end_dim = endDim;
        }

        public long start_dim { get; set; }

        public long end_dim { get; set; }

        public override Tensor forward(Tensor input) => input.flatten(start_dim, end_dim);
    }

    /// <summary>Splits one dimension into several.</summary>
    public sealed class Unflatten : ParameterLessModule<Tensor, Tensor>
    {
        internal Unflatten(long dim, long[] unflattenedSize) : base(nameof(Unflatten))
        {
            this.dim = dim;
            unflattened_size = unflattenedSize;
        }

        public long dim { get; set; }

        public long[] unflattened_size { get; set; }

        public override Tensor forward(Tensor tensor) => tensor.unflatten(dim, unflattened_size);
    }

    /// <summary>[N, C r^2, H, W] to [N, C, H r, W r].</summary>
    public sealed class PixelShuffle : ParameterLessModule<Tensor, Tensor>
    {
        internal PixelShuffle(long upscaleFactor) : base(nameof(PixelShuffle)) => upscale_factor = upscaleFactor;

        public long upscale_factor { get; set; }

        public override Tensor forward(Tensor input) => F.pixel_shuffle(input, upscale_factor);
    }

    /// <summary>Resizes [N, C, spatial] by interpolation, to a size or by a factor.</summary>
    public sealed class Upsample : ParameterLessModule<Tensor, Tensor>
    {
        private readonly long[]? _size;
        private readonly double[]? _scale;

        internal Upsample(long[]? size, double[]? scale, UpsampleMode mode, bool? alignCorners, bool? recompute) : base(nameof(Upsample))
        {
            _size = size;
            _scale = scale;
            this.mode = mode;
            align_corners = alignCorners;
            recompute_scale_factor = recompute;
        }

        public bool? recompute_scale_factor { get; set; }

        public UpsampleMode mode { get; }

        public bool? align_corners { get; }

        public ReadOnlySpan<long> size => _size;

        public ReadOnlySpan<double> scale_factor => _scale;

        public override Tensor forward(Tensor input) =>
            F.interpolate(input, _size, _scale, (InterpolationMode)mode, align_corners, recompute_scale_factor ?? false);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Flatten Flatten(long start_dim = 1, long end_dim = -1) => new(start_dim, end_dim);

            public static Unflatten Unflatten(long dim, long[] unflattened_size) => new(dim, unflattened_size);

            public static PixelShuffle PixelShuffle(long upscale_factor) => new(upscale_factor);

            public static Upsample Upsample(long[]? size = null, double[]? scale_factor = null, UpsampleMode mode = UpsampleMode.Nearest,
                bool? align_corners = null, bool? recompute_scale_factor = null) => new(size, scale_factor, mode, align_corners, recompute_scale_factor);
        }
    }
}
