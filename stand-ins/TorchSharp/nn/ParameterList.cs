#nullable disable
using System.Collections;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>A list of parameters, registered under their positions "0", "1", ....</summary>
    public class ParameterList : nn.Module, IList<Parameter>
    {
        private readonly List<Parameter> _list = [];

        public ParameterList(params Parameter[] parameters) : base(nameof(ParameterList)) => extend(parameters);

        protected override void RegisterComponents() { }

        private void Renumber(int before)
        {
            for (int i = 0; i < before; i++) ConditionallyRegisterParameter(i.ToString(), (Parameter)null);
            for (int i = 0; i < _list.Count; i++) register_parameter(i.ToString(), _list[i]);
        }

        protected override void _toEpilog(ScalarType? dtype, Device device, bool non_blocking)
        {
            base._toEpilog(dtype, device, non_blocking);
            for (int i = 0; i < _list.Count; i++) _list[i] = base.get_parameter(i.ToString());
        }

        public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true) => base.named_parameters(recurse);

        public override Parameter get_parameter(string target) => base.get_parameter(target);

        public override bool has_parameter(string target) => base.has_parameter(target);

        public Parameter this[int index]
        {
            get => _list[index];
            set
            {
                _list[index] = value;
                ConditionallyRegisterParameter(index.ToString(), value);
            }
        }

        public int Count => _list.Count;

        public bool IsReadOnly => false;

        public void Add(Parameter item)
        {
            _list.Add(item);
            register_parameter((_list.Count - 1).ToString(), item);
        }

        public void append(params Parameter[] parameters) => extend(parameters);

        public void extend(IEnumerable<Parameter> parameters)
        {
            foreach (Parameter parameter in parameters) Add(parameter);
        }

        public void Insert(int index, Parameter item)
        {
            _list.Insert(index, item);
            Renumber(_list.Count - 1);
        }

        public bool Remove(Parameter item)
        {
            int index = IndexOf(item);
            if (index >= 0) RemoveAt(index);
            return index >= 0;
        }

        public void RemoveAt(int index)
        {
            _list.RemoveAt(index);
            Renumber(_list.Count + 1);
        }

        public void Clear()
        {
            int before = _list.Count;
            _list.Clear();
            Renumber(before);
        }

        public bool Contains(Parameter item) => IndexOf(item) >= 0;

        public int IndexOf(Parameter item) => _list.FindIndex(p => ReferenceEquals(p, item));

        public void CopyTo(Parameter[] array, int arrayIndex) => _list.CopyTo(array, arrayIndex);

        public IEnumerator<Parameter> GetEnumerator() => _list.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static ParameterList ParameterList(params Parameter[] parameters) => new(parameters);
        }
    }
}
