using static TorchSharp.torch;

namespace SemanticSam.Granularity.Layers;

/// <summary>Numbers of tensors on the host.</summary>
internal static class TensorValues
{
    /// <summary>Row-major, as float32.</summary>
    public static float[] Floats(Tensor tensor)
    {
        if (tensor.numel() == 0) return []; // which an accessor refuses
        using var scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
    }
}
