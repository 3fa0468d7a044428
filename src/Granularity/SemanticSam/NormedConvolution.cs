using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>
/// A 3x3 convolution followed by a batch norm. In inference both are one convolution, whose weights are made at the first call
/// and again after <see cref="Forget"/>, on another device, or when the norm's numbers have changed.
/// </summary>
internal sealed class NormedConvolution(Conv2d convolution, BatchNorm2d norm)
{
    private volatile Folded? _folded;

    /// <summary>A 3x3 convolution without bias, initialised for ReLU.</summary>
    public static Conv2d Convolution(long input, long output, long stride)
    {
        var made = nn.Conv2d(input, output, kernel_size: 3, stride: stride, padding: 1, bias: false);
        nn.init.kaiming_normal_(made.weight, 0, nn.init.FanInOut.FanOut, nn.init.NonlinearityType.ReLU);
        return made;
    }

    /// <summary>ReLU, in place where no gradient is recorded.</summary>
    public static Tensor Relu(Tensor x) => is_grad_enabled() ? F.relu(x) : x.relu_();

    /// <summary>[B, input, H, W] -> [B, output, H', W'].</summary>
    public Tensor Apply(Tensor x)
    {
        if (norm.training || is_grad_enabled()) return norm.call(convolution.call(x));
        var folded = _folded;
        if (folded is null || !folded.IsOf(norm)) _folded = folded = Folded.Of(convolution, norm);
        return F.conv2d(x, folded.Weight, folded.Bias, convolution.stride, convolution.padding);
    }

    /// <summary>Drops the folded weights. They are left to the collector: another thread may be computing with them.</summary>
    public void Forget() => _folded = null;

    /// <param name="Weight">[output, input, 3, 3].</param>
    /// <param name="Bias">[output].</param>
    /// <param name="Norm">The norm's numbers at the time.</param>
    private sealed record Folded(Tensor Weight, Tensor Bias, byte[][] Norm)
    {
        public static Folded Of(Conv2d convolution, BatchNorm2d norm)
        {
            using var scope = NewDisposeScope();
            var scale = norm.weight! * (norm.running_var! + norm.eps).rsqrt(); // [output]
            var weight = convolution.weight * scale.view(-1, 1, 1, 1);
            var bias = norm.bias! - norm.running_mean! * scale;
            return new(weight.DetachFromDisposeScope(), bias.DetachFromDisposeScope(), Numbers(norm));
        }

        public bool IsOf(BatchNorm2d norm)
        {
            if (norm.weight!.device_type != Weight.device_type || norm.weight.device.index != Weight.device.index) return false;
            if (Norm.Length == 0) return true;
            return norm.weight.bytes.SequenceEqual(Norm[0]) && norm.bias!.bytes.SequenceEqual(Norm[1])
                && norm.running_mean!.bytes.SequenceEqual(Norm[2]) && norm.running_var!.bytes.SequenceEqual(Norm[3]);
        }

        /// <summary>Only on the CPU: elsewhere reading them would wait for the device at every call.</summary>
        private static byte[][] Numbers(BatchNorm2d norm) => norm.weight!.device_type != DeviceType.CPU ? []
            : [norm.weight.bytes.ToArray(), norm.bias!.bytes.ToArray(), norm.running_mean!.bytes.ToArray(), norm.running_var!.bytes.ToArray()];
    }
}
