using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Layers;

/// <summary>Numbers of tensors on the host.</summary>
internal static class TensorValues
{
    /// <summary>
    /// A tensor in libtorch's own memory. What the binding makes of an array stays in the array's, which begins anywhere, and the last digit of a product
    /// hangs on that: the same question would be answered a little differently each time.
    /// </summary>
    /// <param name="values">Row-major.</param>
    /// <param name="shape">The tensor's.</param>
    public static Tensor Of(float[] values, params long[] shape)
    {
        using var scope = NewDisposeScope();
        return tensor(values, shape).clone().MoveToOuterDisposeScope();
    }

    /// <summary>Row-major, as float32.</summary>
    public static float[] Floats(Tensor tensor)
    {
        if (tensor.numel() == 0) return []; // it has no memory to look at
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, float>(tensor.detach().to(ScalarType.Float32).cpu().contiguous().bytes).ToArray();
    }
}
