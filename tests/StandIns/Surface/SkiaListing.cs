using System.Text.RegularExpressions;

namespace SemanticSam.Tests.StandIns.Surface;

/// <summary>
/// Reads the listing of SkiaSharp, which is written for people: C#-like statements, several a line, with remarks. Each type's
/// statements become texts in the form of <see cref="SkiaText"/>; forms that stand for many members are spelled out.
/// </summary>
internal sealed partial class SkiaListing
{
    [GeneratedRegex(@"^ {0,2}(\[[^\]]*\] |public |abstract |readonly |partial |static |sealed )*(class|struct) (?<name>\w+)(?<rest>.*)$")]
    private static partial Regex Header();

    [GeneratedRegex(@"enum (?<name>\w+) \{(?<values>[^}]*)\}", RegexOptions.Singleline)]
    private static partial Regex EnumBody();

    [GeneratedRegex(@"^(?<name>SK\w+): (?<rest>static .*|SK.*)$")]
    private static partial Regex Short();

    [GeneratedRegex(@"(?<static>static )?(?<type>[\w<>\[\].?]+) (?<names>\w+(, \w+)*|this\[[^\]]*\])\s*\{ (?<accessors>((protected )?(get|set); ?)+)\}")]
    private static partial Regex Property();

    [GeneratedRegex(@"^(?<static>static )?(?<type>[\w<>\[\].?]+ )?(?<name>\w+(<\w+>)?) ?\((?<parameters>.*)\)( where .*)?$")]
    private static partial Regex Method();

    [GeneratedRegex(@"^static readonly (?<type>\w+) (?<names>\w+(, \w+)*)$")]
    private static partial Regex Field();

    private readonly Dictionary<string, HashSet<string>> _members = [];
    private readonly Dictionary<string, string?> _bases = [];

    public Dictionary<string, Dictionary<string, long>> Enums { get; } = [];

    public IReadOnlyDictionary<string, HashSet<string>> Members => _members;

    public IReadOnlyDictionary<string, string?> Bases => _bases;

    public SkiaListing(IEnumerable<string> lines)
    {
        string? current = null;
        bool comparable = false;
        var text = new List<string>();
        foreach (string raw in lines)
        {
            if (raw.StartsWith("===")) comparable = raw.Contains("IEquatable");
            // "// ~" introduces statements that are only believed right; they count.
            string line = BlockComment().Replace(raw.Replace("// ~", ";"), "");
            line = line.Contains('{') && line.IndexOf("//", StringComparison.Ordinal) is var at and > 0 && at < line.IndexOf('{') ? SpellOut(line) : line;
            line = Comment().Replace(line, "");
            text.Add(line);
            if (Header().Match(line) is { Success: true } head)
            {
                current = head.Groups["name"].Value;
                _members.TryAdd(current, []);
                string rest = head.Groups["rest"].Value;
                Match derives = Regex.Match(rest, @"^ ?: (?<base>SK\w+)");
                _bases[current] = derives.Success ? derives.Groups["base"].Value : null;
                if (comparable || raw.Contains("IEquatable")) AddEquality(current);
                int open = rest.IndexOf('{');
                Add(current, open < 0 ? Regex.Replace(rest, @"^[^;]*", "") : rest[(open + 1)..]);
            }
            else if (Short().Match(line) is { Success: true } brief)
            {
                current = brief.Groups["name"].Value;
                _members.TryAdd(current, []);
                _bases.TryAdd(current, "SKObject");
                Add(current, brief.Groups["rest"].Value);
            }
            else if (current is not null && line.StartsWith("   "))
            {
                Add(current, line);
            }
        }
        AddEnums(string.Join("\n", text));
    }

    [GeneratedRegex(@"/\*.*?\*/")]
    private static partial Regex BlockComment();

    [GeneratedRegex(@"//.*$")]
    private static partial Regex Comment();

    /// <summary>"float Top, Ascent (negative)   // { get; }" with its braces where a declaration has them.</summary>
    private static string SpellOut(string line)
    {
        string[] halves = line.Split("//", 2);
        Match braces = Regex.Match(halves[1], @"\{ (get; ?)?(set; ?)?\}");
        return braces.Success && !halves[0].Contains(';') ? $"{Regex.Replace(halves[0], @" \([a-z]+\)", "").TrimEnd()} {braces.Value}" : line;
    }

    private void AddEquality(string type) =>
        _members[type].UnionWith([$"bool Equals({type} obj)", $"static bool operator ==({type} left, {type} right)", $"static bool operator !=({type} left, {type} right)"]);

    private void AddEnums(string text)
    {
        foreach (Match match in EnumBody().Matches(text))
        {
            var values = new Dictionary<string, long>();
            foreach (string value in match.Groups["values"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                string[] parts = value.Split('=');
                values[parts[0].Trim()] = long.Parse(parts[1]);
            }
            Enums[match.Groups["name"].Value] = values;
        }
    }

    private void Add(string type, string statements)
    {
        HashSet<string> members = _members[type];
        statements = statements.Replace("public ", "").Replace("override ", "").Replace("virtual ", "");
        statements = Property().Replace(statements, p =>
        {
            foreach (string name in p.Groups["names"].Value.StartsWith("this[") ? [p.Groups["names"].Value] : p.Groups["names"].Value.Split(", "))
            {
                string text = $"{p.Groups["static"].Value}{p.Groups["type"].Value.TrimEnd('?')} {name}";
                foreach (Match accessor in Regex.Matches(p.Groups["accessors"].Value, @"(protected )?(get|set)")) members.Add($"{text} {{ {accessor.Value} }}");
            }
            return ";";
        });
        foreach (string part in statements.Split(';', '}'))
        {
            string statement = Regex.Replace(part.Trim(), @"^(\[[^\]]*\] |~ )+", "");
            if (Field().Match(statement) is { Success: true } field)
            {
                foreach (string name in field.Groups["names"].Value.Split(", ")) members.Add($"static {field.Groups["type"].Value} {name}");
            }
            else if (statement == "static readonly Empty")
            {
                members.Add($"static {type} Empty");
            }
            else if (Regex.Match(statement, @"^static (?<how>implicit|explicit) operator (?<to>\w+) \((?<from>\w+) (?<name>\w+)\)$") is { Success: true } cast)
            {
                members.Add($"static {cast.Groups["how"].Value} operator {cast.Groups["to"].Value}({cast.Groups["from"].Value} {cast.Groups["name"].Value})");
            }
            else if (statement == "operators ==, !=")
            {
                AddEquality(type);
            }
            else if (Method().Match(statement) is { Success: true } method)
            {
                string returns = method.Groups["type"].Value.TrimEnd(' ', '?');
                string name = method.Groups["name"].Value;
                string head = name == type && returns.Length == 0 ? "new" : $"{method.Groups["static"].Value}{returns} {name}";
                members.Add($"{head}({SkiaText.Normal(method.Groups["parameters"].Value)})");
            }
        }
        // The colours are listed by name, "all CSS names" in short.
        if (type == "SKColors" && statements.Contains("Transparent")) members.Add("static SKColor *");
    }
}
