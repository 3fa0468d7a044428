namespace SemanticSam.Tests.StandIns.Surface;

/// <summary>Finds whatever a caller could use of a stand-in that the listing does not have in the same form.
/// A stand-in may have less: fewer types, members, accessors, interfaces, or levels of inheritance.</summary>
internal sealed class SurfaceComparer(Dictionary<string, SurfaceType> listing)
{
    // Every type has these from object; the listings leave them out.
    private static readonly string[] s_ofObject = ["bool Equals(object obj)", "int GetHashCode()", "string ToString()"];

    public IEnumerable<string> Problems(IEnumerable<SurfaceType> standIn) => standIn.SelectMany(Problems);

    private IEnumerable<string> Problems(SurfaceType type)
    {
        if (!listing.TryGetValue(type.Name, out SurfaceType? real))
        {
            yield return $"{type.Name}: no such type";
            yield break;
        }
        if (type.Kind != real.Kind) yield return $"{type.Name}: is a {type.Kind}, not a {real.Kind}";
        if (type.IsStatic != real.IsStatic) yield return $"{type.Name}: static only on one side";
        if (type.IsAbstract != real.IsAbstract) yield return $"{type.Name}: abstract only on one side";
        if (type.IsDisposable && !real.IsDisposable) yield return $"{type.Name}: is not IDisposable";
        if (type.Base is not null && !Bases(real).Contains(type.Base)) yield return $"{type.Name}: does not derive from {type.Base}, but from {real.Base ?? "object"}";

        foreach ((string name, long value) in type.Values)
        {
            if (!real.Values.TryGetValue(name, out long listed)) yield return $"{type.Name}: no value {name}";
            else if (listed != value) yield return $"{type.Name}: {name} is {listed}, not {value}";
        }
        foreach ((string member, Overriding how) in type.Members)
        {
            if (!real.Members.TryGetValue(member, out Overriding listed))
            {
                if (!type.Overrides.Contains(member) && !s_ofObject.Contains(member)) yield return $"{type.Name}: no {member}{Near(member, real)}";
            }
            else if (real.Kind == "class" && how != Overriding.None && listed == Overriding.None)
            {
                yield return $"{type.Name}: {member} is not {how.ToString().ToLowerInvariant()}";
            }
            else if (real.Kind == "class" && listed == Overriding.Abstract && how != Overriding.Abstract)
            {
                yield return $"{type.Name}: {member} is abstract";
            }
        }
        foreach ((string property, HashSet<string> accessors) in type.Properties)
        {
            if (!real.Properties.TryGetValue(property, out HashSet<string>? listed))
            {
                if (!type.Overrides.Contains(property)) yield return $"{type.Name}: no {property} {{ {string.Join("; ", accessors)}; }}";
            }
            else if (!accessors.IsSubsetOf(listed))
            {
                yield return $"{type.Name}: {property} has no {string.Join(", ", accessors.Except(listed))}";
            }
        }
    }

    /// <summary>All listed base types, nearest first, as far as they can be followed.</summary>
    private IEnumerable<string> Bases(SurfaceType type)
    {
        for (SurfaceType? at = type; at?.Base is { } parent; at = Find(parent)) yield return parent;
    }

    private SurfaceType? Find(string written) => listing.Values.FirstOrDefault(t => Shape(t.Name.Split("::")[1]) == Shape(written));

    // The name and, for a generic type, how many arguments it has.
    private static string Shape(string name)
    {
        int open = name.IndexOf('<');
        if (open < 0) return name;
        int depth = 0, count = 1;
        foreach (char c in name[(open + 1)..^1])
        {
            if (c is '<' or '(') depth++;
            else if (c is '>' or ')') depth--;
            else if (c == ',' && depth == 0) count++;
        }
        return $"{name[..open]}`{count}";
    }

    private static string Near(string member, SurfaceType real)
    {
        string name = NameOf(member);
        string[] same = real.Members.Keys.Where(m => NameOf(m) == name).Take(6).ToArray();
        return same.Length == 0 ? "" : " (there is " + string.Join(" | ", same) + ")";
    }

    private static string NameOf(string member)
    {
        int end = member.IndexOf('(', member.StartsWith('(') ? member.IndexOf(')') + 1 : 0);
        string head = end < 0 ? member : member[..end];
        return head[(head.LastIndexOf(' ') + 1)..].Split('<')[0];
    }
}
