#nullable disable
namespace TorchSharp.Modules;

/// <summary>Marks a module without parameters, buffers or submodules: moving it is free.</summary>
public interface IParameterLessModule;

/// <summary>A layer that holds no state of its own.</summary>
public abstract class ParameterLessModule<T1, TResult> : torch.nn.Module<T1, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name) { }

    protected override void _toEpilog(torch.ScalarType? dtype, torch.Device device, bool non_blocking) { }

    public override void register_buffer(string name, torch.Tensor tensor, bool persistent = true) =>
        throw new InvalidOperationException($"Cannot register the buffer {name} on a module without state.");

    public override void register_parameter(string name, Parameter param) =>
        throw new InvalidOperationException($"Cannot register the parameter {name} on a module without state.");

    public override void register_module(string name, torch.nn.Module submodule) =>
        throw new InvalidOperationException($"Cannot register the module {name} on a module without state.");
}

/// <summary>A layer that holds no state of its own.</summary>
public abstract class ParameterLessModule<T1, T2, TResult> : torch.nn.Module<T1, T2, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name) { }

    protected override void _toEpilog(torch.ScalarType? dtype, torch.Device device, bool non_blocking) { }

    public override void register_buffer(string name, torch.Tensor tensor, bool persistent = true) =>
        throw new InvalidOperationException($"Cannot register the buffer {name} on a module without state.");

    public override void register_parameter(string name, Parameter param) =>
        throw new InvalidOperationException($"Cannot register the parameter {name} on a module without state.");

    public override void register_module(string name, torch.nn.Module submodule) =>
        throw new InvalidOperationException($"Cannot register the module {name} on a module without state.");
}

/// <summary>A layer that holds no state of its own.</summary>
public abstract class ParameterLessModule<T1, T2, T3, TResult> : torch.nn.Module<T1, T2, T3, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name) { }

    protected override void _toEpilog(torch.ScalarType? dtype, torch.Device device, bool non_blocking) { }

    public override void register_buffer(string name, torch.Tensor tensor, bool persistent = true) =>
        throw new InvalidOperationException($"Cannot register the buffer {name} on a module without state.");

    public override void register_parameter(string name, Parameter param) =>
        throw new InvalidOperationException($"Cannot register the parameter {name} on a module without state.");

    public override void register_module(string name, torch.nn.Module submodule) =>
        throw new InvalidOperationException($"Cannot register the module {name} on a module without state.");
}

/// <summary>A layer that holds no state of its own.</summary>
public abstract class ParameterLessModule<T1, T2, T3, T4, TResult> : torch.nn.Module<T1, T2, T3, T4, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name) { }

    protected override void _toEpilog(torch.ScalarType? dtype, torch.Device device, bool non_blocking) { }

    public override void register_buffer(string name, torch.Tensor tensor, bool persistent = true) =>
        throw new InvalidOperationException($"Cannot register the buffer {name} on a module without state.");

    public override void register_parameter(string name, Parameter param) =>
        throw new InvalidOperationException($"Cannot register the parameter {name} on a module without state.");

    public override void register_module(string name, torch.nn.Module submodule) =>
        throw new InvalidOperationException($"Cannot register the module {name} on a module without state.");
}

/// <summary>A layer that holds no state of its own.</summary>
public abstract class ParameterLessModule<T1, T2, T3, T4, T5, TResult> : torch.nn.Module<T1, T2, T3, T4, T5, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name) { }

    protected override void _toEpilog(torch.ScalarType? dtype, torch.Device device, bool non_blocking) { }

    public override void register_buffer(string name, torch.Tensor tensor, bool persistent = true) =>
        throw new InvalidOperationException($"Cannot register the buffer {name} on a module without state.");

    public override void register_parameter(string name, Parameter param) =>
        throw new InvalidOperationException($"Cannot register the parameter {name} on a module without state.");

    public override void register_module(string name, torch.nn.Module submodule) =>
        throw new InvalidOperationException($"Cannot register the module {name} on a module without state.");
}

/// <summary>A layer that holds no state of its own.</summary>
public abstract class ParameterLessModule<T1, T2, T3, T4, T5, T6, TResult> : torch.nn.Module<T1, T2, T3, T4, T5, T6, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name) { }

    protected override void _toEpilog(torch.ScalarType? dtype, torch.Device device, bool non_blocking) { }

    public override void register_buffer(string name, torch.Tensor tensor, bool persistent = true) =>
        throw new InvalidOperationException($"Cannot register the buffer {name} on a module without state.");

    public override void register_parameter(string name, Parameter param) =>
        throw new InvalidOperationException($"Cannot register the parameter {name} on a module without state.");

    public override void register_module(string name, torch.nn.Module submodule) =>
        throw new InvalidOperationException($"Cannot register the module {name} on a module without state.");
}
