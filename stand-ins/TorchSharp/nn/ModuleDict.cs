#nullable disable
using System.Collections;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Modules by name, in the order in which they were added.</summary>
    public class ModuleDict<T> : nn.Module, IDictionary<string, T>, IList<(string, T)> where T : nn.Module
    {
        private readonly OrderedDictionary<string, T> _items = [];

        public ModuleDict() : base(nameof(ModuleDict<T>)) { }

        private void Reregister()
        {
            ClearModules();
            foreach ((string name, T module) in _items) register_module(name, module);
        }

        protected override void RegisterComponents() { }

        public (string, T) this[int index]
        {
            get => (_items.GetAt(index).Key, _items.GetAt(index).Value);
            set
            {
                _items.RemoveAt(index);
                Insert(index, value);
            }
        }

        public T this[string key]
        {
            get => _items[key];
            set
            {
                _items[key] = value;
                Reregister();
            }
        }

        public bool IsReadOnly => false;

        public int Count => _items.Count;

        public ICollection<string> Keys => _items.Keys;

        public ICollection<T> Values => _items.Values;

        public IEnumerable<string> keys() => _items.Keys;

        public IEnumerable<T> values() => _items.Values;

        public IEnumerator<(string, T)> items() => GetEnumerator();

        public void Add(string key, T value)
        {
            _items.Add(key, value);
            register_module(key, value);
        }

        public void Add((string, T) item) => Add(item.Item1, item.Item2);

        public void Add(KeyValuePair<string, T> item) => Add(item.Key, item.Value);

        public void Insert(int index, (string, T) item)
        {
            _items.Insert(index, item.Item1, item.Item2);
            Reregister();
        }

        public bool Remove(string key)
        {
            bool removed = _items.Remove(key);
            if (removed) Reregister();
            return removed;
        }

        public bool Remove((string, T) item) => Contains(item) && Remove(item.Item1);

        public bool Remove(KeyValuePair<string, T> item) => Contains(item) && Remove(item.Key);

        public void RemoveAt(int index)
        {
            _items.RemoveAt(index);
            Reregister();
        }

        public void clear() => Clear();

        public void Clear()
        {
            _items.Clear();
            ClearModules();
        }

        public bool Contains((string, T) item) => _items.TryGetValue(item.Item1, out T found) && ReferenceEquals(found, item.Item2);

        public bool Contains(KeyValuePair<string, T> item) => Contains((item.Key, item.Value));

        public bool ContainsKey(string key) => _items.ContainsKey(key);

        public bool TryGetValue(string key, out T value) => _items.TryGetValue(key, out value);

        public int IndexOf((string, T) item) => Contains(item) ? _items.IndexOf(item.Item1) : -1;

        public void CopyTo((string, T)[] array, int arrayIndex)
        {
            foreach ((string name, T module) in _items) array[arrayIndex++] = (name, module);
        }

        public void CopyTo(KeyValuePair<string, T>[] array, int arrayIndex) => ((ICollection<KeyValuePair<string, T>>)_items).CopyTo(array, arrayIndex);

        public IEnumerator<(string, T)> GetEnumerator()
        {
            foreach ((string name, T module) in _items) yield return (name, module);
        }

        IEnumerator<KeyValuePair<string, T>> IEnumerable<KeyValuePair<string, T>>.GetEnumerator() => _items.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static ModuleDict<Module> ModuleDict(params (string, Module)[] modules) => ModuleDict<Module>(modules);

            public static ModuleDict<T> ModuleDict<T>(params (string, T)[] modules) where T : Module
            {
                var dict = new ModuleDict<T>();
                foreach ((string, T) item in modules) dict.Add(item);
                return dict;
            }
        }
    }
}
