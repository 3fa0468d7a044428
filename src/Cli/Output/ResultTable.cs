using System.Globalization;
using SemanticSam.Cli.Running;
using SemanticSam.Masks;
using Spectre.Console;

namespace SemanticSam.Cli.Output;

/// <summary>Results as a table a person can read.</summary>
internal static class ResultTable
{
    /// <summary>More rows than this are summed up: the JSON has them all.</summary>
    private const int MaxRows = 40;

    public static void Print(IAnsiConsole console, SegmentOutcome outcome)
    {
        var results = outcome.Results;
        if (results.Count == 0)
        {
            console.MarkupLine(outcome.Line.Text.Count > 0
                ? $"Nothing in [bold]{Printing.Cell(outcome.Line.Image)}[/] has these names: {Printing.Cell(string.Join(", ", outcome.Line.Text))}."
                : $"No mask in [bold]{Printing.Cell(outcome.Line.Image)}[/] passed the filters.");
            return;
        }
        var table = new Table { Border = TableBorder.Rounded };
        foreach (string column in new[] { "id", "level", "whole", "part", "pixels", "share", "IoU", "stable", "part of" })
            table.AddColumn(new TableColumn(column) { Alignment = column is "level" or "whole" or "part" ? Justify.Left : Justify.Right });
        double pixels = (double)outcome.Image.FullWidth * outcome.Image.FullHeight;
        for (int i = 0; i < Math.Min(results.Count, MaxRows); i++)
        {
            var r = results[i];
            table.AddRow((i + 1).ToString(CultureInfo.InvariantCulture), r.Level is { } level ? GranularityMap.Name(level) : "-", Label(r.Whole), Label(r.Part),
                r.Area.ToString("N0", CultureInfo.InvariantCulture), Format($"{r.Area / pixels:p1}"), Format($"{r.PredictedIou:f2}"),
                float.IsNaN(r.StabilityScore) ? "-" : Format($"{r.StabilityScore:f2}"),
                r.Parent is { } p ? (p + 1).ToString(CultureInfo.InvariantCulture) : "-");
        }
        console.Write(table);
        if (results.Count > MaxRows)
            console.MarkupLine($"... and {results.Count - MaxRows} more; the JSON has them all.");
        var s = outcome.Seconds;
        console.MarkupLine(Format($"load {s.Load:f2} s, encode {s.Encode:f2} s, decode {s.Decode:f2} s"));
    }

    private static string Label(ScoredLabel? label) => label is { } l ? Printing.Cell(Format($"{l.Label} {l.Score:f2}")) : "-";

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
