using SemanticSam.Granularity.Layers;
using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>
/// Layers whose weights stay float32 while they compute in the type of what comes in: bfloat16 where the machine is fast at it. The
/// cast is part of the graph, so gradients arrive in float32.
/// </summary>
internal static class NanoLayers
{
    private const double BatchNormEpsilon = 1e-5;

    [ThreadStatic] private static bool _unfilled;

    /// <summary>
    /// Makes a network whose weights are loaded at once: its layers do not draw thirteen million numbers that nobody sees, neither this program's nor the
    /// tensor library's own, which would take longer than loading them.
    /// </summary>
    /// <param name="make">Makes it, on this thread.</param>
    public static T Unfilled<T>(Func<T> make)
    {
        _unfilled = true;
        try
        {
            return make();
        }
        finally
        {
            _unfilled = false;
        }
    }

    /// <summary>A convolution; kernel 3 is padded by 1.</summary>
    public static Conv2d Conv(int inputs, int outputs, int kernel, bool bias, int stride = 1)
    {
        var layer = nn.Conv2d(inputs, outputs, kernel, stride: stride, padding: kernel / 2, bias: bias, device: _unfilled ? META : null);
        if (_unfilled)
        {
            // In the memory order that convolutions want, so that nothing is copied for it.
            layer.weight = ModuleTensors.Parameter(empty([outputs, kernel, kernel, inputs], ScalarType.Float32).permute(0, 3, 1, 2));
            if (bias) layer.bias = ModuleTensors.Parameter(empty([outputs], ScalarType.Float32));
            return layer;
        }
        using (no_grad())
        {
            nn.init.kaiming_normal_(layer.weight!, 0, nn.init.FanInOut.FanIn, nn.init.NonlinearityType.ReLU);
            if (bias) layer.bias!.zero_();
        }
        return layer;
    }

    /// <summary>A norm over groups of channels with its weights at 1 and 0.</summary>
    public static GroupNorm Norm(int groups, int channels)
    {
        var layer = nn.GroupNorm(groups, channels);
        using (no_grad())
        {
            layer.weight!.fill_(1); // the binding leaves both uninitialized
            layer.bias!.zero_();
        }
        return layer;
    }

    /// <summary>A norm over the last dimension with its weights at 1 and 0.</summary>
    public static LayerNorm LayerNorm(int width)
    {
        var layer = nn.LayerNorm(width);
        using (no_grad())
        {
            layer.weight!.fill_(1);
            layer.bias!.zero_();
        }
        return layer;
    }

    /// <summary>A linear layer with weights of the given deviation and no bias to begin with.</summary>
    public static Linear Linear(int inputs, int outputs, double? deviation = null)
    {
        var layer = nn.Linear(inputs, outputs, device: _unfilled ? META : null);
        if (_unfilled)
        {
            layer.weight = ModuleTensors.Parameter(empty([outputs, inputs], ScalarType.Float32));
            layer.bias = ModuleTensors.Parameter(empty([outputs], ScalarType.Float32));
            return layer;
        }
        using (no_grad())
        {
            nn.init.normal_(layer.weight!, 0, deviation ?? 1 / Math.Sqrt(inputs));
            layer.bias!.zero_();
        }
        return layer;
    }

    /// <summary>A linear layer as this program computes it itself; later changes of its weights are not noticed.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="scale">Multiplies what comes out.</param>
    public static PackedLinear Pack(Linear layer, float scale = 1)
    {
        int outputs = (int)layer.weight!.shape[0], inputs = (int)layer.weight.shape[1];
        float[] bias = Array.ConvertAll(TensorValues.Floats(layer.bias!), b => scale * b);
        return new(TensorValues.Floats(layer.weight), new(0, outputs, inputs, inputs, 1), bias, scale);
    }

    /// <summary>Convolves in the type of <paramref name="x"/>, [B, C, H, W].</summary>
    public static Tensor Run(Conv2d layer, Tensor x, int stride = 1) =>
        Run(layer.weight!, layer.bias, x, stride);

    /// <summary>
    /// Convolution and batch norm with its stored statistics as one convolution: on activations of this size the norm would cost as much
    /// as a tenth of the step, on weights nothing.
    /// </summary>
    public static Tensor Run(Conv2d layer, BatchNorm2d norm, Tensor x, int stride = 1)
    {
        var (weight, bias) = Join(layer, norm);
        return Run(weight, bias, x, stride);
    }

    /// <summary>The kernels and biases of a convolution and the batch norm behind it as one.</summary>
    public static (Tensor Weight, Tensor Bias) Join(Conv2d layer, BatchNorm2d norm)
    {
        Tensor scale = norm.weight! * (norm.running_var! + BatchNormEpsilon).rsqrt();
        return (layer.weight! * scale.view(-1, 1, 1, 1), norm.bias! - norm.running_mean! * scale);
    }

    /// <summary>GroupNorm in float32, then ReLU; the type of <paramref name="x"/> stays.</summary>
    public static Tensor NormAndRelu(GroupNorm norm, Tensor x) =>
        nn.functional.relu(norm.forward(x.to(ScalarType.Float32)), inplace: true).to(x.dtype);

    /// <summary>Gives a convolution's weights the memory order [O, kh, kw, I], in which channels-last convolutions want them.</summary>
    public static void ChannelsLast(Tensor weight)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        weight.set_(weight.detach().permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).DetachFromDisposeScope());
    }

    /// <summary>Convolves with given kernels, in the type of <paramref name="x"/>; kernels of 3 and 7 are padded.</summary>
    public static Tensor Run(Tensor weight, Tensor? bias, Tensor x, int stride)
    {
        long pad = weight.shape[2] / 2;
        return nn.functional.conv2d(x, weight.to(x.dtype), bias?.to(x.dtype), strides: [stride, stride], padding: [pad, pad]);
    }
}
