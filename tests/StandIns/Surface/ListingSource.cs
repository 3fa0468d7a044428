using System.Text;

namespace SemanticSam.Tests.StandIns.Surface;

/// <summary>
/// C# source with every type and member of a listing, and empty bodies: what compiles against it uses only what the real package
/// has, and picks among all of its overloads. Members that name types outside the listing are left out.
/// </summary>
internal sealed class ListingSource
{
    private sealed class Node
    {
        public SurfaceType? Type;
        public string[] Generic = [];
        public readonly SortedDictionary<string, Node> Nested = [];
    }

    private static readonly Dictionary<string, string> s_operators = new()
    {
        ["op_Addition"] = "+", ["op_Subtraction"] = "-", ["op_Multiply"] = "*", ["op_Division"] = "/", ["op_Modulus"] = "%", ["op_UnaryNegation"] = "-",
        ["op_Equality"] = "==", ["op_Inequality"] = "!=", ["op_LessThan"] = "<", ["op_LessThanOrEqual"] = "<=", ["op_GreaterThan"] = ">",
        ["op_GreaterThanOrEqual"] = ">=", ["op_BitwiseAnd"] = "&", ["op_BitwiseOr"] = "|", ["op_ExclusiveOr"] = "^", ["op_OnesComplement"] = "~",
        ["op_LogicalNot"] = "!", ["op_LeftShift"] = "<<", ["op_RightShift"] = ">>",
    };

    private static readonly HashSet<string> s_keywords =
        ["bool", "byte", "char", "double", "float", "int", "long", "short", "default", "params", "object", "string", "out", "ref", "in", "checked", "lock", "base", "event", "operator", "fixed", "true", "false", "null", "this", "is", "as", "namespace", "class"];

    // Interfaces of the real types that the listing does not show and that C# code relies on.
    private static readonly Dictionary<string, string> s_interfaces = new()
    {
        ["ParamGroup`0"] = "global::TorchSharp.torch.optim.ILearningRateController", ["SGD`0"] = "global::TorchSharp.torch.optim.IMomentum",
        ["SGD.ParamGroup`0"] = "global::TorchSharp.torch.optim.IMomentum",
    };

    private readonly Dictionary<string, SurfaceType> _listing;
    private readonly ListingNames _names;
    private readonly Dictionary<string, Node> _namespaces = [];
    private readonly HashSet<string> _written = [];
    private readonly StringBuilder _source = new();

    public ListingSource(Dictionary<string, SurfaceType> listing)
    {
        _listing = listing;
        _names = new ListingNames(listing.Values);
    }

    /// <summary>How many members were left out.</summary>
    public int Skipped { get; private set; }

    public string Write()
    {
        foreach (SurfaceType type in _listing.Values) Place(type);
        _source.AppendLine("#nullable disable").AppendLine("using System; using System.Buffers; using System.Collections.Generic; using System.Globalization; using System.IO; using System.Numerics; using System.Reflection; using System.Text.RegularExpressions; using System.Threading; using System.Threading.Tasks;");
        foreach ((string space, Node root) in _namespaces)
        {
            _source.AppendLine($"namespace {space}").AppendLine("{");
            foreach ((string name, Node node) in root.Nested) Emit(name, node);
            _source.AppendLine("}");
        }
        return _source.ToString();
    }

    private void Place(SurfaceType type)
    {
        string space = type.Name.Split("::")[0];
        if (_names.Place(type.Name) is not { } full)
        {
            if (type.Name.Contains("HookableModule.HookRemover")) full = _names.Place("TorchSharp::nn.HookableModule<A, B>") + "`2.HookRemover";
            else return;
        }
        if (!_namespaces.TryGetValue(space, out Node? node)) _namespaces[space] = node = new Node();
        string[] generic = type.Name.Contains('<') && !full.EndsWith(".HookRemover") ? ListingNames.Split(type.Name[(type.Name.IndexOf('<') + 1)..^1]).ToArray() : [];
        string[] path = full["global::".Length..][(space.Length + 1)..].Split('.');
        for (int i = 0; i < path.Length; i++)
        {
            string key = path[i] + (i == path.Length - 1 && generic.Length > 0 ? "`" + generic.Length : "");
            if (!node.Nested.TryGetValue(key, out Node? next)) node.Nested[key] = next = new Node();
            node = next;
        }
        node.Type = type;
        node.Generic = generic;
    }

    private void Emit(string key, Node node)
    {
        string name = key.Split('`')[0];
        if (node.Type is not { } type)
        {
            _source.AppendLine($"public static partial class {name} {{");
            foreach ((string child, Node inner) in node.Nested) Emit(child, inner);
            _source.AppendLine("}");
            return;
        }
        var generic = node.Generic.ToHashSet();
        if (type.Name.Contains("HookableModule.HookRemover")) generic = ["TPreHook", "TPostHook"];
        if (type.Kind == "enum")
        {
            string width = name == "ScalarType" ? " : sbyte" : "";
            _source.AppendLine($"public enum {name}{width} {{ {string.Join(", ", type.Values.Select(v => $"{Escape(v.Key)} = {v.Value}"))} }}");
            return;
        }
        if (type.Kind == "delegate")
        {
            ListedMember invoke = ListedMember.Parse(type.Members.Keys.First(m => m.Contains(" Invoke(")));
            if (Parameters(invoke, generic) is { } list && _names.Type(invoke.Returns, generic) is { } result)
                _source.AppendLine($"public delegate {result} {name}({list});");
            return;
        }

        var bases = new List<string>();
        if (type.Base is not null && _names.Type(type.Base, generic) is { } parent) bases.Add(parent);
        string listed = type.Name.Split("::")[1];
        if (s_interfaces.TryGetValue($"{listed.Split('<')[0]}`{node.Generic.Length}", out string? face)) bases.Add(face);
        if (type.IsDisposable && type.Members.ContainsKey("void Dispose()")) bases.Add("IDisposable");
        string? item = type.Members.Keys.Where(m => m.StartsWith("IEnumerator<") && m.EndsWith("> GetEnumerator()")).Select(m => m["IEnumerator<".Length..^"> GetEnumerator()".Length]).FirstOrDefault();
        if (item is not null && _names.Type(item, generic) is { } element) bases.Add($"IEnumerable<{element}>");
        if (listed.StartsWith("nn.Module<")) bases.Add($"IModule<{string.Join(", ", node.Generic)}>");
        string kind = (type.IsStatic ? "static " : type.IsAbstract ? "abstract " : "") + "partial " + type.Kind;
        string arguments = node.Generic.Length > 0 ? $"<{string.Join(", ", node.Generic)}>" : "";
        _source.AppendLine($"public {kind} {name}{arguments}{(bases.Count > 0 ? " : " + string.Join(", ", bases) : "")} {{");
        if (item is not null) _source.AppendLine("System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => throw null;");
        if (type.Kind == "class" && !type.IsStatic && !type.Members.Keys.Any(m => m is "new()" or "protected new()")) _source.AppendLine($"internal {name}() {{ }}");

        _written.Clear();
        foreach ((string text, HashSet<string> accessors) in type.Properties) Property(type, text, accessors, generic);
        foreach ((string text, Overriding how) in type.Members) Member(type, name, text, how, generic);
        foreach ((string child, Node inner) in node.Nested) Emit(child, inner);
        _source.AppendLine("}");
    }

    private void Property(SurfaceType type, string text, HashSet<string> accessors, HashSet<string> generic)
    {
        string bodies = type.Kind == "interface" ? string.Concat(accessors.Select(a => a + "; "))
            : string.Concat(accessors.Select(a => a == "get" ? "get => throw null; " : "set { } "));
        int index = text.IndexOf(" this[", StringComparison.Ordinal);
        ListedMember p = ListedMember.Parse(index < 0 ? text : text[..index] + " this");
        string? parameters = null;
        if (index >= 0)
        {
            ListedMember fake = ListedMember.Parse($"void f({text[(index + 6)..^1]})");
            parameters = Parameters(fake, generic);
            if (parameters is null)
            {
                Skipped++;
                return;
            }
        }
        if (_names.Type(p.Returns, generic) is not { } returns)
        {
            Skipped++;
            return;
        }
        string access = type.Kind == "interface" ? "" : p.IsProtected ? "protected " : "public ";
        string hides = index < 0 && Bases(type).Any(b => b.Type.Properties.Keys.Any(k => k.EndsWith(" " + p.Name))) ? "new " : "";
        string name = parameters is null ? Escape(p.Name) : $"this[{parameters}]";
        _source.AppendLine($"{access}{hides}{(p.IsStatic ? "static " : "")}{returns} {name} {{ {bodies}}}");
    }

    private void Member(SurfaceType type, string typeName, string text, Overriding how, HashSet<string> outer)
    {
        ListedMember m = ListedMember.Parse(text);
        HashSet<string> generic = [.. outer, .. m.Generic];
        string access = type.Kind == "interface" ? "" : m.IsProtected ? "protected " : "public ";
        if (!m.HasParameters)
        {
            if (_names.Type(m.Returns, generic) is { } fieldType) _source.AppendLine($"{access}{(m.IsStatic ? "static " : "")}{fieldType} {Escape(m.Name)};");
            else Skipped++;
            return;
        }
        string? parameters = Parameters(m, generic);
        if (m.Name == "new" && parameters is not null)
        {
            _source.AppendLine($"{access}{typeName}({parameters}) {{ }}");
            return;
        }
        if (parameters is null || _names.Type(m.Returns, generic) is not { } returns)
        {
            Skipped++;
            return;
        }
        if (m.Name is "op_Implicit" or "op_Explicit")
        {
            _source.AppendLine($"public static {m.Name[3..].ToLowerInvariant()} operator {returns}({parameters}) => throw null;");
            return;
        }
        if (m.Name.StartsWith("op_"))
        {
            if (s_operators.TryGetValue(m.Name, out string? sign)) _source.AppendLine($"public static {returns} operator {sign}({parameters}) => throw null;");
            return;
        }
        // Arrays of all ranks look alike in a listing.
        if (!_written.Add(Signature(m, []))) return;
        string arguments = m.Generic.Length > 0 ? $"<{string.Join(", ", m.Generic)}>" : "";
        string constraint = typeName == "ModuleExtensionMethods" ? " where T : global::TorchSharp.torch.nn.Module" : "";
        string modifier = m.IsStatic ? "static " : type.Kind == "interface" ? "" : Modifier(type, m, how);
        string body = type.Kind == "interface" || modifier.StartsWith("abstract") ? ";" : " => throw null;";
        _source.AppendLine($"{access}{modifier}{returns} {Escape(m.Name)}{arguments}({parameters}){constraint}{body}");
    }

    /// <summary>virtual, abstract, override or new, by what the base types have.</summary>
    private string Modifier(SurfaceType type, ListedMember m, Overriding how)
    {
        if (m.Name is "ToString" && m.Parameters.Count == 0) return "override ";
        string signature = Signature(m, []);
        foreach ((SurfaceType parent, Dictionary<string, string> arguments) in Bases(type))
        {
            foreach ((string text, Overriding parentHow) in parent.Members)
            {
                ListedMember other = ListedMember.Parse(text);
                if (other.Name != m.Name || other.IsStatic || Signature(other, arguments) != signature) continue;
                if (parentHow == Overriding.None || how == Overriding.None) return how == Overriding.Virtual ? "new virtual " : "new ";
                return Same(m.Returns, Substitute(other.Returns, arguments)) ? how == Overriding.Abstract ? "abstract override " : "override " : "new ";
            }
        }
        return how switch { Overriding.Abstract => "abstract ", Overriding.Virtual => "virtual ", _ => "" };
    }

    private static bool Same(string a, string b) => a.Replace(" ", "") == b.Replace(" ", "");

    private static string Signature(ListedMember m, Dictionary<string, string> arguments) =>
        m.Name + "`" + m.Generic.Length + "(" + string.Join(",", m.Parameters.Select(p => p.Way.Replace("params ", "") + Substitute(p.Type, arguments))).Replace(" ", "") + ")";

    private static string Substitute(string type, Dictionary<string, string> arguments) =>
        arguments.Count == 0 ? type : System.Text.RegularExpressions.Regex.Replace(type, @"(?<![\w.])\w+(?![\w.<])", w => arguments.GetValueOrDefault(w.Value, w.Value));

    /// <summary>The listed base types with what stands for their type parameters.</summary>
    private IEnumerable<(SurfaceType Type, Dictionary<string, string> Arguments)> Bases(SurfaceType type)
    {
        var arguments = new Dictionary<string, string>();
        for (SurfaceType at = type; at.Base is not null;)
        {
            string written = Substitute(at.Base, arguments);
            SurfaceType? parent = _listing.Values.FirstOrDefault(t => _names.Place(t.Name) is { } place && _names.Place("x::" + written) == place && Arity(t.Name) == Arity(written));
            if (parent is null) yield break;
            arguments = Arity(written) == 0 ? [] : Parts(parent.Name).Zip(Parts(written)).ToDictionary(p => p.First, p => p.Second);
            yield return (parent, arguments);
            at = parent;
        }
    }

    private static List<string> Parts(string name) => ListingNames.Split(name[(name.IndexOf('<') + 1)..^1]);

    private static int Arity(string name) => name.Contains('<') ? Parts(name).Count : 0;

    private string? Parameters(ListedMember m, HashSet<string> generic)
    {
        var parts = new List<string>();
        foreach (ListedParameter p in m.Parameters)
        {
            if (_names.Type(p.Type, generic) is not { } type) return null;
            string value = p.Default switch
            {
                null => "",
                "null" when generic.Contains(p.Type) => " = default",
                { } d when p.Type is "float" or "float?" && char.IsDigit(d[^1]) => $" = {d}f",
                { } d when d.Contains('.') && !char.IsDigit(d[0]) && d[0] is not ('-' or '"') => Enumeration(d),
                { } d => $" = {d}",
            };
            parts.Add($"{(m.IsExtension && parts.Count == 0 ? "this " : "")}{p.Way}{type} {Escape(p.Name)}{value}");
        }
        return string.Join(", ", parts);
    }

    private string Enumeration(string value)
    {
        int dot = value.LastIndexOf('.');
        if (_listing.Values.FirstOrDefault(t => t.Name.EndsWith("::" + value[..dot])) is { } listed && !listed.Values.ContainsKey(value[(dot + 1)..])) return " = default";
        return _names.Type(value[..dot], new HashSet<string>()) is { } type ? $" = {type}.{Escape(value[(dot + 1)..])}" : " = default";
    }

    private static string Escape(string name) => s_keywords.Contains(name) ? "@" + name : name;
}
