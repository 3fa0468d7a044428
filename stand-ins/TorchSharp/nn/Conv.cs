using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Modules
{
    /// <summary>Convolution of [N, C, L].</summary>
    public sealed class Conv1d : Convolution
    {
        internal Conv1d(long inChannels, long outChannels, long kernel, long stride, long? padding, Padding? paddingType, long dilation,
            PaddingModes mode, long groups, bool bias, Device? device, ScalarType? dtype)
            : base(nameof(Conv1d), inChannels, outChannels, [kernel], [stride], padding is { } p ? [p] : null, paddingType, [dilation],
                false, [0], groups, bias, mode, device, dtype)
        {
        }

        public override Tensor forward(Tensor input)
        {
            if (padding_mode != PaddingModes.Zeros)
            {
                using Tensor padded = PadByMode(input);
                return F.conv1d(padded, weight, bias, stride[0], 0, dilation[0], groups);
            }
            return padding_type is { } type
                ? F.conv1d_padding(input, weight, bias, stride[0], type, dilation[0], groups)
                : F.conv1d(input, weight, bias, stride[0], padding![0], dilation[0], groups);
        }
    }

    /// <summary>Convolution of [N, C, H, W].</summary>
    public sealed class Conv2d : Convolution
    {
        internal Conv2d(long inChannels, long outChannels, (long, long) kernel, (long, long) stride, (long, long)? padding, Padding? paddingType,
            (long, long) dilation, PaddingModes mode, long groups, bool bias, Device? device, ScalarType? dtype)
            : base(nameof(Conv2d), inChannels, outChannels, [kernel.Item1, kernel.Item2], [stride.Item1, stride.Item2],
                padding is { } p ? [p.Item1, p.Item2] : null, paddingType, [dilation.Item1, dilation.Item2], false, [0, 0], groups, bias, mode, device, dtype)
        {
        }

        public override Tensor forward(Tensor input)
        {
            if (padding_mode != PaddingModes.Zeros)
            {
                using Tensor padded = PadByMode(input);
                return F.conv2d(padded, weight, bias, stride, [0, 0], dilation, groups);
            }
            return padding_type is { } type
                ? F.conv2d_padding(input, weight, bias, stride, type, dilation, groups)
                : F.conv2d(input, weight, bias, stride, padding, dilation, groups);
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Conv1d Conv1d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride, padding, null, dilation, padding_mode, groups, bias, device, dtype);

            public static Conv1d Conv1d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride, null, padding, dilation, padding_mode, groups, bias, device, dtype);

            public static Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, (kernel_size, kernel_size), (stride, stride), (padding, padding), null, (dilation, dilation),
                    padding_mode, groups, bias, device, dtype);

            public static Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null,
                (long, long)? padding = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1,
                bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride ?? (1, 1), padding ?? (0, 0), null, dilation ?? (1, 1), padding_mode, groups, bias, device, dtype);

            public static Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, (kernel_size, kernel_size), (stride, stride), null, padding, (dilation, dilation), padding_mode, groups, bias, device, dtype);

            public static Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, Padding padding, (long, long)? stride = null,
                (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true,
                Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride ?? (1, 1), null, padding, dilation ?? (1, 1), padding_mode, groups, bias, device, dtype);
        }
    }
}
