using static TorchSharp.torch;

namespace SemanticSam.Training.Losses;

/// <summary>Source of uniform random numbers in [0, 1), so that an objective can be repeated exactly.</summary>
/// <param name="shape">Shape of the tensor wanted.</param>
/// <returns>A float32 tensor on the CPU.</returns>
public delegate Tensor RandomUniform(params long[] shape);
