using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>State of the normalisations that keep running statistics.</summary>
    public abstract class NormBase : nn.Module<Tensor, Tensor>
    {
        private Parameter? _weight;
        private Parameter? _bias;
        private Tensor? _runningMean;
        private Tensor? _runningVar;
        private Tensor? _batches;

        public NormBase(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name)
            : base(name)
        {
            this.num_features = num_features;
            this.eps = eps;
            this.momentum = momentum;
            this.affine = affine;
            this.track_running_stats = track_running_stats;
            if (affine)
            {
                weight = new Parameter(ones([num_features], dtype: dtype, device: device));
                bias = new Parameter(zeros([num_features], dtype: dtype, device: device));
            }
            if (track_running_stats)
            {
                running_mean = zeros([num_features], dtype: dtype, device: device);
                running_var = ones([num_features], dtype: dtype, device: device);
                num_batches_tracked = zeros([], dtype: ScalarType.Int64, device: device);
            }
        }

        public long num_features { get; }

        public double eps { get; set; }

        public double? momentum { get; set; }

        public bool affine { get; }

        public bool track_running_stats { get; }

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

        public Tensor? running_mean
        {
            get => _runningMean;
            set => ConditionallyRegisterBuffer(nameof(running_mean), _runningMean = value);
        }

        public Tensor? running_var
        {
            get => _runningVar;
            set => ConditionallyRegisterBuffer(nameof(running_var), _runningVar = value);
        }

        public Tensor? num_batches_tracked
        {
            get => _batches;
            set => ConditionallyRegisterBuffer(nameof(num_batches_tracked), _batches = value);
        }

        public void reset_running_stats()
        {
            if (!track_running_stats) return;
            nn.init.zeros_(_runningMean!);
            nn.init.ones_(_runningVar!);
            nn.init.zeros_(_batches!);
        }

        public void reset_parameters()
        {
            reset_running_stats();
            if (!affine) return;
            nn.init.ones_(_weight!);
            nn.init.zeros_(_bias!);
        }

        protected abstract void ValidateInputDimensions(Tensor input);
    }

    /// <summary>Batch normalisation: batch statistics in training, running ones in evaluation.</summary>
    public abstract class BatchNorm : NormBase
    {
        public BatchNorm(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, name)
        {
        }

        public override Tensor forward(Tensor input)
        {
            ValidateInputDimensions(input);
            double factor = momentum ?? 0;
            if (training && num_batches_tracked is not null)
            {
                using (no_grad()) num_batches_tracked.add_(1);
                if (momentum is null) factor = 1.0 / num_batches_tracked.item<long>();
            }
            bool ownStatistics = training || running_mean is null;
            // The running statistics are updated in training only, and ignored when they are not tracked.
            return nn.functional.batch_norm(input, running_mean!, running_var!, weight, bias, ownStatistics, factor, eps);
        }
    }

    /// <summary>Batch normalisation of [N, C] or [N, C, L].</summary>
    public sealed class BatchNorm1d : BatchNorm
    {
        internal BatchNorm1d(long features, double eps, double momentum, bool affine, bool track, Device? device, ScalarType? dtype)
            : base(features, eps, momentum, affine, track, device, dtype, nameof(BatchNorm1d))
        {
        }

        protected override void ValidateInputDimensions(Tensor input)
        {
            if (input.ndim is not (2 or 3)) throw new ArgumentException($"expected 2D or 3D input, but got {input.ndim}D input.");
        }
    }

    /// <summary>Batch normalisation of [N, C, H, W].</summary>
    public sealed class BatchNorm2d : BatchNorm
    {
        internal BatchNorm2d(long features, double eps, double momentum, bool affine, bool track, Device? device, ScalarType? dtype)
            : base(features, eps, momentum, affine, track, device, dtype, nameof(BatchNorm2d))
        {
        }

        protected override void ValidateInputDimensions(Tensor input)
        {
            if (input.ndim != 4) throw new ArgumentException($"expected 4D input, but got {input.ndim}D input.");
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static BatchNorm1d BatchNorm1d(long num_features, double eps = 1E-05, double momentum = 0.1, bool affine = true,
                bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static BatchNorm2d BatchNorm2d(long num_features, double eps = 1E-05, double momentum = 0.1, bool affine = true,
                bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);
        }
    }
}
