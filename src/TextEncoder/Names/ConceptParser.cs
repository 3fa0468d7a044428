using System.Text.RegularExpressions;

namespace SemanticSam.TextEncoder.Names;

/// <summary>What a name asks for.</summary>
internal enum ConceptKind
{
    /// <summary>A name that may be a whole or a part; both are looked for.</summary>
    Any,

    /// <summary>A whole thing or stuff: "car".</summary>
    Whole,

    /// <summary>A part of anything: "wheel".</summary>
    Part,

    /// <summary>A part of a certain whole: "wheel of a car".</summary>
    PartOfWhole,
}

/// <summary>One thing that a text asks for.</summary>
/// <param name="Text">How it was written, trimmed; the label of results.</param>
/// <param name="Kind">What it asks for.</param>
/// <param name="Whole">Name of the whole; null for <see cref="ConceptKind.Part"/>.</param>
/// <param name="Part">Name of the part; null for <see cref="ConceptKind.Whole"/>. For <see cref="ConceptKind.Any"/> the same as
/// <paramref name="Whole"/>.</param>
internal sealed record Concept(string Text, ConceptKind Kind, string? Whole, string? Part);

/// <summary>What <see cref="ConceptParser"/> knows and allows.</summary>
internal sealed record ConceptParserOptions
{
    /// <summary>Names that are wholes (in lower case, singular); a model's own categories. Default: none.</summary>
    public IReadOnlyCollection<string> Wholes { get; init; } = [];

    /// <summary>Names that are parts (in lower case, singular). Default: <see cref="CommonParts"/>.</summary>
    public IReadOnlyCollection<string> Parts { get; init; } = CommonParts;

    /// <summary>Most concepts in a text. Default 256.</summary>
    public int MaxConcepts { get; init; } = 256;

    /// <summary>Most characters in one concept. Default 120.</summary>
    public int MaxLength { get; init; } = 120;

    /// <summary>Nouns that nearly always name a part of something.</summary>
    public static IReadOnlyCollection<string> CommonParts { get; } =
    [
        "ankle", "antenna", "antler", "arm", "armrest", "back", "backrest", "beak", "beard", "belly", "blade", "body", "bonnet", "bumper", "button",
        "cheek", "chest", "chin", "claw", "cockpit", "crust", "ear", "elbow", "engine", "eye", "eyebrow", "eyelid", "face", "fin",
        "finger", "fingernail", "foot", "forehead", "fur", "grille", "hair", "hand", "handle", "handlebar", "head", "headlight", "heel", "hip", "hood",
        "hoof", "horn", "hubcap", "hull", "jaw", "knee", "knob", "leg", "license plate", "lid", "lip", "mane", "mast", "mouth", "mudguard",
        "muzzle", "neck", "nose", "nostril", "number plate", "paw", "pedal", "petal", "pocket", "propeller", "rim", "roof", "rudder", "saddle", "shin",
        "shoulder", "side mirror", "sleeve", "snout", "sole", "spout", "steering wheel", "stem", "tail", "taillight", "thigh", "thumb", "tire", "toe",
        "tongue", "tooth", "torso", "trunk", "tusk", "tyre", "waist", "wheel", "whisker", "windscreen", "windshield", "wing", "wrist", "zipper",
    ];
}

/// <summary>
/// Reads what a user asks for: names between commas, semicolons, bars, line ends or full stops with spaces around; each a whole ("car"), a part ("wheel"), or a
/// part of a
/// whole, written "wheel of a car", "car: wheel" or "car's wheel". Articles before names, repeated names and empty places are dropped.
/// </summary>
/// <remarks>
/// "X of Y" is one whole when X holds or counts Y ("cup of coffee", "pair of shoes", "chest of drawers"). Of a chain ("eye of the face of
/// a man") the part and its nearest whole count ("eye" of "face"). A single name is a part or a whole when only one of the lists of
/// <see cref="ConceptParserOptions"/> has it, else <see cref="ConceptKind.Any"/>. A name of which a list has the singular ("cars") becomes
/// that, since a small model may never have seen the plural; <see cref="Concept.Text"/> stays as written.
/// </remarks>
internal sealed partial class ConceptParser
{
    private readonly ConceptParserOptions _options;
    private readonly Dictionary<string, string> _wholes, _parts; // ignoring case, to the spelling of the list

    /// <summary>A parser with default or given options.</summary>
    public ConceptParser(ConceptParserOptions? options = null)
    {
        _options = options ?? new ConceptParserOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_options.MaxConcepts, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_options.MaxLength, nameof(options));
        _wholes = Index(_options.Wholes);
        _parts = Index(_options.Parts);

        static Dictionary<string, string> Index(IEnumerable<string> names)
            => names.DistinctBy(n => n, StringComparer.OrdinalIgnoreCase).ToDictionary(n => n, StringComparer.OrdinalIgnoreCase);
    }

    [GeneratedRegex(@"[,;|\r\n]+|\s\.(?=\s|$)")]
    private static partial Regex Separator();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^(?:(?:a|an|the)\s+)+(?=\S)", RegexOptions.IgnoreCase)]
    private static partial Regex Article();

    [GeneratedRegex(@"^(?<whole>.+?)\s*(?::\s*|['’]s\s+|(?<=s)['’]\s+)(?<part>.+)$", RegexOptions.IgnoreCase)]
    private static partial Regex WholeFirst();

    [GeneratedRegex(@"^(?<part>.+?)\s+of\s+(?<whole>.+)$", RegexOptions.IgnoreCase)]
    private static partial Regex PartFirst();

    /// <summary>The concepts of a text, in order, each once.</summary>
    /// <exception cref="ConceptException">
    /// The text names nothing, a name has no letter or digit, is longer than <see cref="ConceptParserOptions.MaxLength"/>, a side of "of" or ":"
    /// is missing, or there are more than <see cref="ConceptParserOptions.MaxConcepts"/>.
    /// </exception>
    public IReadOnlyList<Concept> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Parse([text]);
    }

    /// <summary>The concepts of several texts together.</summary>
    /// <exception cref="ConceptException">As for one text.</exception>
    public IReadOnlyList<Concept> Parse(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var concepts = new List<Concept>();
        var seen = new HashSet<(string?, string?)>();
        foreach (string piece in texts.SelectMany(t => Split(t ?? "")))
        {
            string written = Spaces().Replace(piece, " ").Trim(' ', '"', '“', '”', '`', '.');
            if (written.Length == 0) continue;
            if (written.Length > _options.MaxLength)
                throw new ConceptException($"The name '{written[..40]}...' has {written.Length} characters; {_options.MaxLength} are allowed.");
            var concept = Read(written);
            if (!seen.Add((concept.Whole?.ToLowerInvariant(), concept.Part?.ToLowerInvariant()))) continue;
            concepts.Add(concept);
            if (concepts.Count > _options.MaxConcepts)
                throw new ConceptException($"The text has more than {_options.MaxConcepts} different names, which is the most allowed at once.");
        }
        if (concepts.Count == 0)
            throw new ConceptException("The text is empty: name at least one thing, for instance \"car, wheel of a car\".");
        return concepts;
    }

    /// <summary>
    /// The names in a text: between commas, semicolons, bars, line ends, and full stops with spaces around ("person . hair ."); where there are none of
    /// these, between sentences ("a cat. a dog."). A name in double quotes may hold any of them.
    /// </summary>
    public static IEnumerable<string> Split(string text)
    {
        var pieces = new List<string>();
        int start = 0;
        foreach (Match separator in Separator().Matches(Masked(text)))
        {
            pieces.Add(text[start..separator.Index]);
            start = separator.Index + separator.Length;
        }
        pieces.Add(text[start..]);
        return pieces.Count == 1 && text.TrimEnd().EndsWith('.') && !text.Contains('"') ? Sentence().Split(text) : pieces;
    }

    /// <summary>The text with what stands in quotes as letters: a quote begins behind a separator and ends before one.</summary>
    private static string Masked(string text) => Quoted().Replace(text, quote => new string('x', quote.Length));

    [GeneratedRegex("""(?<=^\s*|[,;|\r\n]\s*)"[^"]*"(?=\s*(?:$|[,;|\r\n]))""")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\.\s+")]
    private static partial Regex Sentence();

    private Concept Read(string written)
    {
        if (WholeFirst().Match(written) is { Success: true } m && !IsTime(m)) return PartOf(written, m);
        if (PartFirst().Match(written) is { Success: true } of && !CountedThings.Begins(LastWord(Name(of.Groups["part"].Value, written))))
            return PartOf(written, of);
        if (written.EndsWith(':') || written.StartsWith(':'))
            throw new ConceptException($"'{written}' names only one side of a part and its whole; write for instance \"car: wheel\".");
        string name = Name(written, written);
        string? whole = Known(_wholes, name), part = Known(_parts, name);
        if (whole is null == part is null) return new Concept(written, ConceptKind.Any, whole ?? name, part ?? name);
        return new Concept(written, whole is null ? ConceptKind.Part : ConceptKind.Whole, whole, part);
    }

    /// <summary>"10:30" is not a whole with a part.</summary>
    private static bool IsTime(Match match) => char.IsAsciiDigit(match.Groups["whole"].Value[^1]) && char.IsAsciiDigit(match.Groups["part"].Value[0]);

    private Concept PartOf(string written, Match match)
    {
        string part = Name(match.Groups["part"].Value, written), whole = Name(match.Groups["whole"].Value, written);
        if (PartFirst().Match(whole) is { Success: true } chain && !CountedThings.Begins(LastWord(chain.Groups["part"].Value)))
            whole = Name(chain.Groups["part"].Value, written);
        return new Concept(written, ConceptKind.PartOfWhole, Known(_wholes, whole) ?? whole, Known(_parts, part) ?? part);
    }

    private static string Name(string text, string written)
    {
        text = Article().Replace(text.Trim(' ', '"', '\'', '“', '”', '‘', '’'), "");
        if (!text.Any(char.IsLetterOrDigit) && !text.EnumerateRunes().Any(r => r.Value > 0xFFFF))
            throw new ConceptException($"'{written}' has no name in it: a letter or a digit is needed on each side.");
        return text;
    }

    private static string LastWord(string name) => name[(name.LastIndexOf(' ') + 1)..];

    /// <summary>The list's spelling of a name or of its singular; null for a name that the list lacks.</summary>
    private static string? Known(Dictionary<string, string> names, string name)
    {
        if (names.TryGetValue(name, out string? known)) return known;
        foreach (string singular in Plurals.Singulars(name))
            if (names.TryGetValue(singular, out known)) return known;
        return null;
    }
}
