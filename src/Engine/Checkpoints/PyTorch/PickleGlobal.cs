namespace SemanticSam.Engine.Checkpoints.PyTorch;

/// <summary>What an allowed global stands for. Each kind is a few lines of this reader; none is ever looked up or called by name.</summary>
internal enum PickleGlobalKind
{
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
    Storage,
    Size,
    Device,
    Encode,
    Set,
    RestoreTypeTag,
    ScriptClass,

    /// <summary>A class whose objects appear beside tensors and are skipped over.</summary>
    Opaque,
}

/// <summary>A name in a pickle that is on the list of allowed ones.</summary>
internal sealed record PickleGlobal(string FullName, PickleGlobalKind Kind, CheckpointDType DType = default)
{
    private static readonly Dictionary<string, PickleGlobal> Table = Build();

    /// <summary>The names, for messages.</summary>
    public const string Allowed = "allowed are the tensor-building names of PyTorch, collections.OrderedDict and a few inert classes";

    /// <summary>Finds an allowed name.</summary>
    /// <param name="module">Python module.</param>
    /// <param name="name">Name in it.</param>
    /// <param name="torchScript">Whether classes under __torch__ are allowed.</param>
    public static PickleGlobal? Find(string module, string name, bool torchScript)
    {
        string full = $"{module}.{name}";
        if (Table.TryGetValue(full, out var known)) return known.Kind != PickleGlobalKind.RestoreTypeTag || torchScript ? known : null;
        bool scriptClass = torchScript && (module == "__torch__" || module.StartsWith("__torch__.", StringComparison.Ordinal));
        return scriptClass ? new(full, PickleGlobalKind.ScriptClass) : null;
    }

    private static Dictionary<string, PickleGlobal> Build()
    {
        var table = new Dictionary<string, PickleGlobal>();
        void Add(PickleGlobalKind kind, params ReadOnlySpan<string> names)
        {
            foreach (string name in names) table.Add(name, new(name, kind));
        }
        Add(PickleGlobalKind.OrderedDict, "collections.OrderedDict");
        Add(PickleGlobalKind.RebuildTensor, "torch._utils._rebuild_tensor_v2");
        Add(PickleGlobalKind.RebuildParameter, "torch._utils._rebuild_parameter");
        Add(PickleGlobalKind.Size, "torch.Size");
        Add(PickleGlobalKind.Device, "torch.device");
        Add(PickleGlobalKind.Encode, "_codecs.encode");
        Add(PickleGlobalKind.Set, "__builtin__.set", "builtins.set");
        Add(PickleGlobalKind.RestoreTypeTag, "torch.jit._pickle.restore_type_tag");
        foreach (var (name, dtype) in new[]
        {
            ("Float", CheckpointDType.Float32), ("Double", CheckpointDType.Float64), ("Half", CheckpointDType.Float16), ("BFloat16", CheckpointDType.BFloat16),
            ("Long", CheckpointDType.Int64), ("Int", CheckpointDType.Int32), ("Short", CheckpointDType.Int16), ("Char", CheckpointDType.Int8),
            ("Byte", CheckpointDType.UInt8), ("Bool", CheckpointDType.Bool), ("ComplexFloat", CheckpointDType.Complex64),
        })
        {
            string full = $"torch.{name}Storage";
            table.Add(full, new(full, PickleGlobalKind.Storage, dtype));
        }
        Add(PickleGlobalKind.Opaque, "torch.float16", "torch.float32", "torch.float64", "torch.bfloat16", "torch.half", "torch.float", "torch.double",
            "torch.int8", "torch.int16", "torch.int32", "torch.int64", "torch.uint8", "torch.bool", "torch.long", "torch.int", "torch.short",
            "torch.complex64", "torch.complex128");
        // Training programs put their arguments, settings and counters beside the weights.
        Add(PickleGlobalKind.Opaque, "argparse.Namespace", "collections.Counter", "collections.defaultdict", "numpy.dtype", "numpy.ndarray",
            "numpy.core.multiarray._reconstruct", "numpy.core.multiarray.scalar", "numpy._core.multiarray._reconstruct", "numpy._core.multiarray.scalar",
            "pathlib.PosixPath", "pathlib.WindowsPath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath", "pathlib._local.PosixPath",
            "pathlib._local.WindowsPath", "datetime.datetime", "datetime.timedelta", "types.SimpleNamespace", "typing.Any",
            "mmengine.logging.history_buffer.HistoryBuffer", "mmengine.config.config.ConfigDict", "addict.addict.Dict", "easydict.EasyDict",
            "yacs.config.CfgNode", "fvcore.common.config.CfgNode", "detectron2.config.config.CfgNode", "omegaconf.dictconfig.DictConfig",
            "omegaconf.listconfig.ListConfig", "omegaconf.base.ContainerMetadata", "omegaconf.base.Metadata", "omegaconf.nodes.AnyNode",
            "pytorch_lightning.utilities.parsing.AttributeDict", "lightning_fabric.utilities.data.AttributeDict",
            "lightning.fabric.utilities.data.AttributeDict", "lightning.pytorch.utilities.parsing.AttributeDict");
        return table;
    }
}
