using System.Text.Json;
using SemanticSam.Foundation;

namespace SemanticSam.TextEncoder.Sentences;

/// <summary>What a vocabulary file says.</summary>
internal sealed record VocabularyFile(IReadOnlyList<NameEntry> Wholes, IReadOnlyList<NameEntry> Parts, IReadOnlyList<NameSlice> Slices,
    IReadOnlyList<IReadOnlyDictionary<string, string[]>> Apart, IReadOnlyDictionary<string, string[]> Senses)
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNameCaseInsensitive = true };

    /// <exception cref="InvalidDataException">It is no such file, a name is missing or occurs twice.</exception>
    public static VocabularyFile Read(Stream json)
    {
        try
        {
            var file = JsonSerializer.Deserialize<File>(json, Options) ?? throw new InvalidDataException("The vocabulary is empty.");
            FileEntry[] wholes = file.Wholes ?? [], parts = file.Parts ?? [];
            if (wholes.Contains(null) || parts.Contains(null)
                || (file.Apart ?? []).Any(d => d is null || d.Values.Any(n => n is null || n.Contains(null))))
                throw new InvalidDataException("The vocabulary has null where a name or a list of names belongs.");
            foreach (var (word, names) in file.Senses ?? [])
                if (names is null || names.Length == 0 || names.Any(string.IsNullOrWhiteSpace))
                    throw new InvalidDataException($"The vocabulary's 'senses' names nothing that '{MessageText.Cut(word)}' may mean, or has an empty name.");
            string? twice = Twice(wholes) ?? Twice(parts);
            if (twice is not null) throw new InvalidDataException($"The vocabulary has '{twice}' twice.");
            return new([.. wholes.Select(e => e.Entry(isPart: false))], [.. parts.Select(e => e.Entry(isPart: true))], [.. SlicesOf(file.Slices ?? [])],
                file.Apart ?? [], file.Senses ?? []);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The vocabulary cannot be read: {JsonMessage.Of(e)}.", e);
        }
    }

    private static IEnumerable<NameSlice> SlicesOf(FileSlice?[] slices)
    {
        var names = new HashSet<string>();
        foreach (var slice in slices)
        {
            if (slice is null || string.IsNullOrWhiteSpace(slice.Name)) throw new InvalidDataException("An entry of the vocabulary's 'slices' has no name.");
            string name = MessageText.Cut(slice.Name);
            if (!names.Add(slice.Name)) throw new InvalidDataException($"The vocabulary has the slice '{name}' twice.");
            if (string.IsNullOrWhiteSpace(slice.Of))
                throw new InvalidDataException($"The vocabulary's slice '{name}' does not say in 'of' which part it is of.");
            if (!(slice.From >= 0 && slice.From < slice.To && slice.To <= 1))
                throw new InvalidDataException($"The vocabulary's slice '{name}' has to lie between 0 and 1, 'from' below 'to'.");
            if (slice.Synonyms?.Any(string.IsNullOrWhiteSpace) == true)
                throw new InvalidDataException($"The vocabulary's '{name}' has null or an empty name in its list 'synonyms'.");
            yield return new() { Name = slice.Name, Of = slice.Of, From = slice.From, To = slice.To, Synonyms = slice.Synonyms ?? [] };
        }
    }

    private static string? Twice(IEnumerable<FileEntry> entries) => entries.GroupBy(e => e.Name).FirstOrDefault(g => g.Count() > 1)?.Key;

    private sealed record File(FileEntry[]? Wholes, FileEntry[]? Parts, FileSlice[]? Slices, Dictionary<string, string[]>[]? Apart,
        Dictionary<string, string[]>? Senses);

    private sealed record FileSlice(string Name, string? Of, string[]? Synonyms, double From = 0, double To = 1);

    private sealed record FileEntry(string Name, string[]? Of, string[]? Synonyms, string[]? Kinds, string[]? HeldOut, string[]? IsA,
        string[]? Unsure, bool Common, bool Stuff, bool InPieces,
        string[]? LearnedApart, Dictionary<string, string[]>? Also)
    {
        public NameEntry Entry(bool isPart) => new()
        {
            Name = !string.IsNullOrWhiteSpace(Name) ? Name
                : throw new InvalidDataException($"An entry of the vocabulary's {(isPart ? "parts" : "wholes")} has no name."),
            IsPart = isPart, IsStuff = Stuff, InPieces = InPieces, IsCommon = Common,
            Of = Sound(Of, "of"), Synonyms = Sound(Synonyms, "synonyms"), Kinds = Sound(Kinds, "kinds"), HeldOut = Sound(HeldOut, "heldOut"),
            IsA = Sound(IsA, "isA"), Unsure = Sound(Unsure, "unsure"), LearnedApart = Sound(LearnedApart, "learnedApart"),
            Also = Also?.ToDictionary(p => p.Key, p => Sound(p.Value, "also")) ?? [],
        };

        private IReadOnlyList<string> Sound(string[]? names, string entry) => names is null ? []
            : !names.Any(string.IsNullOrWhiteSpace) ? names
            : throw new InvalidDataException($"The vocabulary's '{MessageText.Cut(Name)}' has null or an empty name in its list '{entry}'.");
    }
}
