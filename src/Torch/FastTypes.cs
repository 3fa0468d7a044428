using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Torch;

/// <summary>Which number type a device convolves fastest in.</summary>
internal static class FastTypes
{
    private const int ExtendedFeatures = 7, Avx512Bf16 = 1 << 5, AmxBf16 = 1 << 22;

    /// <summary>bfloat16 on a CUDA device and on processors with instructions for it, else float32: emulated, bfloat16 is far slower.</summary>
    public static ScalarType Convolution(Device device) => device.type == DeviceType.CUDA || HasBfloat16() ? ScalarType.BFloat16 : ScalarType.Float32;

    private static bool HasBfloat16()
    {
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < ExtendedFeatures) return false;
        return (X86Base.CpuId(ExtendedFeatures, 1).Eax & Avx512Bf16) != 0 || (X86Base.CpuId(ExtendedFeatures, 0).Edx & AmxBf16) != 0;
    }
}
