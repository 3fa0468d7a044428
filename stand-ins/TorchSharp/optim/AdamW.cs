#nullable disable
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019), computed as PyTorch does.</summary>
    public class AdamW : OptimizerHelper
    {
        private readonly Options _defaults;

        public AdamW(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1E-08,
            double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : this([new ParamGroup(parameters, (Options)null)], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)
        {
        }

        public AdamW(IEnumerable<ParamGroup> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1E-08,
            double weight_decay = 0, bool amsgrad = false, bool maximize = false)
        {
            AdamSettings.Validate(lr, beta1, beta2, eps, weight_decay);
            _defaults = new Options
            {
                LearningRate = lr, InitialLearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps,
                weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize,
            };
            foreach (ParamGroup group in parameters) add_param_group(group);
        }

        /// <summary>The defaults' decay rates of the two moments; setting them sets every group's.</summary>
        public (double, double) Betas
        {
            get => (_defaults.beta1.Value, _defaults.beta2.Value);
            set
            {
                (_defaults.beta1, _defaults.beta2) = value;
                foreach (Modules.ParamGroup group in Groups) ((ParamGroup)group).Betas = value;
            }
        }

        public override void add_param_group(Modules.ParamGroup param_group)
        {
            Options options = (param_group.Options as Options) ?? new Options();
            param_group.Options = options;
            options.LearningRate ??= _defaults.LearningRate;
            options.beta1 ??= _defaults.beta1;
            options.beta2 ??= _defaults.beta2;
            options.eps ??= _defaults.eps;
            options.weight_decay ??= _defaults.weight_decay;
            options.amsgrad ??= _defaults.amsgrad;
            options.maximize ??= _defaults.maximize;
            options.InitialLearningRate = options.LearningRate.Value;
            AddGroup(param_group, p => new State(p));
        }

        public override Tensor step(Func<Tensor> closure = null) => _step<ParamGroup>(Update, closure);

        private void Update(ParamGroup group)
        {
            Options o = group.Options;
            AdamStep.Update(group.Parameters, Count, new AdamSettings(o.LearningRate.Value, o.beta1.Value, o.beta2.Value, o.eps.Value,
                o.weight_decay.Value, o.amsgrad.Value, o.maximize.Value, Decoupled: true));
        }

        private AdamMoments Count(Parameter parameter)
        {
            var state = (State)States[parameter];
            return new(++state.step, state.exp_avg, state.exp_avg_sq, state.max_exp_avg_sq);
        }

        public class Options : OptimizerOptions
        {
            public double? beta1;
            public double? beta2;
            public double? weight_decay;
            public double? eps;
            public bool? amsgrad;
            public bool? maximize;

            public Options() { }

            public override void LoadStateDict(OptimizerOptions source)
            {
                base.LoadStateDict(source);
                var other = (Options)source;
                (beta1, beta2, weight_decay, eps, amsgrad, maximize) = (other.beta1, other.beta2, other.weight_decay, other.eps, other.amsgrad, other.maximize);
            }

            public override void LoadStateDict(BinaryReader reader)
            {
                base.LoadStateDict(reader);
                beta1 = reader.ReadDouble();
                beta2 = reader.ReadDouble();
                eps = reader.ReadDouble();
                weight_decay = reader.ReadDouble();
                amsgrad = reader.ReadBoolean();
                maximize = reader.ReadBoolean();
            }

            public override void SaveStateDict(BinaryWriter writer)
            {
                base.SaveStateDict(writer);
                writer.Write(beta1.Value);
                writer.Write(beta2.Value);
                writer.Write(eps.Value);
                writer.Write(weight_decay.Value);
                writer.Write(amsgrad.Value);
                writer.Write(maximize.Value);
            }
        }

        public class ParamGroup : ParamGroup<Options>
        {
            public ParamGroup() { }

            public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options) { }

            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1E-08,
                double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                : base(parameters, new Options
                {
                    LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize,
                })
            {
            }

            public (double, double) Betas
            {
                get => (Options.beta1.Value, Options.beta2.Value);
                set => (Options.beta1, Options.beta2) = value;
            }
        }

        public class State : OptimizerState, IDisposable
        {
            public long step;
            public Tensor exp_avg;
            public Tensor exp_avg_sq;
            public Tensor max_exp_avg_sq;

            public State(Parameter parameter) : base(parameter) { }

            public override void Initialize(OptimizerOptions options)
            {
                step = 0;
                Replace(ref exp_avg, Zeros(Owner));
                Replace(ref exp_avg_sq, Zeros(Owner));
                Replace(ref max_exp_avg_sq, ((Options)options).amsgrad == true ? Zeros(Owner) : null);
            }

            public override void to(Device device)
            {
                Replace(ref exp_avg, Moved(exp_avg, device));
                Replace(ref exp_avg_sq, Moved(exp_avg_sq, device));
                Replace(ref max_exp_avg_sq, Moved(max_exp_avg_sq, device));
            }

            public override void LoadStateDict(OptimizerState source)
            {
                var other = (State)source;
                step = other.step;
                if (ReferenceEquals(other, this)) return;
                Replace(ref exp_avg, Copy(other.exp_avg));
                Replace(ref exp_avg_sq, Copy(other.exp_avg_sq));
                Replace(ref max_exp_avg_sq, Copy(other.max_exp_avg_sq));
            }

            public override void LoadStateDict(BinaryReader reader)
            {
                step = reader.ReadInt64();
                LoadConditionalStateTensor(reader, ref exp_avg, Owner.device);
                LoadConditionalStateTensor(reader, ref exp_avg_sq, Owner.device);
                LoadConditionalStateTensor(reader, ref max_exp_avg_sq, Owner.device);
            }

            public override void SaveStateDict(BinaryWriter writer)
            {
                writer.Write(step);
                SaveConditionalStateTensor(writer, exp_avg);
                SaveConditionalStateTensor(writer, exp_avg_sq);
                SaveConditionalStateTensor(writer, max_exp_avg_sq);
            }

            public override bool ApproximatelyEquals(OptimizerState other) =>
                other is State s && step == s.step && Close(exp_avg, s.exp_avg) && Close(exp_avg_sq, s.exp_avg_sq) && Close(max_exp_avg_sq, s.max_exp_avg_sq);

            public void Dispose()
            {
                exp_avg?.Dispose();
                exp_avg_sq?.Dispose();
                max_exp_avg_sq?.Dispose();
            }
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public static AdamW AdamW(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999,
                double eps = 1E-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static AdamW AdamW(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 0.001, double beta1 = 0.9,
                double beta2 = 0.999, double eps = 1E-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters.Select(p => p.parameter), lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static AdamW AdamW(IEnumerable<AdamW.ParamGroup> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999,
                double eps = 1E-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);
        }
    }
}
