using System.Globalization;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Training.Runs;

/// <summary>Everything a training needs to go on: weights, their average, the optimizer's moments, the step; one safetensors file.</summary>
internal sealed class TrainingState : IDisposable
{
    /// <summary>Name of the file in the output folder.</summary>
    public const string File = "training.safetensors";

    private const string Weights = "weights/", Average = "average/", First = "moment1/", Second = "moment2/", Count = "updates/";

    private readonly TrainerOptions _options;
    private readonly Dictionary<string, AdamW.State> _moments = [];

    /// <param name="model">What is trained; its frozen parameters are not kept.</param>
    /// <param name="options">Rates, seed and batch.</param>
    /// <param name="decays">Which parameters decay; null for matrices and kernels.</param>
    /// <param name="beta2">Of the optimizer.</param>
    /// <param name="identity">What the weights mean something by besides; null for nothing.</param>
    public TrainingState(nn.Module model, TrainerOptions options, Func<string, Tensor, bool>? decays = null, double beta2 = 0.98,
        TrainingIdentity? identity = null)
    {
        _options = options;
        Identity = identity ?? TrainingIdentity.None;
        Groups = new WeightGroups(model);
        decays ??= WeightGroups.Decays;
        var decayed = Groups.Parameters.Where(p => decays(p.Key, p.Value)).ToArray();
        var others = Groups.Parameters.Except(decayed).ToArray();
        Optimizer = optim.AdamW([.. new[] { Group(decayed, options.WeightDecay), Group(others, 0) }.Where(g => g.Parameters.Any())],
            options.LearningRate, beta2: beta2);
        var states = Optimizer.state_dict().State;
        int next = 0;
        foreach (var (name, _) in decayed.Concat(others)) _moments[name] = (AdamW.State)states[next++];
        Averaged = new WeightAverage(Groups.All, options.AverageDecay);

        AdamW.ParamGroup Group(KeyValuePair<string, Parameter>[] parameters, double decay) =>
            new(parameters.Select(p => p.Value), options.LearningRate, beta2: beta2, weight_decay: decay);
    }

    public WeightGroups Groups { get; }

    /// <summary>What was begun, or is gone on with.</summary>
    public TrainingIdentity Identity { get; private set; }

    public AdamW Optimizer { get; }

    public WeightAverage Averaged { get; }

    /// <summary>Steps done.</summary>
    public long Step { get; set; }

    /// <summary>Writes the file, under a temporary name until it is complete.</summary>
    /// <exception cref="TrainingNotFiniteException">Something of it is not finite: a file that is there stays.</exception>
    public void Save(string folder)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (name, tensor) in Groups.All) tensors[Weights + name] = tensor;
        foreach (var (name, tensor) in Averaged.Values) tensors[Average + name] = tensor;
        foreach (var (name, moments) in _moments)
        {
            tensors[First + name] = moments.exp_avg;
            tensors[Second + name] = moments.exp_avg_sq;
            tensors[Count + name] = tensor(moments.step);
        }
        FiniteState.Require(folder, Step, tensors.Select(t => (t.Key, t.Value)));
        SafetensorsWriter.Write(Path.Combine(folder, File), tensors, new SafetensorsWriterOptions
        {
            Metadata = new Dictionary<string, string>
            {
                ["step"] = Step.ToString(CultureInfo.InvariantCulture),
                ["seed"] = _options.Seed.ToString(CultureInfo.InvariantCulture),
                ["batch"] = _options.Batch.ToString(CultureInfo.InvariantCulture),
                [TrainingIdentity.Key] = Identity.ToJson(),
            },
        });
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="earlier">What a training was begun with whose state, of an earlier version, does not say it; null where nothing else does.</param>
    /// <param name="next">As <see cref="TrainingIdentity.Continue"/> has it; null for the usual.</param>
    /// <exception cref="FileNotFoundException">There is nothing to go on with.</exception>
    /// <exception cref="CheckpointException">The file is damaged, of another model, or of a run with another seed, batch or identity.</exception>
    public void Load(string folder, Func<TrainingIdentity>? earlier = null, Func<IReadOnlyList<string>, string?>? next = null)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var file = Checkpoint.Open(Path.Combine(folder, File));
        Require(file, "seed", _options.Seed);
        Require(file, "batch", _options.Batch);
        var begun = TrainingIdentity.Of(file) ?? earlier?.Invoke() ?? TrainingIdentity.None;
        Identity = Identity.Continue(file.Path, begun, next ?? (_ => "Give what it was begun with, or name another output folder for a new one."));
        foreach (var (name, tensor) in Groups.All) Fill(file, Weights + name, tensor);
        foreach (var (name, tensor) in Averaged.Values) Fill(file, Average + name, tensor);
        foreach (var (name, moments) in _moments)
        {
            Fill(file, First + name, moments.exp_avg);
            Fill(file, Second + name, moments.exp_avg_sq);
            using var count = Find(file, Count + name).ToTensor();
            moments.step = count.item<long>();
        }
        Step = Number(file, "step");
    }

    public void Dispose()
    {
        Averaged.Dispose();
        foreach (var moments in _moments.Values) moments.Dispose();
        Optimizer.Dispose();
    }

    private static void Require(ICheckpoint file, string key, long value)
    {
        long found = Number(file, key);
        if (found != value)
            throw new CheckpointException(file.Path, $"this training has {key} {found}, {value} was given: it can only go on as it was begun.");
    }

    private static long Number(ICheckpoint file, string key) =>
        file.Metadata.TryGetValue(key, out string? text) && long.TryParse(text, CultureInfo.InvariantCulture, out long value) ? value
        : throw new CheckpointException(file.Path, $"it is not the state of a training: '{key}' is missing.");

    private static CheckpointTensor Find(ICheckpoint file, string name) => file.TryGet(name, out var found) ? found
        : throw new CheckpointException(file.Path, $"it is the state of another model: there is no '{name}'.");

    private static void Fill(ICheckpoint file, string name, Tensor target)
    {
        var source = Find(file, name);
        if (!source.Shape.SequenceEqual(target.shape))
            throw new CheckpointException(file.Path, $"it is the state of another model: '{name}' is {source.Describe()}.");
        CheckpointTorch.Fill(target, source);
        FiniteWeights.Require(file.Path, name, target);
    }
}
