using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>libtorch's operators over lists of tensors: one call, and one kernel where the device has one.</summary>
internal static class Foreach
{
    private static readonly Op s_mulScalar = new("_foreach_mul_", "Scalar");
    private static readonly Op s_addList = new("_foreach_add_", "List");
    private static readonly Op s_addScalar = new("_foreach_add_", "Scalar");
    private static readonly Op s_divScalar = new("_foreach_div_", "Scalar");
    private static readonly Op s_addcmul = new("_foreach_addcmul_", "Scalar");
    private static readonly Op s_addcdiv = new("_foreach_addcdiv_", "Scalar");
    private static readonly Op s_sqrt = new("_foreach_sqrt");
    private static readonly Op s_neg = new("_foreach_neg");
    private static readonly Op s_addNew = new("_foreach_add", "List");

    /// <summary>self *= factor</summary>
    internal static void Mul(Tensor[] self, double factor) => s_mulScalar.V(self, factor);

    /// <summary>self += alpha other</summary>
    internal static void Add(Tensor[] self, Tensor[] other, double alpha = 1) => s_addList.V(self, other, alpha);

    /// <summary>self += value</summary>
    internal static void Add(Tensor[] self, double value) => s_addScalar.V(self, value);

    /// <summary>self /= divisor</summary>
    internal static void Div(Tensor[] self, double divisor) => s_divScalar.V(self, divisor);

    /// <summary>self += value a b</summary>
    internal static void AddCMul(Tensor[] self, Tensor[] a, Tensor[] b, double value) => s_addcmul.V(self, a, b, value);

    /// <summary>self += value a / b</summary>
    internal static void AddCDiv(Tensor[] self, Tensor[] a, Tensor[] b, double value) => s_addcdiv.V(self, a, b, value);

    internal static Tensor[] Sqrt(Tensor[] self) => s_sqrt.Ts(self);

    internal static Tensor[] Neg(Tensor[] self) => s_neg.Ts(self);

    /// <summary>a + alpha b, as new tensors.</summary>
    internal static Tensor[] Sum(Tensor[] a, Tensor[] b, double alpha) => s_addNew.Ts(a, b, alpha);
}
