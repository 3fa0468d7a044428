namespace SemanticSam.Engine;

/// <summary>The numbers that a model of the embedded one's family convolves in. All else is computed in float32, and so are models of other families.</summary>
public enum ModelPrecision
{
    /// <summary>
    /// bfloat16 where the device is fast at it: GPUs, and processors with instructions for it (AVX-512 BF16, AMX); else float32. An image is encoded in less
    /// than two thirds of the time; masks differ between the two by a few pixels at their edges.
    /// </summary>
    Automatic,

    /// <summary>float32, so that all machines give nearly the same.</summary>
    Float32,

    /// <summary>bfloat16, which is slow on processors without instructions for it.</summary>
    Bfloat16,
}
