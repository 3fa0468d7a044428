using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SemanticSam.Formats.Yolo;

/// <summary>
/// The key <c>names</c> of a data.yaml, in every style that YAML has for a map or a list. Read event by event, so that nothing is built
/// for what lies beside it; anchors and aliases, with which a small file can stand for an endless one, are refused.
/// </summary>
internal static class DataYaml
{
    private const string Key = "names";
    private const int Deepest = 32, LargestIndex = 1_000_000;

    /// <summary>Names by index.</summary>
    /// <exception cref="AnnotationFileException">It is not YAML, or has no names; the message says in which line, counted from 1.</exception>
    public static SortedDictionary<int, string> Names(string path)
    {
        string file = Path.GetFileName(path), text = ClassNames.Text(path);
        try
        {
            return new Reader(file, new Parser(new StringReader(text))).Read();
        }
        catch (YamlException e)
        {
            // What ends too early is noticed behind the last line.
            long last = text.AsSpan().TrimEnd("\r\n").Count('\n') + 1;
            throw new AnnotationFileException(file, $"line {Math.Min(e.Start.Line, last)}", $"not valid YAML: {OneLine(e.Message)}", e);
        }
    }

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").TrimEnd('.', ' ');

    private sealed class Reader(string file, IParser yaml)
    {
        private readonly SortedDictionary<int, string> _names = [];

        public SortedDictionary<int, string> Read()
        {
            yaml.Consume<StreamStart>();
            if (!yaml.TryConsume<DocumentStart>(out _) || !yaml.TryConsume<MappingStart>(out _))
                throw new AnnotationFileException(file, "", "keys with values are expected, such as 'names: [car, wheel]'");
            bool found = false;
            while (!yaml.Accept<MappingEnd>(out _))
            {
                var key = Current();
                bool isNames = key is Scalar { Value: Key };
                Skip();
                if (!isNames)
                {
                    Skip();
                    continue;
                }
                if (found) throw Bad(key, $"key '{Key}' occurs twice");
                ReadNames();
                found = true;
            }
            yaml.Consume<MappingEnd>();
            yaml.Consume<DocumentEnd>(); // what a file cut off in its middle has not
            return found ? _names : throw new AnnotationFileException(file, "", $"key '{Key}' is missing");
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
                        if (!int.TryParse(key.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int index) || index > LargestIndex)
                            throw Bad(key, $"'{Short(key.Value)}' is not an index, 0 to {LargestIndex}; 'INDEX: NAME' is expected");
                        if (!_names.TryAdd(index, Scalar("a name").Value)) throw Bad(key, $"index {index} occurs twice");
                    }
                    break;
                case SequenceStart:
                    for (yaml.MoveNext(); !yaml.TryConsume<SequenceEnd>(out _);) _names.Add(_names.Count, Scalar("a name").Value);
                    break;
                case Scalar { Style: ScalarStyle.Plain, Value: "" or "~" or "null" }: // a set without names
                    yaml.MoveNext();
                    break;
                default: throw Bad(start, $"'{Key}' has to be a list of names, or a map from index to name");
            }
        }

        private Scalar Scalar(string what)
        {
            var at = Current();
            yaml.MoveNext();
            return at as Scalar ?? throw Bad(at, $"{what} is expected, here is {(at is MappingStart ? "a map" : "a list")}");
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
            return at switch
            {
                AnchorAlias or NodeEvent { Anchor.IsEmpty: false } => throw Bad(at, "anchors (&) and aliases (*) are not read"),
                null => throw new AnnotationFileException(file, "", "it ends too early"),
                _ => at,
            };
        }

        private AnnotationFileException Bad(ParsingEvent at, string what) => new(file, $"line {at.Start.Line}", what);

        private static string Short(string text) => text.Length > 40 ? text[..40] + "..." : text;
    }
}
