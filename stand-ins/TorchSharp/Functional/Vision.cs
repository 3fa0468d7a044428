namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => mode switch
            {
                PaddingModes.Constant or PaddingModes.Zeros => Aten.constant_pad_nd.T(input, pad, (Scalar)value),
                PaddingModes.Reflect => Padded(input, pad, Aten.reflection_pad1d, Aten.reflection_pad2d, Aten.reflection_pad3d),
                PaddingModes.Replicate => Padded(input, pad, Aten.replication_pad1d, Aten.replication_pad2d, Aten.replication_pad3d),
                _ => Aten._pad_circular.T(input, pad),
            };

            public static Tensor pad(Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => functional.pad(input, pad.ToArray(), mode, value);
            public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => functional.pad(input, Two(pad), mode, value);

            public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, new[] { pad.Item1, pad.Item2, pad.Item3, pad.Item4 }, mode, value);

            public static Tensor pad(Tensor input, long pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => functional.pad(input, Two(pad), mode, value);

            public static Tensor interpolate(Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null, bool recompute_scale_factor = false, bool antialias = false)
            {
                int spatial = (int)x.ndim - 2;
                if ((size is null) == (scale_factor is null))
                    throw new ArgumentException("interpolate takes either size or scale_factor, and not both.");
                if (align_corners is not null && mode is InterpolationMode.Nearest or InterpolationMode.NearestExact or InterpolationMode.Area)
                {
                    if (align_corners is not null) throw new ArgumentException($"align_corners can only be set with Linear, Bilinear, Bicubic and Trilinear, not with {mode}.");
                }
                if (scale_factor is { Length: 1 } && spatial > 1) scale_factor = Enumerable.Repeat(scale_factor[0], spatial).ToArray();
                if (size is { Length: 1 } && spatial > 1) size = Enumerable.Repeat(size[0], spatial).ToArray();
                if (scale_factor is not null && recompute_scale_factor)
                {
                    size = x.shape[2..].Select((s, d) => (long)Math.Floor(s * scale_factor[d])).ToArray();
                    scale_factor = null;
                }
                bool align = align_corners ?? false;
                return (mode, spatial) switch
                {
                    (InterpolationMode.Nearest, 1) => Aten.upsample_nearest1d_vec.T(x, size, scale_factor),
                    (InterpolationMode.Nearest, 2) => Aten.upsample_nearest2d_vec.T(x, size, scale_factor),
                    (InterpolationMode.Nearest, 3) => Aten.upsample_nearest3d_vec.T(x, size, scale_factor),
                    (InterpolationMode.NearestExact, 1) => Aten._upsample_nearest_exact1d_vec.T(x, size, scale_factor),
                    (InterpolationMode.NearestExact, 2) => Aten._upsample_nearest_exact2d_vec.T(x, size, scale_factor),
                    (InterpolationMode.Linear, 1) => Aten.upsample_linear1d_vec.T(x, size, align, scale_factor),
                    (InterpolationMode.Bilinear, 2) when antialias => Aten._upsample_bilinear2d_aa_vec.T(x, size, align, scale_factor),
                    (InterpolationMode.Bilinear, 2) => Aten.upsample_bilinear2d_vec.T(x, size, align, scale_factor),
                    (InterpolationMode.Bicubic, 2) when antialias => Aten._upsample_bicubic2d_aa_vec.T(x, size, align, scale_factor),
                    (InterpolationMode.Bicubic, 2) => Aten.upsample_bicubic2d_vec.T(x, size, align, scale_factor),
                    (InterpolationMode.Trilinear, 3) => Aten.upsample_trilinear3d_vec.T(x, size, align, scale_factor),
                    (InterpolationMode.Area, 1) => Aten.adaptive_avg_pool1d.T(x, Sized(x, size, scale_factor)),
                    (InterpolationMode.Area, 2) => Aten.adaptive_avg_pool2d.T(x, Sized(x, size, scale_factor)),
                    (InterpolationMode.Area, 3) => Aten.adaptive_avg_pool3d.T(x, Sized(x, size, scale_factor)),
                    _ => throw new ArgumentException($"interpolate by {mode} does not take a tensor of {x.ndim} dimensions."),
                };
            }

            public static Tensor upsample(Tensor input, long[]? size = null, double[]? scale_factor = null, UpsampleMode mode = UpsampleMode.Nearest, bool align_corners = false) =>
                interpolate(input, size, scale_factor, (InterpolationMode)(int)mode, mode == UpsampleMode.Nearest ? null : align_corners);

            public static Tensor upsample_bilinear(Tensor x, long[]? size = null, double[]? scale_factor = null, bool align_corners = false) =>
                interpolate(x, size, scale_factor, InterpolationMode.Bilinear, align_corners);

            public static Tensor upsample_nearest(Tensor x, long[]? size = null, double[]? scale_factor = null, bool align_corners = false) =>
                interpolate(x, size, scale_factor, InterpolationMode.Nearest);

            public static Tensor grid_sample(Tensor input, Tensor grid, GridSampleMode mode = GridSampleMode.Bilinear, GridSamplePaddingMode padding_mode = GridSamplePaddingMode.Zeros, bool? align_corners = null) =>
                Aten.grid_sampler.T(input, grid, mode == GridSampleMode.Bilinear ? 0L : 1L, padding_mode switch
                {
                    GridSamplePaddingMode.Zeros => 0L,
                    GridSamplePaddingMode.Border => 1L,
                    _ => 2L,
                }, align_corners ?? false);

            public static Tensor affine_grid(Tensor theta, long[]? size = null, bool align_corners = false) => Aten.affine_grid_generator.T(theta, size, align_corners);

            public static Tensor unfold(Tensor input, long kernel_size, long dilation = 1, long padding = 0, long stride = 1) =>
                Aten.im2col.T(input, Two(kernel_size), Two(dilation), Two(padding), Two(stride));

            public static Tensor unfold(Tensor input, (long, long) kernel_size, (long, long)? dilation = null, (long, long)? padding = null, (long, long)? stride = null) =>
                Aten.im2col.T(input, Two(kernel_size), Two(dilation) ?? Ones2, Two(padding) ?? Zeros2, Two(stride) ?? Ones2);

            public static Tensor fold(Tensor input, long output_size, long kernel_size, long dilation = 1, long padding = 0, long stride = 1) =>
                Aten.col2im.T(input, Two(output_size), Two(kernel_size), Two(dilation), Two(padding), Two(stride));

            public static Tensor fold(Tensor input, (long, long) output_size, (long, long) kernel_size, (long, long)? dilation = null, (long, long)? padding = null, (long, long)? stride = null) =>
                Aten.col2im.T(input, Two(output_size), Two(kernel_size), Two(dilation) ?? Ones2, Two(padding) ?? Zeros2, Two(stride) ?? Ones2);

            public static Tensor pixel_shuffle(Tensor input, long upscale_factor) => Aten.pixel_shuffle.T(input, upscale_factor);
            public static Tensor pixel_unshuffle(Tensor input, long downscale_factor) => Aten.pixel_unshuffle.T(input, downscale_factor);

            private static Tensor Padded(Tensor input, long[] pad, Op one, Op two, Op three) => pad.Length switch
            {
                2 => one.T(input, pad),
                4 => two.T(input, pad),
                6 => three.T(input, pad),
                _ => throw new ArgumentException($"This padding takes 2, 4 or 6 numbers, not {pad.Length}.", nameof(pad)),
            };

            private static long[] Sized(Tensor x, long[]? size, double[]? scale) =>
                size ?? x.shape[2..].Select((s, d) => (long)Math.Floor(s * scale![d])).ToArray();
        }
    }
}

internal static partial class Aten
{
    internal static readonly Op constant_pad_nd = new("constant_pad_nd");
    internal static readonly Op reflection_pad1d = new("reflection_pad1d");
    internal static readonly Op reflection_pad2d = new("reflection_pad2d");
    internal static readonly Op reflection_pad3d = new("reflection_pad3d");
    internal static readonly Op replication_pad1d = new("replication_pad1d");
    internal static readonly Op replication_pad2d = new("replication_pad2d");
    internal static readonly Op replication_pad3d = new("replication_pad3d");
    internal static readonly Op _pad_circular = new("_pad_circular");
    internal static readonly Op upsample_nearest1d_vec = new("upsample_nearest1d", "vec");
    internal static readonly Op upsample_nearest2d_vec = new("upsample_nearest2d", "vec");
    internal static readonly Op upsample_nearest3d_vec = new("upsample_nearest3d", "vec");
    internal static readonly Op _upsample_nearest_exact1d_vec = new("_upsample_nearest_exact1d", "vec");
    internal static readonly Op _upsample_nearest_exact2d_vec = new("_upsample_nearest_exact2d", "vec");
    internal static readonly Op upsample_linear1d_vec = new("upsample_linear1d", "vec");
    internal static readonly Op upsample_bilinear2d_vec = new("upsample_bilinear2d", "vec");
    internal static readonly Op _upsample_bilinear2d_aa_vec = new("_upsample_bilinear2d_aa", "vec");
    internal static readonly Op upsample_bicubic2d_vec = new("upsample_bicubic2d", "vec");
    internal static readonly Op _upsample_bicubic2d_aa_vec = new("_upsample_bicubic2d_aa", "vec");
    internal static readonly Op upsample_trilinear3d_vec = new("upsample_trilinear3d", "vec");
    internal static readonly Op grid_sampler = new("grid_sampler");
    internal static readonly Op affine_grid_generator = new("affine_grid_generator");
    internal static readonly Op im2col = new("im2col");
    internal static readonly Op col2im = new("col2im");
    internal static readonly Op pixel_shuffle = new("pixel_shuffle");
    internal static readonly Op pixel_unshuffle = new("pixel_unshuffle");
}
