using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Modules
{
    /// <summary>What the transposed convolutions share: the output padding that reaches a wanted size.</summary>
    public abstract class ConvolutionTranspose : Convolution
    {
        protected ConvolutionTranspose(string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[]? padding,
            Padding? padding_type, long[] dilation, bool transposed, long[] output_padding, long groups, bool bias,
            PaddingModes padding_mode, Device? device = null, ScalarType? dtype = null)
            : base(name, in_channels, out_channels, kernel_size, stride, padding, padding_type, dilation, transposed, output_padding, groups, bias,
                padding_mode, device, dtype)
        {
            if (padding_mode != PaddingModes.Zeros)
                throw new ArgumentException($"padding_mode {padding_mode} is not supported for {name}, only Zeros", nameof(padding_mode));
        }

        public override Tensor forward(Tensor input) => forward(input, null);

        public abstract Tensor forward(Tensor input, long[]? output_size);

        protected long[] _output_padding(Tensor input, long[]? output_size, long[] kernel_size, long[] stride, long[] padding, long[] dilation, long num_spatial_dims)
        {
            if (output_size is null) return output_padding;
            int dims = (int)num_spatial_dims;
            long[] shape = input.shape;
            if (output_size.Length > dims) output_size = output_size[^dims..];
            if (output_size.Length != dims)
                throw new ArgumentException($"output_size has {output_size.Length} entries, {dims} are needed", nameof(output_size));
            var result = new long[dims];
            for (int i = 0; i < dims; i++)
            {
                long smallest = ((shape[shape.Length - dims + i] - 1) * stride[i]) - (2 * padding[i]) + (dilation[i] * (kernel_size[i] - 1)) + 1;
                result[i] = output_size[i] - smallest;
                if (result[i] < 0 || result[i] >= stride[i])
                    throw new ArgumentException($"output_size {output_size[i]} is outside {smallest} to {smallest + stride[i] - 1}", nameof(output_size));
            }
            return result;
        }
    }

    /// <summary>Transposed convolution of [N, C, L].</summary>
    public sealed class ConvTranspose1d : ConvolutionTranspose
    {
        internal ConvTranspose1d(long inChannels, long outChannels, long kernel, long stride, long padding, long outputPadding, long dilation,
            PaddingModes mode, long groups, bool bias, Device? device, ScalarType? dtype)
            : base(nameof(ConvTranspose1d), inChannels, outChannels, [kernel], [stride], [padding], null, [dilation], true, [outputPadding], groups, bias, mode, device, dtype)
        {
        }

        public override Tensor forward(Tensor input, long[]? output_size)
        {
            long[] extra = _output_padding(input, output_size, kernel_size, stride, padding!, dilation, 1);
            return F.conv_transpose1d(input, weight, bias, stride[0], padding![0], extra[0], dilation[0], groups);
        }
    }

    /// <summary>Transposed convolution of [N, C, H, W].</summary>
    public sealed class ConvTranspose2d : ConvolutionTranspose
    {
        internal ConvTranspose2d(long inChannels, long outChannels, (long, long) kernel, (long, long) stride, (long, long) padding, (long, long) outputPadding,
            (long, long) dilation, PaddingModes mode, long groups, bool bias, Device? device, ScalarType? dtype)
            : base(nameof(ConvTranspose2d), inChannels, outChannels, [kernel.Item1, kernel.Item2], [stride.Item1, stride.Item2], [padding.Item1, padding.Item2], null,
                [dilation.Item1, dilation.Item2], true, [outputPadding.Item1, outputPadding.Item2], groups, bias, mode, device, dtype)
        {
        }

        public override Tensor forward(Tensor input, long[]? output_size)
        {
            long[] extra = _output_padding(input, output_size, kernel_size, stride, padding!, dilation, 2);
            return F.conv_transpose2d(input, weight, bias, stride, padding, extra, dilation, groups);
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static ConvTranspose1d ConvTranspose1d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0,
                long output_padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true,
                Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride, padding, output_padding, dilation, padding_mode, groups, bias, device, dtype);

            public static ConvTranspose2d ConvTranspose2d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0,
                long output_padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true,
                Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, (kernel_size, kernel_size), (stride, stride), (padding, padding), (output_padding, output_padding),
                    (dilation, dilation), padding_mode, groups, bias, device, dtype);

            public static ConvTranspose2d ConvTranspose2d(long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null,
                (long, long)? padding = null, (long, long)? output_padding = null, (long, long)? dilation = null,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride ?? (1, 1), padding ?? (0, 0), output_padding ?? (0, 0), dilation ?? (1, 1),
                    padding_mode, groups, bias, device, dtype);
        }
    }
}
