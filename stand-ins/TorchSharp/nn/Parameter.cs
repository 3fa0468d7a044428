namespace TorchSharp.Modules
{
    /// <summary>A tensor that a module registers as trainable state.</summary>
    public class Parameter : torch.Tensor
    {
        /// <summary>Takes over the handle of <paramref name="data"/>, which is empty afterwards, and its place in a dispose scope.</summary>
        public Parameter(torch.Tensor data, bool requires_grad = true)
            : this(data.with_requires_grad(requires_grad), data.OwningDisposeScope)
        {
        }

        private Parameter(torch.Tensor data, DisposeScope? scope)
            : base(data.DecoupleFromNativeHandle())
        {
            if (scope is null) DetachFromDisposeScope();
            else MoveToOtherDisposeScope(scope);
        }
    }
}

namespace TorchSharp
{
    using Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Makes a parameter of a tensor, which becomes empty.</summary>
            public static Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }
}
