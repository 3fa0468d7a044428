using System.Text.RegularExpressions;

namespace SemanticSam.Tests.StandIns.Surface;

/// <summary>Reads a listing: a header line a type, its members indented below, an empty line between types.</summary>
internal static partial class ListingParser
{
    [GeneratedRegex(@"^(?<static>static )?(?<abstract>abstract )?(?<kind>class|struct|interface|enum|delegate) (?<name>\S+::.*?)( : (?<base>.*?))?(?<disposable> \(IDisposable\))?$")]
    private static partial Regex Header();

    [GeneratedRegex(@"^(?<text>.*) \{ (?<get>get; )?(?<set>set; )?\}$")]
    private static partial Regex Property();

    [GeneratedRegex(@"^(?<before>(protected )?(static )?)(?<how>virtual |abstract )?(?<rest>.*)$")]
    private static partial Regex Member();

    public static Dictionary<string, SurfaceType> Parse(IEnumerable<string> lines)
    {
        var types = new Dictionary<string, SurfaceType>();
        SurfaceType? current = null;
        foreach (string line in lines)
        {
            if (line.StartsWith("  "))
            {
                if (current is null) throw new FormatException($"'{line}' belongs to no type.");
                Add(current, line.Trim());
            }
            else if (Header().Match(line) is { Success: true } head)
            {
                current = new SurfaceType(head.Groups["name"].Value, head.Groups["kind"].Value, head.Groups["static"].Success, head.Groups["abstract"].Success,
                    head.Groups["base"].Success ? head.Groups["base"].Value : null, head.Groups["disposable"].Success);
                types.Add(current.Name, current);
            }
            else
            {
                current = null;
            }
        }
        return types;
    }

    private static void Add(SurfaceType type, string line)
    {
        if (type.Kind == "enum")
        {
            foreach (string value in line.Split(", ", StringSplitOptions.RemoveEmptyEntries))
            {
                string[] parts = value.Split('=');
                type.Values[parts[0]] = long.Parse(parts[1]);
            }
        }
        else if (Property().Match(line) is { Success: true } property)
        {
            var accessors = new HashSet<string>();
            if (property.Groups["get"].Success) accessors.Add("get");
            if (property.Groups["set"].Success) accessors.Add("set");
            type.Properties[property.Groups["text"].Value] = accessors;
        }
        else
        {
            Match member = Member().Match(line);
            type.Members[member.Groups["before"].Value + member.Groups["rest"].Value] = member.Groups["how"].Value switch
            {
                "virtual " => Overriding.Virtual,
                "abstract " => Overriding.Abstract,
                _ => Overriding.None,
            };
        }
    }
}
