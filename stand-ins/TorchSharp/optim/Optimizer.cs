using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>What a scheduler changes: one group's learning rate.</summary>
        public interface ILearningRateController
        {
            double LearningRate { get; set; }

            double InitialLearningRate { get; set; }
        }

        public interface IMomentum
        {
            double Momentum { get; set; }
        }

        /// <summary>Changes parameters by their gradients.</summary>
        public abstract partial class Optimizer : IDisposable
        {
            private protected Optimizer() { }

            public abstract IEnumerable<ILearningRateController> ParamGroups { get; }

            public virtual void add_param_group(ParamGroup param_group) => throw new NotSupportedException($"{GetType().Name} takes its parameters when it is made; groups cannot be added.");

            public virtual IEnumerable<Parameter> parameters() => throw new NotSupportedException($"{GetType().Name} does not list its parameters.");

            /// <summary>One step. The closure, if given, computes the loss and its gradients first; its result is returned.</summary>
            public virtual Tensor? step(Func<Tensor>? closure = null) => throw new NotSupportedException($"{GetType().Name} has no step of its own; use a concrete optimiser such as AdamW.");

            public virtual void zero_grad()
            {
                foreach (Parameter parameter in parameters()) nn.Module.ZeroGrad(parameter, setToNone: false);
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing) { }

            /// <summary>An optimiser's options and state, and which states belong to which group.</summary>
            public class StateDictionary
            {
                internal StateDictionary() { }

                public List<OptimizerOptions> Options { get; } = [];

                public List<OptimizerState> State { get; } = [];

                public List<List<int>> StateIndexRef { get; } = [];
            }
        }
    }
}
