using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace SemanticSam.Foundation.Characters;

/// <summary>
/// Unicode and HTML tables of Python 3.11 (Unicode 14), read once from an embedded resource that make_tables.py beside it writes.
/// The platform's own are of little use here: normalization does nothing under invariant globalization, and HTML decoding knows HTML 4.
/// </summary>
internal sealed class CharacterTables
{
    private const string Resource = "SemanticSam.Foundation.character_tables.txt.gz";
    private static readonly Lazy<CharacterTables> Shared = new(() => new CharacterTables());

    private CharacterTables()
    {
        using var file = typeof(CharacterTables).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The assembly lacks its resource {Resource}.");
        using var reader = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        string section = "";
        while (reader.ReadLine() is { } line)
        {
            if (line[0] == '[') section = line;
            else Read(section, line.Split(' '));
        }
    }

    public static CharacterTables Instance => Shared.Value;

    /// <summary>Canonical decomposition by one step: one or two code points (the second 0 if absent).</summary>
    public Dictionary<int, (int Left, int Right)> Decomposition { get; } = [];

    /// <summary>Canonical composition.</summary>
    public Dictionary<(int Left, int Right), int> Composition { get; } = [];

    /// <summary>Combining classes that are not 0.</summary>
    public Dictionary<int, byte> CombiningClass { get; } = [];

    /// <summary>Half-width and full-width forms.</summary>
    public Dictionary<char, string> Width { get; } = [];

    /// <summary>HTML 5 character references, without the ampersand.</summary>
    public Dictionary<string, string> Entities { get; } = new(StringComparer.Ordinal);

    /// <summary>Capital spellings of references that only ftfy reads.</summary>
    public Dictionary<string, string> CapitalEntities { get; } = new(StringComparer.Ordinal);

    private readonly List<(int First, int Last)> _cased = [], _ignorable = [];

    /// <summary>Whether a capital sigma after this character is at the end of a word.</summary>
    public bool IsCased(int code) => Contains(_cased, code);

    /// <summary>Whether this character is looked through around a capital sigma.</summary>
    public bool IsCaseIgnorable(int code) => Contains(_ignorable, code);

    private static bool Contains(List<(int First, int Last)> ranges, int code)
    {
        int low = 0, high = ranges.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (ranges[middle].Last < code) low = middle + 1;
            else high = middle;
        }
        return low < ranges.Count && ranges[low].First <= code;
    }

    private void Read(string section, string[] fields)
    {
        switch (section)
        {
            case "[decomposition]":
                int right = fields.Length > 2 ? Code(fields[2]) : 0;
                Decomposition[Code(fields[0])] = (Code(fields[1]), right);
                if (fields[^1] == "*") Composition[(Code(fields[1]), right)] = Code(fields[0]);
                break;
            case "[class]":
                for (int code = Code(fields[0]); code <= Code(fields[1]); code++) CombiningClass[code] = (byte)Code(fields[2]);
                break;
            case "[width]":
                Width[(char)Code(fields[0])] = Spell(fields);
                break;
            case "[entity]":
                Entities[fields[0]] = Spell(fields);
                break;
            case "[capitals]":
                CapitalEntities[fields[0]] = Spell(fields);
                break;
            case "[cased]":
                _cased.Add((Code(fields[0]), Code(fields[1])));
                break;
            case "[ignorable]":
                _ignorable.Add((Code(fields[0]), Code(fields[1])));
                break;
        }
    }

    private static int Code(string field) => int.Parse(field, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string Spell(string[] fields)
    {
        var text = new StringBuilder();
        foreach (string field in fields.AsSpan(1)) text.Append(char.ConvertFromUtf32(Code(field)));
        return text.ToString();
    }
}
