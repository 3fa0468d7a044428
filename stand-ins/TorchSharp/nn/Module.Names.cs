#nullable disable
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>Parameters with their dotted names, own ones first, each tensor once.</summary>
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<Parameter>(ReferenceEqualityComparer.Instance);
                foreach ((string name, Parameter parameter) in _ownParameters)
                {
                    if (seen.Add(parameter)) yield return (name, parameter);
                }
                if (!recurse) yield break;
                foreach ((string child, Module module) in _submodules)
                {
                    foreach ((string name, Parameter parameter) in module.named_parameters(true))
                    {
                        if (seen.Add(parameter)) yield return ($"{child}.{name}", parameter);
                    }
                }
            }

            /// <summary>Buffers with their dotted names, own ones first, each tensor once.</summary>
            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
                foreach ((string name, (Tensor tensor, bool persistent)) in _ownBuffers)
                {
                    if ((persistent || include_nonpersistent) && seen.Add(tensor)) yield return (name, tensor);
                }
                if (!recurse) yield break;
                foreach ((string child, Module module) in _submodules)
                {
                    foreach ((string name, Tensor tensor) in module.named_buffers(true, include_nonpersistent))
                    {
                        if (seen.Add(tensor)) yield return ($"{child}.{name}", tensor);
                    }
                }
            }

            public virtual IEnumerable<(string name, Module module)> named_children()
            {
                foreach ((string name, Module module) in _submodules) yield return (name, module);
            }

            /// <summary>All submodules, the direct ones first; the module itself is not among them.</summary>
            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach ((string name, Module module) in _submodules) yield return (name, module);
                foreach ((string child, Module module) in _submodules)
                {
                    foreach ((string name, Module inner) in module.named_modules()) yield return ($"{child}.{name}", inner);
                }
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(p => p.parameter);

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(b => b.buffer);

            public virtual IEnumerable<Module> modules() => named_modules().Select(m => m.module);

            public virtual IEnumerable<Module> children() => named_children().Select(m => m.module);

            public virtual bool has_parameter(string target) => get_parameter(target) is not null;

            public virtual bool has_buffer(string target) => get_buffer(target) is not null;

            public virtual Parameter get_parameter(string target)
            {
                ArgumentNullException.ThrowIfNull(target);
                if (_ownParameters.TryGetValue(target, out Parameter parameter)) return parameter;
                return Descend(target, out string rest)?.get_parameter(rest);
            }

            public virtual Tensor get_buffer(string target)
            {
                ArgumentNullException.ThrowIfNull(target);
                if (_ownBuffers.TryGetValue(target, out (Tensor Tensor, bool) buffer)) return buffer.Tensor;
                return Descend(target, out string rest)?.get_buffer(rest);
            }

            private Module Descend(string target, out string rest)
            {
                int dot = target.IndexOf('.');
                rest = dot < 0 ? null : target[(dot + 1)..];
                if (dot < 0) return null;
                string head = target[..dot];
                return named_children().FirstOrDefault(c => c.name == head).module;
            }
        }
    }
}
