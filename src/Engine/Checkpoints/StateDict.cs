using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>
/// The weights of one model in a checkpoint, by the names its modules have. Training programs keep them under a key of their own beside an optimizer's
/// state, and wrappers put a prefix before every name; both are found by structure: a dictionary of tensors, and a beginning that most names have.
/// </summary>
internal sealed class StateDict : IReadOnlyDictionary<string, CheckpointTensor>
{
    /// <summary>Where several dictionaries hold tensors, the one that is trained goes before averages of it.</summary>
    private static readonly string[] Usual = ["", "model/", "state_dict/", "model_state_dict/", "weights/", "model_state/", "net/", "network/",
        "module/", "params/", "student/"];

    /// <summary>Wrappers around wrappers that are looked through.</summary>
    private const int MostPrefixes = 6;

    /// <summary>What wrappers of single modules leave within names: compiled, sharded, recomputed or replicated ones.</summary>
    private static readonly string[] Inner = ["_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", "module"];

    /// <summary>Dictionaries that are looked at, likeliest first: a file may have one for each of its tensors.</summary>
    private const int MostDictionaries = 64;

    private readonly Dictionary<string, CheckpointTensor> _tensors = [];
    private readonly List<string> _order = [];

    private StateDict(string source) => Source = source;

    /// <summary>Path of the file the weights are from.</summary>
    public string Source { get; }

    /// <summary>What was stripped from the names, such as "model/" or "module."; empty when nothing was.</summary>
    public string Stripped { get; private init; } = "";

    /// <summary>Tensors of the dictionary outside what was stripped, such as those of a loss beside the model: they are not among the weights.</summary>
    public IReadOnlyList<string> Outside { get; private init; } = [];

    /// <summary>The likeliest weights of a checkpoint.</summary>
    /// <param name="checkpoint">An opened checkpoint; it must stay open as long as values are read.</param>
    /// <exception cref="CheckpointException">There are none; the message names what is there.</exception>
    public static StateDict From(ICheckpoint checkpoint)
    {
        var (root, rows) = Dictionaries(checkpoint)[0];
        return Of(checkpoint, root, rows, Prefixes(rows).Last(p => p.All(IsWrapper) || p.Length == 0), outside: true);
    }

    /// <summary>
    /// All that may be the weights of a model, likeliest first: each dictionary of tensors (the 64 likeliest of more), with its names as they are and without
    /// each beginning that most of them share, first only those that have it, then the others beside them; at last all dictionaries as one. Who knows models
    /// takes the first that is one.
    /// </summary>
    /// <inheritdoc cref="From" path="/param|/exception"/>
    public static IEnumerable<StateDict> Candidates(ICheckpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        foreach (var (root, rows) in Dictionaries(checkpoint).Concat(Joined(checkpoint)))
            foreach (var (prefix, outside) in Prefixes(rows).SelectMany(p => p.Length == 0 ? new[] { (p, true) } : [(p, false), (p, true)]))
            {
                StateDict? candidate = null;
                try
                {
                    candidate = Of(checkpoint, root, rows, prefix, outside);
                }
                catch (CheckpointException)
                {
                    // two names that become one: it is no prefix
                }
                if (candidate is not null) yield return candidate;
            }
    }

    /// <summary>
    /// The tensors of all dictionaries by their whole paths, where parts of a model lie in dictionaries of their own: {"image_encoder": {...}, ...}; or names
    /// have slashes where others have dots.
    /// </summary>
    private static List<(string Root, List<(string Name, CheckpointTensor Tensor)> Rows)> Joined(ICheckpoint checkpoint) =>
        checkpoint.Tensors.Any(t => t.Name.Contains('/')) ? [("", [.. checkpoint.Tensors.Select(t => (t.Name.Replace('/', '.'), t))])] : [];

    private static StateDict Of(ICheckpoint checkpoint, string root, List<(string Name, CheckpointTensor Tensor)> rows, string[] prefixes, bool outside)
    {
        string prefix = string.Concat(prefixes);
        var left = new List<string>();
        var dict = new StateDict(checkpoint.Path) { Stripped = root + prefix, Outside = left };
        foreach (var (name, tensor) in rows)
            if (name.StartsWith(prefix, StringComparison.Ordinal)) dict.Add(Unwrapped(name[prefix.Length..]), tensor);
            else if (outside) dict.Add(Unwrapped(name), tensor);
            else left.Add(name);
        return dict;
    }

    /// <summary>A name without what wrappers of single modules put into it; what it begins with is a matter of prefixes.</summary>
    private static string Unwrapped(string name)
    {
        if (!Inner.Any(i => name.Contains(i, StringComparison.Ordinal))) return name;
        string[] parts = name.Split('.');
        return string.Join('.', parts.Where((p, i) => i == 0 || i == parts.Length - 1 || !Inner.Contains(p)));
    }

    /// <summary>The same weights under other names.</summary>
    /// <param name="rename">New name of a tensor, or null to leave it out.</param>
    /// <exception cref="CheckpointException">Two tensors get the same name.</exception>
    public StateDict Renamed(Func<string, string?> rename)
    {
        ArgumentNullException.ThrowIfNull(rename);
        var dict = new StateDict(Source) { Stripped = Stripped, Outside = Outside };
        foreach (string name in _order)
            if (rename(name) is { } other) dict.Add(other, _tensors[name]);
        return dict;
    }

    /// <summary>The weights whose names belong to the model; the others are <see cref="Outside"/>.</summary>
    public StateDict Only(Func<string, bool> belongs)
    {
        if (_order.All(belongs)) return this;
        var dict = new StateDict(Source) { Stripped = Stripped, Outside = [.. Outside, .. _order.Where(n => !belongs(n))] };
        foreach (string name in _order.Where(belongs)) dict.Add(name, _tensors[name]);
        return dict;
    }

    /// <summary>Weights put together from tensors.</summary>
    internal static StateDict Of(string source, IEnumerable<CheckpointTensor> tensors)
    {
        var dict = new StateDict(source);
        foreach (var tensor in tensors) dict.Add(tensor.Name, tensor);
        return dict;
    }

    /// <summary>The dictionaries that hold tensors, in the order in which they are likely the model's.</summary>
    private static List<(string Root, List<(string Name, CheckpointTensor Tensor)> Rows)> Dictionaries(ICheckpoint checkpoint)
    {
        bool pickled = checkpoint.Format is CheckpointFormat.PyTorchZip or CheckpointFormat.PyTorchLegacy;
        if (!pickled) return [("", [.. checkpoint.Tensors.Select(t => (t.Name, t))])];
        var groups = checkpoint.Tensors.GroupBy(t => t.Name[..(t.Name.LastIndexOf('/') + 1)], StringComparer.Ordinal)
            .Select(g => (Root: g.Key, Rows: g.Select(t => (t.Name[g.Key.Length..], t)).ToList())).ToList();
        if (groups.Count == 0)
        {
            string keys = string.Join(", ", checkpoint.Metadata.Keys.Select(k => k.Split('/')[0]).Distinct().Take(20));
            throw new CheckpointException(checkpoint.Path, $"it holds no weights, in whatever dictionary; it has: {(keys.Length == 0 ? "nothing" : keys)}.");
        }
        int most = groups.Max(g => g.Rows.Count);
        // An optimizer keeps tensors by numbers, a model by names with dots.
        return [.. groups.OrderByDescending(g => g.Rows.Count(r => r.Item1.Contains('.')) * 2 > g.Rows.Count)
            .ThenByDescending(g => g.Rows.Count >= most / 2).ThenBy(g => Array.IndexOf(Usual, g.Root) is >= 0 and var at ? at : Usual.Length)
            .ThenByDescending(g => g.Rows.Count).Take(MostDictionaries)];
    }

    /// <summary>None, and the beginnings that more than half of the names share, ever longer: a stray tensor does not hide them.</summary>
    private static List<string[]> Prefixes(List<(string Name, CheckpointTensor)> rows)
    {
        var all = new List<string[]> { Array.Empty<string>() };
        string found = "";
        while (all.Count <= MostPrefixes)
        {
            var next = rows.Where(r => r.Name.StartsWith(found, StringComparison.Ordinal))
                .Select(r => r.Name.IndexOf('.', found.Length) is >= 0 and var dot ? r.Name[found.Length..(dot + 1)] : "")
                .GroupBy(p => p, StringComparer.Ordinal).MaxBy(g => g.Count());
            if (next is null || next.Key.Length == 0 || next.Count() * 2 <= rows.Count) break;
            found += next.Key;
            all.Add([.. all[^1], next.Key]);
        }
        return all;
    }

    /// <summary>What wrappers put before names, whatever the model: where nobody knows the model, only these are taken off.</summary>
    private static bool IsWrapper(string prefix) => prefix is "module." or "model." or "_orig_mod." or "net." or "network.";

    private void Add(string name, CheckpointTensor tensor)
    {
        if (!_tensors.TryAdd(name, tensor.Name == name ? tensor : tensor.Renamed(name)))
            throw new CheckpointException(Source, $"two tensors get the name '{name}'.");
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
    public CheckpointTensor this[string key] =>
        _tensors.TryGetValue(key, out var tensor) ? tensor : throw new CheckpointException(Source, $"there is no tensor '{key}'.");

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _tensors.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out CheckpointTensor value) => _tensors.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, CheckpointTensor>> GetEnumerator() => _order.Select(n => KeyValuePair.Create(n, _tensors[n])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
