using System.Reflection;

namespace SemanticSam.Tests.StandIns.Surface;

/// <summary>Finds public members of the SkiaSharp stand-in that its listing does not have.</summary>
internal sealed class SkiaComparer(SkiaListing listing)
{
    public IEnumerable<string> Problems(IEnumerable<Type> types) => types.Where(t => t.IsPublic).SelectMany(Problems);

    private IEnumerable<string> Problems(Type type)
    {
        if (type.IsEnum)
        {
            if (!listing.Enums.TryGetValue(type.Name, out Dictionary<string, long>? values))
            {
                yield return $"{type.Name}: no such enum";
                yield break;
            }
            foreach (object value in Enum.GetValues(type))
            {
                if (!values.TryGetValue(value.ToString()!, out long listed) || listed != Convert.ToInt64(value))
                    yield return $"{type.Name}: {value} is not {Convert.ToInt64(value)}";
            }
            yield break;
        }
        if (!listing.Members.TryGetValue(type.Name, out HashSet<string>? members))
        {
            yield return $"{type.Name}: no such type";
            yield break;
        }
        if (type.IsClass && type.BaseType is { } parent && parent != typeof(object) && !Bases(type.Name).Contains(parent.Name))
            yield return $"{type.Name}: does not derive from {parent.Name}";
        foreach (string member in SkiaText.Members(type))
        {
            if (members.Contains(member) || IsColour(type, member, members)) continue;
            string name = member.Split('(')[0].Split(" {")[0].Split(' ')[^1];
            string[] same = members.Where(m => m.Split('(')[0].Split(" {")[0].Split(' ')[^1] == name).Take(5).ToArray();
            yield return $"{type.Name}: no {member}{(same.Length == 0 ? "" : " (there is " + string.Join(" | ", same) + ")")}";
        }
    }

    private IEnumerable<string> Bases(string type)
    {
        for (string? at = listing.Bases.GetValueOrDefault(type); at is not null; at = listing.Bases.GetValueOrDefault(at)) yield return at;
    }

    // Fields of the real package that carry the CSS names.
    private static bool IsColour(Type type, string member, HashSet<string> members) =>
        type.Name == "SKColors" && members.Contains("static SKColor *") && member.StartsWith("static SKColor ")
        && System.Drawing.Color.FromName(member.Split(' ')[2]).IsKnownColor && !member.Contains('{');
}
