namespace SemanticSam.Tests.StandIns.Surface;

/// <summary>Turns type expressions of a listing into fully qualified C#.</summary>
internal sealed class ListingNames
{
    private static readonly HashSet<string> s_known =
    [
        "bool", "byte", "sbyte", "short", "int", "long", "ulong", "float", "double", "char", "string", "object", "void", "IntPtr", "UInt16", "Int16", "Half", "Complex",
        "Action", "Func", "IEnumerable", "IEnumerator", "IList", "List", "Dictionary", "IDictionary", "ICollection", "IReadOnlyList", "IReadOnlyCollection",
        "IReadOnlyDictionary", "KeyValuePair", "HashSet", "Tuple", "IDisposable", "Stream", "BinaryReader", "BinaryWriter", "CultureInfo", "IFormatProvider", "Span",
        "ReadOnlySpan", "Memory", "ReadOnlyMemory", "Array", "Range", "Index", "Task", "CancellationToken", "FieldInfo", "Type", "IAsyncResult", "AsyncCallback",
        "OperationStatus", "Regex", "Exception", "Guid", "TextReader",
    ];

    private readonly Dictionary<string, string> _full = [];

    public ListingNames(IEnumerable<SurfaceType> types)
    {
        SurfaceType[] all = types.ToArray();
        foreach (SurfaceType type in all.Where(t => !t.Name.Contains('<'))) Add(type.Name, type.Name);
        // A generic nested type is written with its direct outer type only.
        foreach (SurfaceType type in all.Where(t => t.Name.Contains('<') && !t.Name.Contains(".HookRemover<")))
        {
            string name = type.Name.Split('<')[0];
            string[] parts = name.Split("::");
            int dot = parts[1].LastIndexOf('.');
            if (dot < 0)
            {
                Add(type.Name, name);
                continue;
            }
            string? outer = _full.Values.FirstOrDefault(f => f.EndsWith("." + parts[1][..dot]));
            if (outer is not null) _full[Key(type.Name.Split("::")[1])] = $"{outer}.{parts[1][(dot + 1)..]}";
        }
    }

    private void Add(string name, string qualified) => _full[Key(name.Split("::")[1])] = "global::" + qualified.Replace("::", ".");

    private static string Key(string written) => written.Split('<')[0] + (written.Contains('<') ? "`" + Split(Inner(written)).Count : "");

    private static string Inner(string written) => written[(written.IndexOf('<') + 1)..^1];

    /// <summary>Where a listed type goes: its fully qualified name without arguments, or null when its outer type is not listed.</summary>
    public string? Place(string listedName) => _full.GetValueOrDefault(Key(listedName.Split("::")[1]));

    /// <summary>The C# form of a type, or null when it names something unknown.</summary>
    public string? Type(string written, IReadOnlySet<string> parameters)
    {
        if (written.EndsWith("[]")) return Type(written[..^2], parameters) is { } element ? element + "[]" : null;
        if (written.EndsWith('?')) return Type(written[..^1], parameters) is { } value ? value + "?" : null;
        if (written.StartsWith('(')) return All(Split(written[1..^1]), parameters) is { } parts ? $"({string.Join(", ", parts)})" : null;
        if (parameters.Contains(written)) return written;
        string name = written.Split('<')[0];
        string? arguments = null;
        if (written.Contains('<'))
        {
            if (All(Split(Inner(written)), parameters) is not { } inner) return null;
            arguments = $"<{string.Join(", ", inner)}>";
        }
        // A plain class nested in a generic one carries the outer one's arguments.
        if (name == "HookableModule.HookRemover") return _full["nn.HookableModule`2"] + arguments + ".HookRemover";
        if (_full.TryGetValue(Key(written), out string? full)) return full + arguments;
        return s_known.Contains(name) ? name + arguments : null;
    }

    private List<string>? All(List<string> written, IReadOnlySet<string> parameters)
    {
        var types = new List<string>();
        foreach (string w in written)
        {
            if (Type(w, parameters) is not { } type) return null;
            types.Add(type);
        }
        return types;
    }

    /// <summary>The parts between commas that are in no bracket.</summary>
    public static List<string> Split(string list)
    {
        var parts = new List<string>();
        int depth = 0, from = 0;
        for (int i = 0; i < list.Length; i++)
        {
            if (list[i] is '<' or '(' or '[') depth++;
            else if (list[i] is '>' or ')' or ']') depth--;
            else if (list[i] == ',' && depth == 0)
            {
                parts.Add(list[from..i].Trim());
                from = i + 1;
            }
        }
        if (list.Length > 0) parts.Add(list[from..].Trim());
        return parts;
    }
}
