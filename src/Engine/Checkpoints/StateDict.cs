using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>
/// The weights of one model in a checkpoint, by the names its modules have: taken from under 'model' or 'state_dict' where a
/// training program put them there, without the prefix that wrappers add.
/// </summary>
internal sealed class StateDict : IReadOnlyDictionary<string, CheckpointTensor>
{
    /// <summary>Keys under which training programs keep the weights.</summary>
    private static readonly string[] Roots = ["model", "state_dict", "model_state_dict", "weights"];

    /// <summary>Prefixes of wrappers: DataParallel's, and those of training programs.</summary>
    private static readonly string[] Prefixes = ["module.", "model."];

    /// <summary>Wrappers around wrappers that are looked through.</summary>
    private const int MostWrappers = 8;

    private readonly Dictionary<string, CheckpointTensor> _tensors = [];
    private readonly List<string> _order = [];

    private StateDict(string source) => Source = source;

    /// <summary>Path of the file the weights are from.</summary>
    public string Source { get; }

    /// <summary>What was stripped from the names, such as "model/" or "module."; empty when nothing was.</summary>
    public string Stripped { get; private init; } = "";

    /// <summary>Finds the weights in a checkpoint.</summary>
    /// <param name="checkpoint">An opened checkpoint; it must stay open as long as values are read.</param>
    /// <exception cref="CheckpointException">No weights are where they are looked for; the message names what is there.</exception>
    public static StateDict From(ICheckpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        bool pickled = checkpoint.Format is CheckpointFormat.PyTorchZip or CheckpointFormat.PyTorchLegacy;
        var (root, rows) = pickled ? UnderRoot(checkpoint) : ("", [.. checkpoint.Tensors.Select(t => (t.Name, t))]);
        string prefix = WrapperPrefix(rows);
        var dict = new StateDict(checkpoint.Path) { Stripped = root + prefix };
        foreach (var (name, tensor) in rows) dict.Add(prefix.Length > 0 && name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name, tensor);
        return dict;
    }

    /// <summary>The same weights under other names.</summary>
    /// <param name="rename">New name of a tensor, or null to leave it out.</param>
    /// <exception cref="CheckpointException">Two tensors get the same name.</exception>
    public StateDict Renamed(Func<string, string?> rename)
    {
        ArgumentNullException.ThrowIfNull(rename);
        var dict = new StateDict(Source) { Stripped = Stripped };
        foreach (string name in _order)
            if (rename(name) is { } other) dict.Add(other, _tensors[name]);
        return dict;
    }

    /// <summary>Weights put together from tensors.</summary>
    internal static StateDict Of(string source, IEnumerable<CheckpointTensor> tensors)
    {
        var dict = new StateDict(source);
        foreach (var tensor in tensors) dict.Add(tensor.Name, tensor);
        return dict;
    }

    private static (string Root, List<(string, CheckpointTensor)> Rows) UnderRoot(ICheckpoint checkpoint)
    {
        var direct = checkpoint.Tensors.Where(t => !t.Name.Contains('/')).Select(t => (t.Name, t)).ToList();
        foreach (string root in Roots)
        {
            string start = root + "/";
            var rows = checkpoint.Tensors.Where(t => t.Name.StartsWith(start, StringComparison.Ordinal) && t.Name.IndexOf('/', start.Length) < 0)
                .Select(t => (t.Name[start.Length..], t)).ToList();
            if (rows.Count > direct.Count) return (start, rows);
        }
        if (direct.Count > 0) return ("", direct);
        string keys = string.Join(", ", checkpoint.Tensors.Select(t => t.Name.Split('/')[0]).Concat(checkpoint.Metadata.Keys.Select(k => k.Split('/')[0])).Distinct().Take(20));
        throw new CheckpointException(checkpoint.Path, $"no weights at the top or under {string.Join(", ", Roots)}; the file has: {(keys.Length == 0 ? "nothing" : keys)}.");
    }

    /// <summary>A prefix that most of the names have: a stray extra tensor does not hide it.</summary>
    private static string WrapperPrefix(List<(string Name, CheckpointTensor)> rows)
    {
        string found = "";
        for (int wrappers = 0; wrappers < MostWrappers; wrappers++)
        {
            string[] longer = [.. Prefixes.Select(p => found + p)];
            if (longer.FirstOrDefault(p => rows.Count(r => r.Name.StartsWith(p, StringComparison.Ordinal)) * 2 > rows.Count) is not { } prefix) break;
            found = prefix;
        }
        return found;
    }

    private void Add(string name, CheckpointTensor tensor)
    {
        if (!_tensors.TryAdd(name, tensor.Name == name ? tensor : tensor.Renamed(name))) throw new CheckpointException(Source, $"two tensors get the name '{name}'.");
        _order.Add(name);
    }

    /// <inheritdoc/>
    public int Count => _order.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _order;

    /// <inheritdoc/>
    public IEnumerable<CheckpointTensor> Values => _order.Select(n => _tensors[n]);

    /// <summary>The tensor of a name.</summary>
    /// <exception cref="CheckpointException">There is none.</exception>
    public CheckpointTensor this[string key] => _tensors.TryGetValue(key, out var tensor) ? tensor : throw new CheckpointException(Source, $"there is no tensor '{key}'.");

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _tensors.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out CheckpointTensor value) => _tensors.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, CheckpointTensor>> GetEnumerator() => _order.Select(n => KeyValuePair.Create(n, _tensors[n])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
