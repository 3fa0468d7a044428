using System.CommandLine;
using System.Text.Json;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Requests;
using SemanticSam.Engine;
using SemanticSam.Engine.Sessions;
using SemanticSam.Foundation;
using Spectre.Console;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam vocabulary</c>: the names a model was taught, what else they are called, and what is a part of what.</summary>
internal static class VocabularyCommand
{
    public static Command Create()
    {
        var words = new Argument<string[]>("NAME")
        {
            Description = "Only names in which, or in whose other words, this occurs, or which it stands for. Default: all.", Arity = ArgumentArity.ZeroOrMore,
        };
        var common = new CommonOptions();
        var command = new Command("vocabulary", "List the names that a model was taught: synonyms, kinds, what is a part of what.")
        {
            words, common.Model, common.Vocabulary, common.Use, common.Json,
        };
        command.Does((parsed, _) =>
        {
            var request = new ModelRequest(parsed.GetValue(common.Model), "cpu", null)
            {
                Vocabulary = parsed.GetValue(common.Vocabulary) is { } file ? new VocabularyOption(file, parsed.GetValue(common.Use)) : null,
            };
            using var model = request.Open();
            string[] wanted = parsed.GetValue(words) ?? [];
            ReadName[] meant = [.. wanted.Select(w => Understand(model, w)).OfType<ReadName>()];
            string?[] entries = [.. meant.SelectMany(m => EntriesOf(model, m))];
            VocabularyName[] names = [.. model.Vocabulary.Where(n => wanted.Length == 0 || wanted.Any(w => Mentions(n, w)) || entries.Contains(n.Name))];
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(common.Json)) Printing.Line(output, JsonSerializer.Serialize(names, JsonSettings.Indented));
            else Printing.Guarded(() => Print(Printing.Console(output), names, model.Name, [.. meant.Where(m => m.Text != m.Name)
                .Select(m => $"{m.Text} -> {m.Name}")]));
            return Task.FromResult(names.Length + meant.Length > 0 ? ExitCodes.Ok : ExitCodes.Failed);
        });
        return command;
    }

    /// <summary>The names that a text stands for: of "ear of dog" both.</summary>
    private static IEnumerable<string?> EntriesOf(SegmentationModel model, ReadName read) =>
        read is { Whole: { } whole, Part: { } part } ? [Understand(model, whole)?.Name, Understand(model, part)?.Name] : [read.Name];

    private static ReadName? Understand(SegmentationModel model, string word)
    {
        try
        {
            return model.Understand(word);
        }
        catch (PromptException)
        {
            return null; // "car:" is looked for in words all the same
        }
    }

    private static bool Mentions(VocabularyName name, string word) =>
        name.Synonyms.Concat(name.Kinds).Prepend(name.Name).Any(w => w.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static void Print(IAnsiConsole console, VocabularyName[] names, string model, string[] meant)
    {
        foreach (string line in meant) console.WriteLine(MessageText.Escaped(MessageText.OneLine(line)));
        if (names.Length == 0)
        {
            if (meant.Length == 0) console.WriteLine($"The vocabulary of {model} has no such name.");
            return;
        }
        var table = new Table().Border(TableBorder.Simple).AddColumns("name", "", "part of", "also called", "kinds");
        foreach (var name in names)
            table.AddRow([.. new[]
            {
                name.Name, name.SliceOf is { } part ? $"slice of {part}" : name.IsPart ? "part" : name.IsStuff ? "stuff" : "whole", string.Join(", ", name.Of),
                string.Join(", ", name.Synonyms), string.Join(", ", name.Kinds),
            }.Select(Printing.Cell)]);
        console.Write(table);
        console.WriteLine($"{names.Count(n => !n.IsPart)} wholes and {names.Count(n => n.IsPart && n.SliceOf is null)} parts of {model}.");
    }
}
