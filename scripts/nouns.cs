// Which nouns of WordNet 3.0 name a kind of what the vocabulary has: dotnet run scripts/nouns.cs FOLDER models/nano/vocabulary.json > OUT
// FOLDER has index.noun, data.noun and cntlist.rev (Debian's package wordnet-base puts them into /usr/share/wordnet).
// A line is "name: word, word, ...", parts with "(part)" behind the name. The meaning of a name is the one that fits its own synonyms and kinds best, or the
// one told below; a word belongs to the nearest name above its most frequent meaning among things that can be seen.
using System.Globalization;
using System.Text;
using System.Text.Json;

if (args.Length != 2) throw new ArgumentException("nouns.cs FOLDER vocabulary.json");
int[] visible = [3, 5, 6, 8, 13, 17, 18, 20, 27]; // lexicographer files: tops, animal, artifact, body, food, object, person, plant, substance
string[] insults = ["offensive", "slur", "disparaging", "derogatory", "obscene", "vulgar", "insulting", "contemptuous", "prostitute"]; // words in explanations
const int person = 18, artifact = 6, animal = 5, food = 13, group = 14, location = 15, plant = 20;

// Names whose meaning their own words do not tell: a word that shares the meant synset; none where no noun of WordNet means it.
var told = new Dictionary<string, string?>
{
    ["toaster"] = null, ["toilet"] = "commode", ["vegetation"] = "flora", ["rim (part)"] = null, ["cap (part)"] = null, ["hood (part)"] = "cowl",
    ["trunk (part)"] = "luggage compartment", ["muzzle (part)"] = "snout", ["dress (part)"] = "frock", ["pants (part)"] = "trouser",
    ["plant (part)"] = "flora", ["coach (part)"] = "passenger car", ["bumper (part)"] = null, ["screen (part)"] = null, ["bracelet (part)"] = "bangle",
    ["mirror (part)"] = null, ["wheel (part)"] = null, ["body (part)"] = null, ["wall (part)"] = null, ["engine (part)"] = null, ["head (part)"] = "human head",
    ["housing (part)"] = null, ["skin (part)"] = null, ["door (part)"] = null, ["window (part)"] = null, ["tail (part)"] = null, ["plate"] = "dish",
    ["balcony (part)"] = null, ["fruit (part)"] = null, ["white bread slice"] = null, ["alarm"] = null, ["top (part)"] = null, ["handlebar (part)"] = null,
    ["accessory (part)"] = null, ["facade"] = null, ["wing (part)"] = null, ["face mask"] = null, ["belt (part)"] = null,
    ["keyboard"] = null, ["mouth (part)"] = null,
};

var data = new Dictionary<string, Synset>();
foreach (string line in File.ReadLines(Path.Combine(args[0], "data.noun"), Encoding.Latin1).Where(l => !l.StartsWith(' ')))
{
    string[] f = line.Split('|')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
    int count = int.Parse(f[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture), at = 4 + 2 * count;
    string[] words = [.. Enumerable.Range(0, count).Select(i => f[4 + 2 * i].Replace('_', ' '))], above = [.. Pointers("@")];
    data[f[0]] = new(int.Parse(f[1], CultureInfo.InvariantCulture), words, above, Pointers("@i").Any(),
        insults.Any(i => line.Contains(i, StringComparison.Ordinal)));

    IEnumerable<string> Pointers(string symbol)
    {
        for (int i = at + 1; i + 3 < f.Length; i += 4)
            if (f[i] == symbol && f[i + 2] == "n") yield return f[i + 1];
    }
}
var index = new Dictionary<string, string[]>(StringComparer.Ordinal);
foreach (string line in File.ReadLines(Path.Combine(args[0], "index.noun"), Encoding.Latin1).Where(l => !l.StartsWith(' ')))
{
    string[] f = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    index[f[0].Replace('_', ' ')] = f[(4 + int.Parse(f[3], CultureInfo.InvariantCulture) + 2)..];
}

// How often a text was seen to use a word as a noun and as an adjective ("red" is a Communist, too), and a noun in each of its meanings, counted from 1.
var (nouns, adjectives) = (new Dictionary<string, int>(), new Dictionary<string, int>());
var uses = new Dictionary<(string Word, int Sense), int>();
foreach (string[] f in File.ReadLines(Path.Combine(args[0], "cntlist.rev")).Select(l => l.Split(' ')))
{
    string[] key = f[0].Split('%');
    var counts = key[1][0] switch { '1' => nouns, '3' or '5' => adjectives, _ => null };
    string word = key[0].Replace('_', ' ');
    int times = int.Parse(f[2], CultureInfo.InvariantCulture);
    if (counts is not null) counts[word] = counts.GetValueOrDefault(word) + times;
    if (counts == nouns) uses[(word, int.Parse(f[1], CultureInfo.InvariantCulture))] = times;
}

using var vocabulary = JsonDocument.Parse(File.ReadAllBytes(args[1]));
var names = new[] { ("wholes", ""), ("parts", " (part)") }.SelectMany(kind => vocabulary.RootElement.GetProperty(kind.Item1).EnumerateArray()
    .Select(e => new Name(e.GetProperty("name").GetString()!, kind.Item2, List(e, "synonyms"), List(e, "kinds"), List(e, "heldOut"), List(e, "isA"))))
    .ToArray();
var owner = new Dictionary<string, Name>(); // of a synset
foreach (var name in names)
    foreach (string synset in Meant(name)) owner.TryAdd(synset, name);
// A name may mean more than one synset: plants that are grown for their flowers, food that is a substance and food that is solid. Of plants that are called as
// their flowers are, WordNet knows the shrub or bulb alone.
string[] flowers = ["flower", "rose", "tulip", "lily", "daffodil", "narcissus", "iris", "hyacinth", "crocus", "hydrangea", "lavender", "geranium", "hibiscus",
    "lotus"];
foreach (string word in flowers)
    foreach (string synset in Seen(word).Where(s => data[s].File == 20)) owner.TryAdd(synset, names.First(n => n.Line == "flower (part)"));
foreach (string synset in Seen("solid food")) owner.TryAdd(synset, names.First(n => n.Line == "food"));
HashSet<string> own = [.. names.SelectMany(n => n.Words)];

var found = names.ToDictionary(n => n.Line, _ => new SortedSet<string>(StringComparer.Ordinal));
foreach (var (word, senses) in index)
{
    if (own.Contains(word) || word.Any(c => c is not (' ' or '-' or '\'' or (>= 'a' and <= 'z'))) || word.Count(c => c == ' ') > 2 || word.Length < 3) continue;
    if (word.EndsWith("-in", StringComparison.Ordinal)) continue; // trade-in, write-in: what is done, or who takes part in it
    string[] seen = [.. Seen(word)];
    if (seen.Length == 0 || data[seen[0]].IsInsult || IsLatin(word, data[seen[0]])) continue;
    if (adjectives.GetValueOrDefault(word) > nouns.GetValueOrDefault(word)) continue;
    // Who controls or toasts comes first in WordNet, and is not what somebody asks a photo for where a thing has the same name.
    if (data[seen[0]].File == person && seen.Any(s => data[s].File is artifact or animal or food)) continue;
    if (IsRarelySeen(word, seen[0])) continue;
    if ((Eaten(word, seen) ?? Nearest(seen[0])) is { } nearest) found[nearest.Line].Add(word);
}
foreach (var (name, words) in found)
    if (words.Count > 0) Console.WriteLine($"{name}: {string.Join(", ", words)}");

static string[] List(JsonElement entry, string key) => entry.TryGetProperty(key, out var list) ? [.. list.EnumerateArray().Select(w => w.GetString()!)] : [];

IEnumerable<string> Seen(string word) => index.GetValueOrDefault(word, []).Where(s => visible.Contains(data[s].File) && !data[s].IsInstance);

// Whether what a word mostly means cannot be seen: "love" is a feeling before it is somebody, "sun" a star, "game" is played before it is hunted. Groups
// consist of what can be seen (a family, a school), and so do places of what was built there (a residence); who has a name is somebody.
bool IsRarelySeen(string word, string meant)
{
    int rank = Array.IndexOf(index[word], meant), file = data[meant].File;
    string[] before = [.. index[word][..rank].Where(s =>
        data[s].File is not (group or person) && !(data[s].File == location && file == artifact && !data[s].IsInstance))];
    int hidden = Enumerable.Range(0, rank).Where(i => before.Contains(index[word][i])).Sum(i => uses.GetValueOrDefault((word, i + 1)));
    int own = uses.GetValueOrDefault((word, rank + 1));
    return file == person ? hidden > own + 1 || before.Any(s => data[s].IsInstance) : hidden >= 4 * (own + 1);
}

// Of a word for a plant and for what people eat of it, the food, unless texts say the plant more often: a photo of a pineapple seldom shows the herb.
Name? Eaten(string word, string[] seen)
{
    if (data[seen[0]].File != plant || Nearest(seen[0])?.Line is "flower (part)" or "leaf (part)") return null;
    return seen.Where(s => data[s].File == food && Uses(word, s) >= Uses(word, seen[0])).Select(Nearest).FirstOrDefault(n => n is not null);
}

int Uses(string word, string synset) => uses.GetValueOrDefault((word, Array.IndexOf(index[word], synset) + 1));

// The synsets that a name stands for: of its own meanings the one that fits best, else what its synonyms mean first.
IEnumerable<string> Meant(Name name)
{
    if (told.TryGetValue(name.Line, out string? with))
        return with is null ? [] : Seen(name.Text).Concat(Seen(with)).Where(s => Has(s, with)).Take(1);
    string? best = Seen(name.Text).Select((s, rank) => (Synset: s, Fit: Fit(s, name) - 0.3 * rank)).OrderByDescending(p => p.Fit).Select(p => p.Synset)
        .FirstOrDefault();
    return best is not null ? [best] : name.Synonyms.Select(w => Seen(w).FirstOrDefault()).OfType<string>().Take(1);
}

bool Has(string synset, string word) => data[synset].Words.Contains(word, StringComparer.OrdinalIgnoreCase);

double Fit(string synset, Name name)
{
    var above = Above(synset);
    return 2 * name.Synonyms.Count(w => Has(synset, w)) + name.Synonyms.Concat(name.Kinds).Count(w => Seen(w).Take(3).Any(s => Above(s).ContainsKey(synset)))
        + name.IsA.Count(w => Seen(w).Take(2).Any(above.ContainsKey)) + (name.Suffix.Length > 0 && data[synset].File == 8 ? 0.25 : 0);
}

// All synsets above one, itself included, with their distance.
Dictionary<string, int> Above(string synset)
{
    var above = new Dictionary<string, int> { [synset] = 0 };
    var next = new Queue<string>([synset]);
    while (next.TryDequeue(out string? at))
        foreach (string up in data[at].Above)
            if (above.TryAdd(up, above[at] + 1)) next.Enqueue(up);
    return above;
}

Name? Nearest(string synset) => Above(synset).OrderBy(p => p.Value).Select(p => owner.GetValueOrDefault(p.Key)).FirstOrDefault(n => n is not null);

// "canis familiaris" is nobody's word for a dog.
bool IsLatin(string word, Synset synset) => synset.File is animal or 20 && (word.Split(' ') is [var genus, _, ..] && index.ContainsKey("genus " + genus)
    || word.StartsWith("genus ", StringComparison.Ordinal) || word.StartsWith("family ", StringComparison.Ordinal)
    || word.EndsWith("idae", StringComparison.Ordinal)
    || index.ContainsKey("genus " + word) && synset.Words.Any(w => string.Equals(w, "genus " + word, StringComparison.OrdinalIgnoreCase)));

internal sealed record Synset(int File, string[] Words, string[] Above, bool IsInstance, bool IsInsult);

internal sealed record Name(string Text, string Suffix, string[] Synonyms, string[] Kinds, string[] HeldOut, string[] IsA)
{
    public string Line => Text + Suffix;
    public IEnumerable<string> Words => [Text, .. Synonyms, .. Kinds, .. HeldOut];
}
