#nullable disable
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Parameters that share options.</summary>
public class ParamGroup : optim.ILearningRateController
{
    public ParamGroup() { }

    public IEnumerable<Parameter> Parameters { get; set; }

    public OptimizerOptions Options { get; set; }

    public double LearningRate
    {
        get => Options.LearningRate.Value;
        set => Options.LearningRate = value;
    }

    public double InitialLearningRate
    {
        get => Options.InitialLearningRate;
        set => Options.InitialLearningRate = value;
    }
}

/// <inheritdoc/>
public class ParamGroup<TOptions> : ParamGroup where TOptions : OptimizerOptions
{
    public ParamGroup() { }

    public ParamGroup(IEnumerable<Parameter> parameters, TOptions options = null)
    {
        // A list, so that an enumeration over a module is done once and not at every step.
        Parameters = parameters as IList<Parameter> ?? parameters.ToList();
        Options = options;
    }

    public new TOptions Options
    {
        get => (TOptions)base.Options;
        set => base.Options = value;
    }
}

/// <summary>What is set per group. An option that is null takes the optimiser's value.</summary>
public class OptimizerOptions
{
    public OptimizerOptions() { }

    public double? LearningRate { get; set; }

    public double InitialLearningRate { get; set; }

    public virtual void LoadStateDict(OptimizerOptions source)
    {
        LearningRate = source.LearningRate;
        InitialLearningRate = source.InitialLearningRate;
    }

    public virtual void LoadStateDict(BinaryReader reader)
    {
        InitialLearningRate = reader.ReadDouble();
        LearningRate = reader.ReadDouble();
    }

    public virtual void SaveStateDict(BinaryWriter writer)
    {
        writer.Write(InitialLearningRate);
        writer.Write(LearningRate.Value);
    }
}

/// <summary>What an optimiser remembers about one parameter.</summary>
public abstract class OptimizerState
{
    private protected readonly Parameter Owner;

    protected OptimizerState(Parameter parameter) => Owner = parameter;

    public abstract void Initialize(OptimizerOptions options);

    public abstract void LoadStateDict(BinaryReader reader);

    public abstract void LoadStateDict(OptimizerState source);

    public abstract void SaveStateDict(BinaryWriter writer);

    public virtual void to(Device device) { }

    public virtual bool ApproximatelyEquals(OptimizerState other) => false;

    protected static void LoadConditionalStateTensor(BinaryReader reader, ref Tensor result, Device device)
    {
        Tensor old = result;
        result = reader.ReadBoolean() ? TensorStream.Read(reader, "optimiser state", device) : null;
        old?.Dispose();
    }

    protected static void SaveConditionalStateTensor(BinaryWriter writer, Tensor tensor)
    {
        writer.Write(tensor is not null);
        if (tensor is not null) TensorStream.Save(tensor, writer);
    }

    private protected static Tensor Zeros(Tensor like)
    {
        using (no_grad()) return zeros_like(like).DetachFromDisposeScope();
    }

    private protected static Tensor Copy(Tensor source)
    {
        using (no_grad()) return source?.detach().clone().DetachFromDisposeScope();
    }

    private protected static void Replace(ref Tensor field, Tensor value)
    {
        Tensor old = field;
        field = value;
        if (!ReferenceEquals(old, value)) old?.Dispose();
    }

    private protected static Tensor Moved(Tensor tensor, Device device)
    {
        using (no_grad()) return tensor?.to(device).DetachFromDisposeScope();
    }

    private protected static bool Close(Tensor a, Tensor b) => a is null ? b is null : b is not null && a.allclose(b);
}
