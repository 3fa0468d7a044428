using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Clipping of gradients, and parameters as one vector.</summary>
        public static partial class utils
        {
            /// <summary>Scales all gradients together so that their common norm is at most max_norm.</summary>
            /// <returns>The norm before scaling.</returns>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2)
            {
                using var scope = NewDisposeScope();
                using var still = no_grad();
                List<Tensor> grads = Grads(tensors);
                if (grads.Count == 0) return 0;
                double total = Norm(grads, norm_type);
                double scale = max_norm / (total + 1e-6);
                // As in PyTorch 1.13: the factor is clamped to 1, and a NaN norm spreads.
                if (scale < 1 || double.IsNaN(scale))
                {
                    foreach (Tensor grad in grads) grad.mul_(scale);
                }
                return total;
            }

            private static double Norm(List<Tensor> grads, double p)
            {
                if (double.IsPositiveInfinity(p)) return grads.Max(g => g.abs().max().to(ScalarType.Float32).item<float>());
                List<Tensor> norms = grads.ConvertAll(g => g.to(ScalarType.Float32).norm((float)p));
                return torch.stack(norms).norm((float)p).item<float>();
            }

            /// <summary>Limits each element of each gradient to plus or minus clip_value.</summary>
            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var scope = NewDisposeScope();
                using var still = no_grad();
                foreach (Tensor grad in Grads(tensors)) grad.clamp_((Scalar)(-clip_value), (Scalar)clip_value);
            }

            private static List<Tensor> Grads(IEnumerable<Parameter> tensors)
            {
                var grads = new List<Tensor>();
                foreach (Parameter parameter in tensors)
                {
                    if (parameter.grad is { } grad) grads.Add(grad);
                }
                return grads;
            }

            /// <summary>All parameters, flattened, one after the other.</summary>
            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors) =>
                torch.cat(tensors.Select(p => p.view(-1)).ToArray(), 0);

            /// <summary>Copies consecutive pieces of a vector into the parameters.</summary>
            public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                using var still = no_grad();
                long at = 0;
                foreach (Parameter parameter in tensors)
                {
                    long count = parameter.numel();
                    parameter.copy_(vec.narrow(0, at, count).view(parameter.shape));
                    at += count;
                }
            }
        }
    }
}
