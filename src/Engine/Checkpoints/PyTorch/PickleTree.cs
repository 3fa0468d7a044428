using System.Globalization;
using System.Numerics;

namespace SemanticSam.Engine.Checkpoints.PyTorch;

/// <summary>Walks what a pickle held and lists the tensors and plain values by path.</summary>
internal sealed class PickleTree(string path, long fileLength)
{
    private const int MaxDepth = 64;
    private const int MaxNodes = 1_000_000;
    private const int MaxPathLength = 1024;
    private const int MaxKeyParts = 16;

    /// <summary>Of all paths and texts: 32 Mi characters, 64 MiB.</summary>
    private const long MaxCharacters = 32L << 20;

    private readonly HashSet<object> _open = new(ReferenceEqualityComparer.Instance);
    private readonly long _maxTotalBytes = fileLength * 16 + (16 << 20);
    private long _totalBytes;
    private int _nodes;
    private long _characters;

    public List<CheckpointTensor> Tensors { get; } = [];

    public Dictionary<string, string> Plain { get; } = [];

    /// <param name="root">The pickle's value.</param>
    /// <param name="separator">Between the parts of a path: '/' for dictionaries, '.' for the attributes of TorchScript modules.</param>
    public void Walk(object? root, char separator) => Visit(root, "", separator);

    private void Visit(object? value, string name, char separator)
    {
        if (++_nodes > MaxNodes) throw Bad($"more than {MaxNodes} values.");
        if (name.Length > MaxPathLength) throw Bad($"a path of more than {MaxPathLength} characters.");
        switch (value)
        {
            case PickleTensor tensor: Add(tensor, name); break;
            case PickleDict dict: Enter(dict, dict.Items.Select(p => (Key(p.Key), p.Value)), name, separator); break;
            case PickleModule module: Enter(module, module.Attributes.Items.Select(p => (Key(p.Key), p.Value)), name, '.'); break;
            case PickleList list: Enter(list, list.Items.Select((v, i) => (i.ToString(CultureInfo.InvariantCulture), v)), name, separator); break;
            default:
                Charge(name, Length(value));
                Plain[name] = Text(value);
                break;
        }
    }

    /// <summary>A million entries under long paths are more than their file: all names and joined texts together are bounded.</summary>
    private void Charge(string name, long text)
    {
        if ((_characters += name.Length + text) > MaxCharacters)
            throw Bad($"the names and texts of its values are longer than {MaxCharacters >> 20} Mi characters together.");
    }

    private void Enter(object container, IEnumerable<(string, object?)> children, string name, char separator)
    {
        if (_open.Count == MaxDepth) throw Bad($"values nested more than {MaxDepth} deep.");
        if (!_open.Add(container)) throw Bad("a value that contains itself.");
        foreach (var (key, child) in children) Visit(child, name.Length == 0 ? key : $"{name}{separator}{key}", separator);
        _open.Remove(container);
    }

    private void Add(PickleTensor tensor, string name)
    {
        Charge(name, 0);
        if (name.Length == 0) name = "tensor"; // the file is one bare tensor, or its key is empty
        var storage = tensor.Storage;
        var layout = new StridedLayout(tensor.Shape, tensor.Strides, tensor.Offset, storage.DType.Size());
        var found = new CheckpointTensor(name, storage.DType, tensor.Shape, storage.Bytes!, layout, tensor.RequiresGrad);
        _totalBytes += found.ByteCount;
        if (_totalBytes > _maxTotalBytes) throw Bad($"its tensors would take more than 16 times the file's {fileLength} bytes.");
        Tensors.Add(found);
    }

    private string Key(object? key) => key switch
    {
        string text => text,
        PickleList { Count: > MaxKeyParts } => throw Bad($"a dictionary key of more than {MaxKeyParts} parts."),
        _ when Length(key) > MaxPathLength => throw Bad($"a dictionary key of more than {MaxPathLength} characters."),
        _ => Text(key),
    };

    /// <summary>How long <see cref="Text"/> would be at most, without making it.</summary>
    private static long Length(object? value) => value switch
    {
        string text => text.Length,
        BigInteger => 620, // of 255 bytes
        PickleStorage storage => storage.Key.Length + 8,
        PickleGlobal global => global.FullName.Length,
        PickleOpaque opaque => opaque.ClassName.Length + 11,
        PickleList { IsTuple: true } tuple => tuple.Items.Sum(i => 2 + (i is PickleList ? 5 : Length(i))),
        _ => 32,
    };

    private static string Text(object? value) => value switch
    {
        null => "None",
        string text => text,
        bool flag => flag ? "True" : "False",
        long or double or BigInteger => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        byte[] bytes => $"{bytes.Length} bytes",
        PickleStorage storage => $"storage {storage.Key}",
        PickleGlobal global => global.FullName,
        PickleOpaque opaque => $"{opaque.ClassName} (not read)",
        PickleList { IsTuple: true } tuple => $"({string.Join(", ", tuple.Items.Select(i => i is PickleList ? "(...)" : Text(i)))})",
        _ => $"{value.GetType().Name} (not read)",
    };

    private CheckpointException Bad(string what) => new(path, what);
}
