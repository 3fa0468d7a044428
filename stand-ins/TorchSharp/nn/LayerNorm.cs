using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Normalisation over the last dimensions.</summary>
    public sealed class LayerNorm : nn.Module<Tensor, Tensor>
    {
        [ComponentName(nameof(weight))] private Parameter? _weight;
        [ComponentName(nameof(bias))] private Parameter? _bias;

        internal LayerNorm(long[] normalizedShape, double eps, bool elementwiseAffine, bool bias, Device? device, ScalarType? dtype)
            : base(nameof(LayerNorm))
        {
            normalized_shape = normalizedShape;
            this.eps = eps;
            elementwise_affine = elementwiseAffine;
            if (elementwiseAffine)
            {
                _weight = new Parameter(empty(normalizedShape, dtype: dtype, device: device));
                if (bias) _bias = new Parameter(empty(normalizedShape, dtype: dtype, device: device));
            }
            reset_parameters();
            RegisterComponents();
        }

        public long[] normalized_shape { get; set; }

        public double eps { get; set; }

        public bool elementwise_affine { get; set; }

        public Parameter weight
        {
            get => _weight!;
            set => ConditionallyRegisterParameter(nameof(weight), _weight = value);
        }

        public Parameter? bias
        {
            get => _bias;
            set => ConditionallyRegisterParameter(nameof(bias), _bias = value);
        }

        public void reset_parameters()
        {
            if (_weight is not null) nn.init.ones_(_weight);
            if (_bias is not null) nn.init.zeros_(_bias);
        }

        public override Tensor forward(Tensor tensor) => nn.functional.layer_norm(tensor, normalized_shape, _weight, _bias, eps);
    }

    /// <summary>Normalisation over groups of channels.</summary>
    public sealed class GroupNorm : nn.Module<Tensor, Tensor>
    {
        [ComponentName(nameof(weight))] private Parameter? _weight;
        [ComponentName(nameof(bias))] private Parameter? _bias;

        internal GroupNorm(long numGroups, long numChannels, double eps, bool affine, Device? device, ScalarType? dtype)
            : base(nameof(GroupNorm))
        {
            if (numChannels % numGroups != 0) throw new ArgumentException($"num_channels {numChannels} is not divisible by num_groups {numGroups}", nameof(numChannels));
            num_groups = numGroups;
            this.eps = eps;
            this.affine = affine;
            if (affine)
            {
                _weight = new Parameter(ones([numChannels], dtype: dtype, device: device));
                _bias = new Parameter(zeros([numChannels], dtype: dtype, device: device));
            }
            RegisterComponents();
        }

        public long num_groups { get; set; }

        public double eps { get; set; }

        public bool affine { get; set; }

        public Parameter weight
        {
            get => _weight!;
            set => ConditionallyRegisterParameter(nameof(weight), _weight = value);
        }

        public Parameter? bias
        {
            get => _bias;
            set => ConditionallyRegisterParameter(nameof(bias), _bias = value);
        }

        public override Tensor forward(Tensor tensor) => nn.functional.group_norm(tensor, num_groups, _weight, _bias, eps);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static LayerNorm LayerNorm(long[] normalized_shape, double eps = 1E-05, bool elementwise_affine = true, bool bias = true,
                Device? device = null, ScalarType? dtype = null) => new(normalized_shape, eps, elementwise_affine, bias, device, dtype);

            public static LayerNorm LayerNorm(long normalized_shape, double eps = 1E-05, bool elementwise_affine = true, bool bias = true,
                Device? device = null, ScalarType? dtype = null) => new([normalized_shape], eps, elementwise_affine, bias, device, dtype);

            public static GroupNorm GroupNorm(long num_groups, long num_channels, double eps = 1E-05, bool affine = true,
                Device? device = null, ScalarType? dtype = null) => new(num_groups, num_channels, eps, affine, device, dtype);
        }
    }
}
