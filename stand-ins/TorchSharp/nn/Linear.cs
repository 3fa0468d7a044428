using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>y = x W^T + b.</summary>
    public sealed class Linear : nn.Module<Tensor, Tensor>
    {
        [ComponentName(nameof(weight))] private Parameter _weight;
        [ComponentName(nameof(bias))] private Parameter? _bias;

        internal Linear(long inputSize, long outputSize, bool hasBias, Device? device, ScalarType? dtype)
            : base(nameof(Linear))
        {
            in_features = inputSize;
            out_features = outputSize;
            _weight = new Parameter(empty([outputSize, inputSize], dtype: dtype, device: device));
            if (hasBias) _bias = new Parameter(empty([outputSize], dtype: dtype, device: device));
            LayerInit.Default(_weight, _bias);
            RegisterComponents();
        }

        internal Linear(Parameter weight, Parameter? bias) : base(nameof(Linear))
        {
            in_features = weight.shape[1];
            out_features = weight.shape[0];
            _weight = weight;
            _bias = bias;
            RegisterComponents();
        }

        public long in_features { get; set; }

        public long out_features { get; set; }

        public Parameter weight
        {
            get => _weight;
            set => ConditionallyRegisterParameter(nameof(weight), _weight = value ?? throw new ArgumentNullException(nameof(weight)));
        }

        public Parameter? bias
        {
            get => _bias;
            set => ConditionallyRegisterParameter(nameof(bias), _bias = value);
        }

        public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, _weight, _bias);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>A linear layer with new weights, uniform in plus or minus 1/sqrt(inputSize).</summary>
            public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, outputSize, hasBias, device, dtype);

            /// <summary>A linear layer over given weights [out, in] and bias [out].</summary>
            public static Linear Linear(Parameter weight, Parameter? bias = null) => new(weight, bias);
        }
    }
}
