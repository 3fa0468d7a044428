using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Modules called one after the other, named "0", "1", ... or as given.</summary>
    public class Sequential : nn.Module<Tensor, Tensor>
    {
        private readonly List<(string Name, nn.Module<Tensor, Tensor> Module)> _list = [];

        protected internal Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules) : base(nameof(Sequential))
        {
            foreach ((string name, nn.Module<Tensor, Tensor> module) in modules) Add(name, module);
        }

        protected internal Sequential(params nn.Module<Tensor, Tensor>[] modules) : base(nameof(Sequential))
        {
            foreach (nn.Module<Tensor, Tensor> module in modules) Add(_list.Count.ToString(), module);
        }

        private void Add(string name, nn.Module<Tensor, Tensor> module)
        {
            register_module(name, module);
            _list.Add((name, module));
        }

        public int Count => _list.Count;

        public nn.IModule<Tensor, Tensor> this[int index] => _list[index].Module;

        /// <summary>A part of the chain, over the same modules, numbered anew.</summary>
        public Sequential this[(int? start, int? end) index] => Slice(index.start ?? 0, index.end ?? Count);

        public Sequential this[Range index]
        {
            get
            {
                (int start, int length) = index.GetOffsetAndLength(Count);
                return Slice(start, start + length);
            }
        }

        private Sequential Slice(int start, int end)
        {
            if (start < 0) start += Count;
            if (end < 0) end += Count;
            if (start < 0 || end > Count || start > end)
                throw new ArgumentOutOfRangeException(nameof(start), $"the slice {start}..{end} is outside the {Count} modules");
            return new Sequential(_list.GetRange(start, end - start).Select(m => m.Module).ToArray());
        }

        public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
        {
            Add(name, (nn.Module<Tensor, Tensor>)module);
            return this;
        }

        public Sequential append(nn.IModule<Tensor, Tensor> module) => append(_list.Count.ToString(), module);

        public override Tensor forward(Tensor tensor)
        {
            if (_list.Count == 0) return tensor.alias();
            Tensor current = tensor;
            foreach ((_, nn.Module<Tensor, Tensor> module) in _list)
            {
                Tensor next = module.call(current);
                // What lies between belongs to nobody else; an in-place module gives its own input back.
                if (!ReferenceEquals(current, tensor) && !ReferenceEquals(next, current)) current.Dispose();
                current = next;
            }
            return current;
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Sequential Sequential() => new(Array.Empty<Module<Tensor, Tensor>>());

            public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) => new(modules);

            public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) => new(modules);

            public static Sequential Sequential(IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules) => new(modules.ToArray());

            public static Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules) => new(modules.ToArray());
        }
    }
}
