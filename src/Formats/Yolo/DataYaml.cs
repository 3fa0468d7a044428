using System.Globalization;
using SemanticSam.Foundation;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SemanticSam.Formats.Yolo;

/// <summary>
/// What a data.yaml says: the key <c>names</c> in every style that YAML has for a map or a list, and whether labels have key points. Read event by
/// event, so that nothing is built for what lies beside it; aliases, with which a small file can stand for an endless one, are passed over and
/// never followed.
/// </summary>
internal sealed class DataYaml
{
    private const string Key = "names";
    private const int Deepest = 32, LargestIndex = 1_000_000;
    private static readonly string[] FilesOfNames = [".names", ".txt", ".yaml", ".yml", ".labels"];

    /// <summary>Names by index.</summary>
    public SortedDictionary<int, string> Names { get; init; } = [];

    /// <summary>Numbers of the key points that follow a line's box; 0 where lines have none, null where the file does not say how many there are.</summary>
    public int? KeyPointNumbers { get; init; } = 0;

    /// <summary>What the places of splits are below, as it is written; null where the file does not say.</summary>
    public string? Root { get; init; }

    /// <summary>Where splits lie, as it is written: folders of images, or lists of them, by "train", "val" and so on.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Splits { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Reads a file.</summary>
    /// <exception cref="AnnotationFileException">It is not YAML, or has no names; the message says in which line, counted from 1.</exception>
    public static DataYaml Read(string path, string? encoding, FormatReport report)
    {
        string file = Path.GetFileName(path), text = ClassNames.Text(path, encoding);
        try
        {
            var reader = new Reader(path, file, encoding, new Parser(new StringReader(text)), report);
            var names = reader.Read();
            return new() { Names = names, KeyPointNumbers = reader.KeyPointNumbers, Root = reader.Root, Splits = reader.Splits };
        }
        catch (InvalidOperationException e) // what the parser throws of some texts that end within a value
        {
            throw new AnnotationFileException(file, "", "not valid YAML: it ends too early", e);
        }
        catch (YamlException e)
        {
            // What ends too early is noticed behind the last line.
            long last = text.AsSpan().TrimEnd("\r\n").Count('\n') + 1;
            throw new AnnotationFileException(file, $"line {Math.Min(e.Start.Line, last)}", $"not valid YAML: {OneLine(e.Message)}", e);
        }
    }

    /// <summary>Whether a YAML file has the key at its top, so that it may be a data.yaml of another name.</summary>
    public static bool HasNames(string path)
    {
        try
        {
            using var text = new StreamReader(RegularFile.OpenRead(path));
            return BoundedLines.Read(text, 1 << 20).Take(100_000).OfType<string>()
                .Any(l => l.StartsWith($"{Key}:", StringComparison.Ordinal) || l.StartsWith($"\"{Key}\":", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").TrimEnd('.', ' ');

    private sealed class Reader(string path, string file, string? encoding, IParser yaml, FormatReport report)
    {
        private SortedDictionary<int, string> _names = [];
        private long? _declared;

        public int? KeyPointNumbers { get; private set; } = 0;

        public string? Root { get; private set; }

        public Dictionary<string, IReadOnlyList<string>> Splits { get; } = [];

        public SortedDictionary<int, string> Read()
        {
            yaml.Consume<StreamStart>();
            if (!yaml.TryConsume<DocumentStart>(out _) || !yaml.TryConsume<MappingStart>(out _))
                throw new AnnotationFileException(file, "", "keys with values are expected, such as 'names: [car, wheel]'");
            bool found = false;
            while (!yaml.Accept<MappingEnd>(out _))
            {
                var key = Current();
                string? name = (key as Scalar)?.Value;
                Skip();
                if (name != Key)
                {
                    if (name == "kpt_shape")
                    {
                        ReadKeyPoints();
                        continue;
                    }
                    if (name is "train" or "val" or "valid" or "validation" or "test")
                    {
                        Splits[name] = Places();
                        continue;
                    }
                    if (name == "path" && Current() is Scalar { Value: var root }) Root = root;
                    if (name == "nc" && Current() is Scalar { Value: var count } && int.TryParse(count, out int declared)) _declared = declared;
                    Skip();
                    continue;
                }
                if (found)
                {
                    report.Repaired(file, $"line {key.Start.Line}", $"key '{Key}' occurs twice", "the last is taken");
                    _names = [];
                }
                ReadNames();
                found = true;
            }
            yaml.Consume<MappingEnd>();
            yaml.Consume<DocumentEnd>(); // what a file cut off in its middle has not
            if (!found && _declared is null or 0) throw new AnnotationFileException(file, "", $"key '{Key}' is missing");
            if (!found) report.Repaired(file, "", $"key '{Key}' is missing", "classes are called by their numbers");
            if (found && _declared is { } nc && nc != _names.Count && _names.Count > 0)
                report.Noted(file, "", $"nc is {nc}, and there are {_names.Count} names", "the names are taken");
            return _names;
        }

        /// <summary>A path, or a list of them.</summary>
        private List<string> Places()
        {
            var places = new List<string>();
            if (Current() is not SequenceStart)
            {
                if (Current() is Scalar { Value: { Length: > 0 } place }) places.Add(place);
                Skip();
                return places;
            }
            for (yaml.MoveNext(); !yaml.TryConsume<SequenceEnd>(out _); Skip())
                if (Current() is Scalar { Value: { Length: > 0 } place }) places.Add(place);
            return places;
        }

        /// <summary>[points, numbers of a point].</summary>
        private void ReadKeyPoints()
        {
            KeyPointNumbers = null;
            if (!yaml.Accept<SequenceStart>(out _))
            {
                Skip();
                return;
            }
            var sides = new List<int>();
            for (yaml.MoveNext(); !yaml.TryConsume<SequenceEnd>(out _); Skip())
                sides.Add(Current() is Scalar { Value: var side } && int.TryParse(side, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                    ? number : -1);
            if (sides is [>= 1 and <= 10_000, 2 or 3]) KeyPointNumbers = sides[0] * sides[1];
        }

        private void ReadNames()
        {
            var start = Current();
            switch (start)
            {
                case MappingStart:
                    for (yaml.MoveNext(); !yaml.TryConsume<MappingEnd>(out _);)
                    {
                        var key = Scalar("an index");
                        string name = Scalar("a name").Value;
                        if (!int.TryParse(key.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int index) || index > LargestIndex)
                            throw Bad(key, $"'{Short(key.Value)}' is not an index, 0 to {LargestIndex}; 'INDEX: NAME' is expected");
                        if (!_names.TryAdd(index, name)
                            ) report.Repaired(file, $"line {key.Start.Line}", $"index {index} occurs twice", "the first name is taken");
                    }
                    break;
                case SequenceStart:
                    for (yaml.MoveNext(); !yaml.TryConsume<SequenceEnd>(out _);) ReadItem();
                    break;
                case Scalar { Style: ScalarStyle.Plain, Value: "" or "~" or "null" }: // a set without names
                    yaml.MoveNext();
                    break;
                case Scalar { Value: var value }:
                    yaml.MoveNext();
                    ReadText(start, value);
                    break;
                default: throw Bad(start, $"'{Key}' has to be a list of names, or a map from index to name");
            }
        }

        /// <summary>A name; or a map of one index to a name, as some write lists.</summary>
        private void ReadItem()
        {
            if (Current() is not MappingStart)
            {
                _names.Add(_names.Count, Scalar("a name").Value);
                return;
            }
            yaml.MoveNext();
            var key = Scalar("an index");
            string name = Scalar("a name").Value;
            bool index = int.TryParse(key.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= LargestIndex;
            if (!index && key.Value is not ("name" or "label")) throw Bad(key, $"'{Short(key.Value)}' is not an index; a name is expected");
            _names.TryAdd(index ? number : _names.Count, name);
            if (!yaml.TryConsume<MappingEnd>(out _)) throw Bad(key, "an item of the list has one name");
        }

        /// <summary>A file of names beside it, names with commas or line breaks between them, or one name.</summary>
        private void ReadText(ParsingEvent at, string value)
        {
            string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, value.Replace('\\', '/'));
            if (value.Length < 260 && !value.Contains('\0') && File.Exists(beside)) _names = ClassNames.Lines(beside, encoding);
            else if ((value.Contains(',') ? ',' : value.Trim().Contains('\n') ? '\n' : (char?)null) is { } between)
            {
                string what = between == ',' ? "commas" : "line breaks";
                report.Repaired(file, $"line {at.Start.Line}", $"'{Key}' is a text", $"{what} are taken to be between names");
                foreach (string name in value.Trim('[', ']', '\n').Split(between, StringSplitOptions.TrimEntries))
                    _names.Add(_names.Count, name.Trim('\'', '"'));
            }
            else if (FilesOfNames.Contains(Path.GetExtension(value).ToLowerInvariant()))
                report.Repaired(file, $"line {at.Start.Line}", $"'{Key}' is '{Short(value)}', and there is no such file",
                    "classes are called by their numbers");
            else if (!string.IsNullOrWhiteSpace(value))
            {
                report.Repaired(file, $"line {at.Start.Line}", $"'{Key}' has to be a list of names, or a map from index to name",
                    $"'{Short(value)}' is taken for the only one");
                _names.Add(0, value);
            }
        }

        private Scalar Scalar(string what)
        {
            var at = Current();
            yaml.MoveNext();
            return at as Scalar ?? throw Bad(at,
                $"{what} is expected, here is {(at is MappingStart ? "a map" : at is AnchorAlias ? "an alias (*), which is not followed" : "a list")}");
        }

        /// <summary>Past one value of any kind.</summary>
        private void Skip()
        {
            int depth = 0;
            do
            {
                var at = Current();
                if (at is MappingStart or SequenceStart && ++depth > Deepest) throw Bad(at, $"it is nested more than {Deepest} deep");
                if (at is MappingEnd or SequenceEnd) depth--;
                yaml.MoveNext();
            } while (depth > 0);
        }

        /// <summary>The event that comes next.</summary>
        private ParsingEvent Current()
        {
            yaml.Accept<ParsingEvent>(out var at);
            return at ?? throw new AnnotationFileException(file, "", "it ends too early");
        }

        private AnnotationFileException Bad(ParsingEvent at, string what) => new(file, $"line {at.Start.Line}", what);

        private static string Short(string text) => text.Length > 40 ? text[..40] + "..." : text;
    }
}
