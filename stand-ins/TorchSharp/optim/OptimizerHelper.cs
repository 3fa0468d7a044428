#nullable disable
using static TorchSharp.torch;
using Optimizer = TorchSharp.torch.optim.Optimizer;

namespace TorchSharp.Modules;

/// <summary>Groups, per-parameter state and their storage, for all optimisers.</summary>
public abstract class OptimizerHelper : Optimizer
{
    private protected readonly List<ParamGroup> Groups = [];
    private protected readonly Dictionary<Parameter, OptimizerState> States = new(ReferenceEqualityComparer.Instance);

    public OptimizerHelper() { }

    public override IEnumerable<optim.ILearningRateController> ParamGroups => Groups;

    public override IEnumerable<Parameter> parameters() => Groups.SelectMany(g => g.Parameters);

    public override void zero_grad()
    {
        foreach (Parameter parameter in parameters()) nn.Module.ZeroGrad(parameter, setToNone: false);
    }

    public override void add_param_group(ParamGroup param_group) => Groups.Add(param_group);

    /// <summary>Adds a group whose options are complete, and a fresh state for each of its parameters.</summary>
    private protected void AddGroup(ParamGroup group, Func<Parameter, OptimizerState> newState)
    {
        Groups.Add(group);
        foreach (Parameter parameter in group.Parameters)
        {
            OptimizerState state = newState(parameter);
            if (!States.TryAdd(parameter, state))
                throw new ArgumentException("some parameters appear in more than one parameter group", nameof(group));
            state.Initialize(group.Options);
        }
    }

    /// <summary>Runs the closure with gradients on, then the body over each group with gradients off.</summary>
    protected Tensor _step<T>(Action<T> body, Func<Tensor> loss_closure = null) where T : ParamGroup
    {
        Tensor loss = null;
        if (loss_closure is not null)
        {
            using (enable_grad()) loss = loss_closure();
        }
        using (no_grad())
        {
            foreach (ParamGroup group in Groups)
            {
                using var scope = NewDisposeScope();
                body((T)group);
            }
        }
        return loss;
    }

    public void to(Device device)
    {
        foreach (OptimizerState state in States.Values) state.to(device);
    }

    public virtual StateDictionary state_dict()
    {
        var dict = new StateDictionary();
        foreach (ParamGroup group in Groups)
        {
            dict.Options.Add(group.Options);
            var indices = new List<int>();
            foreach (Parameter parameter in group.Parameters)
            {
                indices.Add(dict.State.Count);
                dict.State.Add(States[parameter]);
            }
            dict.StateIndexRef.Add(indices);
        }
        return dict;
    }

    public virtual void load_state_dict(StateDictionary state_dict)
    {
        StateDictionary own = this.state_dict();
        if (own.Options.Count != state_dict.Options.Count)
            throw new ArgumentException($"loaded state dict has {state_dict.Options.Count} parameter groups, expected {own.Options.Count}", nameof(state_dict));
        for (int i = 0; i < own.StateIndexRef.Count; i++)
        {
            if (own.StateIndexRef[i].Count != state_dict.StateIndexRef[i].Count)
                throw new ArgumentException(
                    $"group {i} of the loaded state dict has {state_dict.StateIndexRef[i].Count} parameters, expected {own.StateIndexRef[i].Count}", nameof(state_dict));
        }
        for (int i = 0; i < own.Options.Count; i++)
        {
            own.Options[i].LoadStateDict(state_dict.Options[i]);
            for (int j = 0; j < own.StateIndexRef[i].Count; j++)
                own.State[own.StateIndexRef[i][j]].LoadStateDict(state_dict.State[state_dict.StateIndexRef[i][j]]);
        }
    }

    public void save_state_dict(string location)
    {
        using FileStream stream = File.Create(location);
        using var writer = new BinaryWriter(stream);
        save_state_dict(writer);
    }

    public void save_state_dict(BinaryWriter writer)
    {
        StateDictionary dict = state_dict();
        writer.Write(GetType().Name);
        writer.Write7BitEncodedInt64(dict.Options.Count);
        writer.Write7BitEncodedInt64(dict.State.Count);
        for (int i = 0; i < dict.Options.Count; i++)
        {
            dict.Options[i].SaveStateDict(writer);
            writer.Write7BitEncodedInt64(dict.StateIndexRef[i].Count);
        }
        foreach (OptimizerState state in dict.State) state.SaveStateDict(writer);
    }

    public void load_state_dict(string location)
    {
        using FileStream stream = File.OpenRead(location);
        using var reader = new BinaryReader(stream);
        load_state_dict(reader);
    }

    public void load_state_dict(BinaryReader reader)
    {
        string name = reader.ReadString();
        if (name != GetType().Name) throw new InvalidDataException($"The stored state is of {name}, this optimiser is {GetType().Name}.");
        StateDictionary dict = state_dict();
        Expect("parameter groups", reader.Read7BitEncodedInt64(), dict.Options.Count);
        Expect("parameters", reader.Read7BitEncodedInt64(), dict.State.Count);
        for (int i = 0; i < dict.Options.Count; i++)
        {
            dict.Options[i].LoadStateDict(reader);
            Expect($"parameters in group {i}", reader.Read7BitEncodedInt64(), dict.StateIndexRef[i].Count);
        }
        foreach (OptimizerState state in dict.State) state.LoadStateDict(reader);
    }

    private static void Expect(string what, long found, int expected)
    {
        if (found != expected) throw new InvalidDataException($"The stored state has {found} {what}, expected {expected}.");
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        foreach (OptimizerState state in States.Values) (state as IDisposable)?.Dispose();
        States.Clear();
    }
}
