#nullable disable
using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            // What one call of to() has already replaced, over the whole tree: a tensor shared by several modules
            // stays shared, and each old one is disposed once, at the end.
            [ThreadStatic] private static Dictionary<Tensor, Tensor> s_moved;

            internal Module Move(ScalarType? dtype, Device device, bool nonBlocking)
            {
                bool outermost = s_moved is null;
                s_moved ??= new Dictionary<Tensor, Tensor>(ReferenceEqualityComparer.Instance);
                try
                {
                    _toEpilog(dtype, device, nonBlocking);
                    if (outermost)
                    {
                        foreach (Tensor old in s_moved.Keys) old.Dispose();
                    }
                }
                finally
                {
                    if (outermost) s_moved = null;
                }
                return this;
            }

            public Module _to(Tensor other, bool non_blocking) => Move(other.dtype, other.device, non_blocking);

            protected void _toEpilog(ScalarType dtype, bool non_blocking) => _toEpilog((ScalarType?)dtype, null, non_blocking);

            protected void _toEpilog(Device device, ScalarType dtype, bool non_blocking) => _toEpilog((ScalarType?)dtype, device, non_blocking);

            protected void _toEpilog(DeviceType deviceType, int deviceIndex, bool non_blocking) =>
                _toEpilog(null, new Device(deviceType, deviceIndex), non_blocking);

            /// <summary>Moves the submodules, then this module's own tensors, keeping fields and names in step.</summary>
            protected virtual void _toEpilog(ScalarType? dtype, Device device, bool non_blocking)
            {
                foreach ((_, Module module) in named_children()) module.Move(dtype, device, non_blocking);

                var replaced = new Dictionary<Tensor, Tensor>(ReferenceEqualityComparer.Instance);
                foreach ((string name, Parameter parameter) in _ownParameters.ToList())
                {
                    if (!Replace(parameter, () => ReplaceParameter(dtype, device, parameter, out Parameter p) ? p : null, out Tensor moved)) continue;
                    ConditionallyRegisterParameter(name, (Parameter)moved);
                    replaced[parameter] = moved;
                }
                foreach ((string name, (Tensor buffer, bool persistent)) in _ownBuffers.ToList())
                {
                    if (!Replace(buffer, () => ReplaceBuffer(dtype, device, buffer, out Tensor b) ? b : null, out Tensor moved)) continue;
                    ConditionallyRegisterBuffer(name, moved, persistent);
                    replaced[buffer] = moved;
                }
                if (replaced.Count > 0) UpdateFields(replaced);
            }

            private static bool Replace(Tensor old, Func<Tensor> convert, out Tensor moved)
            {
                if (s_moved is not null && s_moved.TryGetValue(old, out moved)) return true;
                moved = convert();
                if (moved is null) return false;
                if (s_moved is not null) s_moved[old] = moved;
                return true;
            }

            private void UpdateFields(Dictionary<Tensor, Tensor> replaced)
            {
                // Up the inheritance chain: a layer's own private fields are not among those of a derived type.
                for (Type type = GetType(); type != typeof(Module) && type is not null; type = type.BaseType)
                {
                    foreach (FieldInfo field in type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                    {
                        if (typeof(Tensor).IsAssignableFrom(field.FieldType) && field.GetValue(this) is Tensor old && replaced.TryGetValue(old, out Tensor moved))
                            field.SetValue(this, moved);
                    }
                }
            }

            /// <summary>Only floating point and complex tensors change their type, as in PyTorch.</summary>
            private static bool Differs(Tensor tensor, ref ScalarType? dtype, ref Device device)
            {
                if (dtype is null || !(tensor.is_floating_point() || tensor.is_complex())) dtype = tensor.dtype;
                device ??= tensor.device;
                int index = device.type == DeviceType.CUDA && device.index < 0 ? 0 : device.index;
                return dtype != tensor.dtype || device.type != tensor.device_type
                    || (device.type == DeviceType.CUDA && index != tensor.device_index);
            }

            protected static bool ReplaceParameter(ScalarType? dtype, Device device, Parameter param, out Parameter p)
            {
                p = null;
                if (!Differs(param, ref dtype, ref device)) return false;
                using (no_grad())
                {
                    p = new Parameter(param.to(dtype.Value, device), param.requires_grad);
                    p.DetachFromDisposeScope();
                    using Tensor grad = param.grad;
                    if (grad is not null)
                    {
                        using Tensor moved = grad.to(dtype.Value, device);
                        p.grad = moved;
                    }
                }
                return true;
            }

            protected static bool ReplaceBuffer(ScalarType? dtype, Device device, Tensor buffer, out Tensor result)
            {
                result = null;
                if (!Differs(buffer, ref dtype, ref device)) return false;
                using (no_grad()) result = buffer.to(dtype.Value, device).DetachFromDisposeScope();
                return true;
            }

            protected static (Device device, ScalarType dtype) GetDefaultDeviceAndType(Device device = null, ScalarType? dtype = null) =>
                (device ?? CPU, dtype ?? get_default_dtype());
        }
    }
}
