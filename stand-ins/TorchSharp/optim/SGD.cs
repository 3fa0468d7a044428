#nullable disable
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Stochastic gradient descent with momentum, computed as PyTorch does.</summary>
    public class SGD : OptimizerHelper, optim.IMomentum
    {
        private readonly Options _defaults;

        public SGD(IEnumerable<Parameter> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
            bool nesterov = false, bool maximize = false)
            : this([new ParamGroup(parameters, (Options)null)], lr, momentum, dampening, weight_decay, nesterov, maximize)
        {
        }

        public SGD(IEnumerable<ParamGroup> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
            bool nesterov = false, bool maximize = false)
        {
            if (!(lr >= 0)) throw new ArgumentException($"Invalid learning rate: {lr}");
            if (!(momentum >= 0)) throw new ArgumentException($"Invalid momentum value: {momentum}");
            if (!(weight_decay >= 0)) throw new ArgumentException($"Invalid weight_decay value: {weight_decay}");
            if (nesterov && (momentum == 0 || dampening != 0)) throw new ArgumentException("Nesterov momentum requires a momentum and zero dampening");
            _defaults = new Options
            {
                LearningRate = lr, InitialLearningRate = lr, momentum = momentum, dampening = dampening,
                weight_decay = weight_decay, nesterov = nesterov, maximize = maximize,
            };
            foreach (ParamGroup group in parameters) add_param_group(group);
        }

        /// <summary>The defaults' momentum; setting it sets every group's.</summary>
        public double Momentum
        {
            get => _defaults.momentum.Value;
            set
            {
                _defaults.momentum = value;
                foreach (Modules.ParamGroup group in Groups) ((ParamGroup)group).Momentum = value;
            }
        }

        public override void add_param_group(Modules.ParamGroup param_group)
        {
            Options options = (param_group.Options as Options) ?? new Options();
            param_group.Options = options;
            options.LearningRate ??= _defaults.LearningRate;
            options.momentum ??= _defaults.momentum;
            options.dampening ??= _defaults.dampening;
            options.weight_decay ??= _defaults.weight_decay;
            options.nesterov ??= _defaults.nesterov;
            options.maximize ??= _defaults.maximize;
            options.InitialLearningRate = options.LearningRate.Value;
            AddGroup(param_group, p => new State(p));
        }

        public override Tensor step(Func<Tensor> closure = null) => _step<ParamGroup>(Update, closure);

        private void Update(ParamGroup group)
        {
            Options options = group.Options;
            double momentum = options.momentum.Value;
            double decay = options.weight_decay.Value;
            foreach (Parameter parameter in group.Parameters)
            {
                Tensor grad = parameter.grad;
                if (grad is null) continue;
                if (options.maximize.Value) grad = grad.neg();
                if (decay != 0) grad = grad.add(parameter, decay);
                if (momentum != 0)
                {
                    var state = (State)States[parameter];
                    // The first step takes the gradient as it is, without dampening.
                    if (state.momentum_buffer is null) state.momentum_buffer = grad.detach().clone().DetachFromDisposeScope();
                    else state.momentum_buffer.mul_(momentum).add_(grad, 1 - options.dampening.Value);
                    grad = options.nesterov.Value ? grad.add(state.momentum_buffer, momentum) : state.momentum_buffer;
                }
                parameter.add_(grad, -options.LearningRate.Value);
            }
        }

        public class Options : OptimizerOptions
        {
            public double? momentum;
            public double? dampening;
            public double? weight_decay;
            public bool? nesterov;
            public bool? maximize;

            public Options() { }

            public override void LoadStateDict(OptimizerOptions source)
            {
                base.LoadStateDict(source);
                var other = (Options)source;
                (momentum, dampening, weight_decay, nesterov, maximize) = (other.momentum, other.dampening, other.weight_decay, other.nesterov, other.maximize);
            }

            public override void LoadStateDict(BinaryReader reader)
            {
                base.LoadStateDict(reader);
                momentum = reader.ReadDouble();
                dampening = reader.ReadDouble();
                weight_decay = reader.ReadDouble();
                nesterov = reader.ReadBoolean();
                maximize = reader.ReadBoolean();
            }

            public override void SaveStateDict(BinaryWriter writer)
            {
                base.SaveStateDict(writer);
                writer.Write(momentum.Value);
                writer.Write(dampening.Value);
                writer.Write(weight_decay.Value);
                writer.Write(nesterov.Value);
                writer.Write(maximize.Value);
            }
        }

        public class ParamGroup : ParamGroup<Options>, optim.IMomentum
        {
            public ParamGroup() { }

            public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options) { }

            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.001, double momentum = 0, double dampening = 0, double weight_decay = 0,
                bool nesterov = false, bool maximize = false)
                : base(parameters, new Options
                {
                    LearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov, maximize = maximize,
                })
            {
            }

            public double Momentum
            {
                get => Options.momentum.Value;
                set => Options.momentum = value;
            }
        }

        public class State : OptimizerState, IDisposable
        {
            public Tensor momentum_buffer;

            public State(Parameter parameter) : base(parameter) { }

            public override void Initialize(OptimizerOptions options) => Replace(ref momentum_buffer, null);

            public override void to(Device device) => Replace(ref momentum_buffer, Moved(momentum_buffer, device));

            public override void LoadStateDict(OptimizerState source)
            {
                if (!ReferenceEquals(source, this)) Replace(ref momentum_buffer, Copy(((State)source).momentum_buffer));
            }

            public override void LoadStateDict(BinaryReader reader) => LoadConditionalStateTensor(reader, ref momentum_buffer, Owner.device);

            public override void SaveStateDict(BinaryWriter writer) => SaveConditionalStateTensor(writer, momentum_buffer);

            public override bool ApproximatelyEquals(OptimizerState other) => other is State s && Close(momentum_buffer, s.momentum_buffer);

            public void Dispose() => momentum_buffer?.Dispose();
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public static SGD SGD(IEnumerable<Parameter> parameters, double learningRate, double momentum = 0, double dampening = 0,
                double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            public static SGD SGD(IEnumerable<(string name, Parameter parameter)> parameters, double learningRate, double momentum = 0,
                double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters.Select(p => p.parameter), learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            public static SGD SGD(IEnumerable<SGD.ParamGroup> parameters, double learningRate, double momentum = 0, double dampening = 0,
                double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);
        }
    }
}
