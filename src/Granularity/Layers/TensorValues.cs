using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Layers;

/// <summary>Numbers of tensors on the host.</summary>
internal static class TensorValues
{
    /// <summary>Row-major, as float32.</summary>
    public static float[] Floats(Tensor tensor)
    {
        if (tensor.numel() == 0) return []; // it has no memory to look at
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, float>(tensor.detach().to(ScalarType.Float32).cpu().contiguous().bytes).ToArray();
    }
}
