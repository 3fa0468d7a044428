namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public bool requires_grad
        {
            get
            {
                bool yes = Native.semsam_requires_grad(Handle) != 0;
                GC.KeepAlive(this);
                return yes;
            }
            set
            {
                Native.Check(Native.semsam_set_requires_grad(Handle, value ? 1 : 0));
                GC.KeepAlive(this);
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        public bool is_leaf
        {
            get
            {
                bool yes = Native.semsam_is_leaf(Handle) != 0;
                GC.KeepAlive(this);
                return yes;
            }
        }

        /// <summary>The gradient that backward has gathered, or null. Each read gives a new object over the same memory.</summary>
        public Tensor? grad
        {
            get
            {
                nint g = Native.semsam_grad(Handle);
                GC.KeepAlive(this);
                return g == 0 ? null : new Tensor(g);
            }
            set
            {
                Native.Check(Native.semsam_set_grad(Handle, value?.Handle ?? 0));
                GC.KeepAlive(this);
                GC.KeepAlive(value);
            }
        }

        public void retain_grad()
        {
            Native.Check(Native.semsam_retain_grad(Handle));
            GC.KeepAlive(this);
        }

        public void backward() => autograd.backward([this]);

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph || create_graph, create_graph, inputs);
    }

    public static partial class autograd
    {
        public static void backward(Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        public static unsafe void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            nint[] roots = Handles(tensors), grads = Handles(grad_tensors), leaves = Handles(inputs);
            fixed (nint* r = roots, g = grads, l = leaves)
                Native.Check(Native.semsam_backward(r, roots.Length, g, grads.Length, Flag(retain_graph), create_graph ? 1 : 0, l, leaves.Length));
            GC.KeepAlive(tensors);
            GC.KeepAlive(grad_tensors);
            GC.KeepAlive(inputs);
        }

        /// <summary>Gradients of outputs with respect to inputs; null at an input they do not depend on (when allow_unused).</summary>
        public static unsafe IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            nint[] o = Handles(outputs), i = Handles(inputs), g = Handles(grad_outputs);
            var results = new nint[i.Length];
            fixed (nint* po = o, pi = i, pg = g, pr = results)
                Native.Check(Native.semsam_autograd_grad(po, o.Length, pi, i.Length, pg, g.Length, retain_graph || create_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, pr));
            GC.KeepAlive(outputs);
            GC.KeepAlive(inputs);
            GC.KeepAlive(grad_outputs);
            return Array.ConvertAll(results, Tensor.Take);
        }

        public static AnomalyMode detect_anomaly(bool check_nan = true) => new(true, check_nan);

        public static AnomalyMode set_detect_anomaly(bool mode, bool check_nan = true) => new(mode, check_nan);

        private static int Flag(bool? value) => value is { } v ? (v ? 1 : 0) : -1;

        private static nint[] Handles(IList<Tensor>? tensors)
        {
            if (tensors is null) return [];
            var handles = new nint[tensors.Count];
            for (int k = 0; k < handles.Length; k++) handles[k] = tensors[k]?.Handle ?? 0;
            return handles;
        }
    }
}
