// Nullability is left unannotated here, as in the real package: callers see the same (absent) warnings with both.
#nullable disable
using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Base of all layers and models: a named tree of parameters, buffers and submodules.</summary>
        public partial class Module : IDisposable
        {
            private readonly string _name;
            private readonly OrderedDictionary<string, Module> _submodules = [];
            private readonly OrderedDictionary<string, Parameter> _ownParameters = [];
            private readonly OrderedDictionary<string, (Tensor Tensor, bool Persistent)> _ownBuffers = [];
            private bool _componentsRegistered;
            private bool _disposed;

            protected Module(string name)
            {
                _name = name;
            }

            public virtual bool training { get; private set; } = true;

            public virtual string GetName() => _name;

            /// <summary>Finds modules, parameters and buffers among the instance fields (those of base classes
            /// only as far as they are not private) and registers each under its field's name.</summary>
            protected virtual void RegisterComponents()
            {
                if (_componentsRegistered) return;
                foreach (FieldInfo field in ComponentFields())
                {
                    string name = field.ComponentName();
                    if (_submodules.ContainsKey(name) || _ownParameters.ContainsKey(name) || _ownBuffers.ContainsKey(name)) continue;
                    switch (field.GetValue(this))
                    {
                        case Module module: register_module(name, module); break;
                        case Parameter parameter: register_parameter(name, parameter); break;
                        case Tensor tensor: register_buffer(name, tensor); break;
                    }
                }
                _componentsRegistered = true;
            }

            private FieldInfo[] ComponentFields() =>
                GetType().GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance);

            public void add_module(string name, Module module) => register_module(name, module);

            public virtual void register_module(string name, Module submodule)
            {
                if (submodule is null)
                {
                    _submodules.Remove(name);
                    return;
                }
                if (string.IsNullOrEmpty(name)) throw new ArgumentException("a module name cannot be empty", nameof(name));
                if (name.Contains('.')) throw new ArgumentException($"a module name cannot contain \".\", got: {name}", nameof(name));
                if (_submodules.ContainsKey(name)) throw new InvalidOperationException($"Sub-module {name} is already registered.");
                submodule.RegisterComponents();
                _submodules.Add(name, submodule);
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                if (tensor is null || tensor.IsInvalid)
                    throw new ArgumentNullException(nameof(tensor), "A null tensor cannot be registered as a buffer.");
                if (_ownBuffers.ContainsKey(name)) throw new InvalidOperationException($"Tensor {name} is already registered.");
                tensor.DetachFromDisposeScope();
                _ownBuffers.Add(name, (tensor, persistent));
            }

            public virtual void register_parameter(string name, Parameter param)
            {
                if (param is null || param.IsInvalid)
                    throw new ArgumentNullException(nameof(param), "A null tensor cannot be registered as a parameter.");
                if (_ownParameters.ContainsKey(name)) throw new InvalidOperationException($"Parameter {name} is already registered.");
                param.DetachFromDisposeScope();
                _ownParameters.Add(name, param);
            }

            /// <summary>Sets, replaces or (null) removes a parameter.</summary>
            protected void ConditionallyRegisterParameter(string name, Parameter value)
            {
                value?.DetachFromDisposeScope();
                if (value is null) _ownParameters.Remove(name);
                else _ownParameters[name] = value;
            }

            protected void ConditionallyRegisterParameter(string name, Tensor value) =>
                ConditionallyRegisterParameter(name, value is null ? null : value as Parameter ?? new Parameter(value, requires_grad: true));

            /// <summary>Sets, replaces or (null) removes a buffer.</summary>
            protected void ConditionallyRegisterBuffer(string name, Tensor value, bool persistent = true)
            {
                value?.DetachFromDisposeScope();
                if (value is null) _ownBuffers.Remove(name);
                else _ownBuffers[name] = (value, persistent);
            }

            protected void ClearModules() => _submodules.Clear();

            public virtual Module apply(Action<Module> fn)
            {
                foreach (Module module in _submodules.Values) module.apply(fn);
                fn(this);
                return this;
            }

            public virtual void train(bool train = true)
            {
                training = train;
                foreach ((_, Module module) in named_children()) module.train(train);
            }

            public virtual void eval() => train(false);

            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (Parameter parameter in parameters()) ZeroGrad(parameter, set_to_none);
            }

            internal static void ZeroGrad(Parameter parameter, bool setToNone)
            {
                using Tensor grad = parameter.grad;
                if (grad is null) return;
                if (setToNone) parameter.grad = null;
                else
                {
                    using (no_grad()) grad.zero_();
                }
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing || _disposed) return;
                _disposed = true;
                foreach ((Tensor tensor, _) in _ownBuffers.Values) tensor.Dispose();
                foreach (Parameter parameter in _ownParameters.Values) parameter.Dispose();
                foreach (Module module in _submodules.Values) module.Dispose();
            }
        }
    }
}
