namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor celu() => Aten.celu.T(this);
        public Tensor celu(Scalar alpha) => Aten.celu.T(this, alpha);
        public Tensor celu_() => Aten.celu_.In(this);
        public Tensor celu_(Scalar alpha) => Aten.celu_.In(this, alpha);
        public Tensor elu(double alpha = 1) => Aten.elu.T(this, alpha);
        public Tensor elu(Scalar alpha, Scalar scale, Scalar input_scale) => Aten.elu.T(this, alpha, scale, input_scale);
        public Tensor elu_(double alpha = 1) => Aten.elu_.In(this, alpha);
        public Tensor elu_(Scalar alpha, Scalar scale, Scalar input_scale) => Aten.elu_.In(this, alpha, scale, input_scale);
        public Tensor gelu() => Aten.gelu.T(this);
        public Tensor gelu_() => Aten.gelu_.In(this);
        public Tensor glu(long dim = -1) => Aten.glu.T(this, dim);
        public Tensor hardsigmoid() => Aten.hardsigmoid.T(this);
        public Tensor hardsigmoid_() => Aten.hardsigmoid_.In(this);
        public Tensor hardswish() => Aten.hardswish.T(this);
        public Tensor hardswish_() => Aten.hardswish_.In(this);
        public Tensor hardtanh(Scalar min, Scalar max) => Aten.hardtanh.T(this, min, max);
        public Tensor hardtanh_(Scalar min, Scalar max) => Aten.hardtanh_.In(this, min, max);
        public Tensor leaky_relu(Scalar negative_slope) => Aten.leaky_relu.T(this, negative_slope);
        public Tensor leaky_relu_(Scalar negative_slope) => Aten.leaky_relu_.In(this, negative_slope);
        public Tensor log_sigmoid() => Aten.log_sigmoid.T(this);
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Aten.log_softmax_int.T(this, dim, dtype);
        public Tensor prelu(Tensor target) => Aten.prelu.T(this, target);
        public Tensor relu() => Aten.relu.T(this);
        public Tensor relu_() => Aten.relu_.In(this);
        public Tensor relu6() => Aten.relu6.T(this);
        public Tensor relu6_() => Aten.relu6_.In(this);
        public Tensor rrelu(double lower = 0.125, double upper = 0.3333333333333333) => Aten.rrelu.T(this, lower, upper);
        public Tensor rrelu_(double lower = 0.125, double upper = 0.3333333333333333) => Aten.rrelu_.In(this, lower, upper);
        public Tensor selu() => Aten.selu.T(this);
        public Tensor selu_() => Aten.selu_.In(this);
        public Tensor sigmoid() => Aten.sigmoid.T(this);
        public Tensor sigmoid_() => Aten.sigmoid_.In(this);
        public Tensor silu() => Aten.silu.T(this);
        public Tensor silu_() => Aten.silu_.In(this);
        public Tensor softmax(long dim, ScalarType? dtype = null) => Aten.softmax_int.T(this, dim, dtype);
        public Tensor softplus(double beta = 1, double threshold = 20) => Aten.softplus.T(this, beta, threshold);
        public Tensor threshold(Scalar threshold, Scalar value) => Aten.threshold.T(this, threshold, value);
        public Tensor threshold_(Scalar threshold, Scalar value) => Aten.threshold_.In(this, threshold, value);
    }
}

internal static partial class Aten
{
    internal static readonly Op celu = new("celu");
    internal static readonly Op celu_ = new("celu_");
    internal static readonly Op elu = new("elu");
    internal static readonly Op elu_ = new("elu_");
    internal static readonly Op gelu = new("gelu");
    internal static readonly Op gelu_ = new("gelu_");
    internal static readonly Op glu = new("glu");
    internal static readonly Op hardsigmoid = new("hardsigmoid");
    internal static readonly Op hardsigmoid_ = new("hardsigmoid_");
    internal static readonly Op hardswish = new("hardswish");
    internal static readonly Op hardswish_ = new("hardswish_");
    internal static readonly Op hardtanh = new("hardtanh");
    internal static readonly Op hardtanh_ = new("hardtanh_");
    internal static readonly Op leaky_relu = new("leaky_relu");
    internal static readonly Op leaky_relu_ = new("leaky_relu_");
    internal static readonly Op log_sigmoid = new("log_sigmoid");
    internal static readonly Op log_softmax_int = new("log_softmax", "int");
    internal static readonly Op prelu = new("prelu");
    internal static readonly Op relu = new("relu");
    internal static readonly Op relu_ = new("relu_");
    internal static readonly Op relu6 = new("relu6");
    internal static readonly Op relu6_ = new("relu6_");
    internal static readonly Op rrelu = new("rrelu");
    internal static readonly Op rrelu_ = new("rrelu_");
    internal static readonly Op selu = new("selu");
    internal static readonly Op selu_ = new("selu_");
    internal static readonly Op sigmoid = new("sigmoid");
    internal static readonly Op sigmoid_ = new("sigmoid_");
    internal static readonly Op silu = new("silu");
    internal static readonly Op silu_ = new("silu_");
    internal static readonly Op softmax_int = new("softmax", "int");
    internal static readonly Op softplus = new("softplus");
    internal static readonly Op threshold = new("threshold");
    internal static readonly Op threshold_ = new("threshold_");
}
