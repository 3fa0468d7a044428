using System.Diagnostics.CodeAnalysis;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>How a checkpoint is stored.</summary>
internal enum CheckpointFormat
{
    /// <summary>One .safetensors file.</summary>
    Safetensors,

    /// <summary>A .safetensors.index.json beside several .safetensors files.</summary>
    ShardedSafetensors,

    /// <summary>What <c>torch.save</c> writes since 1.6: a zip archive with a pickle.</summary>
    PyTorchZip,

    /// <summary>What <c>torch.save</c> wrote before 1.6: pickles followed by raw storages.</summary>
    PyTorchLegacy,

    /// <summary>What <c>torch.jit.save</c> writes.</summary>
    TorchScript,
}

/// <summary>An opened checkpoint: names, shapes and element types are known, values are read on demand. Safe for concurrent reading.</summary>
internal interface ICheckpoint : IDisposable
{
    /// <summary>Path of the file (of the index for a sharded one).</summary>
    string Path { get; }

    /// <summary>How it is stored.</summary>
    CheckpointFormat Format { get; }

    /// <summary>All tensors in the order of the file.</summary>
    IReadOnlyList<CheckpointTensor> Tensors { get; }

    /// <summary>
    /// Text that the file carries beside the tensors: safetensors' metadata, or the plain values (numbers, strings) of a pickle by their path.
    /// </summary>
    IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Finds a tensor by its exact name.</summary>
    bool TryGet(string name, [NotNullWhen(true)] out CheckpointTensor? tensor);
}

/// <summary>What all readers share: the list and the lookup by name.</summary>
internal abstract class CheckpointBase(string path, CheckpointFormat format) : ICheckpoint
{
    private readonly Dictionary<string, CheckpointTensor> _byName = [];
    private readonly List<CheckpointTensor> _tensors = [];

    public string Path { get; } = path;

    public CheckpointFormat Format { get; } = format;

    public IReadOnlyList<CheckpointTensor> Tensors => _tensors;

    public IReadOnlyDictionary<string, string> Metadata { get; protected init; } = new Dictionary<string, string>();

    public bool TryGet(string name, [NotNullWhen(true)] out CheckpointTensor? tensor) => _byName.TryGetValue(name, out tensor);

    /// <summary>False when there is already a tensor of that name.</summary>
    protected bool TryAdd(CheckpointTensor tensor)
    {
        if (!_byName.TryAdd(tensor.Name, tensor)) return false;
        _tensors.Add(tensor);
        return true;
    }

    public abstract void Dispose();
}
