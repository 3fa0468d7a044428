using System.Globalization;
using SemanticSam.Training.Evaluation;
using Spectre.Console;

namespace SemanticSam.Cli.Output;

/// <summary>What an evaluation measured, for people.</summary>
internal static class EvaluationTables
{
    /// <summary>Tables of more rows are in the JSON and on the page, not on the screen.</summary>
    private const int MostRows = 12;

    public static void Print(IAnsiConsole console, EvaluationReport report)
    {
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Model}: {report.Images} images, {report.SecondsPerImage:f2} s each"));
        foreach (var protocol in report.Protocols) Print(console, protocol);
    }

    public static void Print(IAnsiConsole console, ProtocolReport protocol)
    {
        bool guesses = protocol.Figures.Any(f => f.Constant is not null);
        Write(console, protocol.Title, guesses ? ["measure", "model", "best constant guess", "over"] : ["measure", "model", "over"], protocol.Figures.Select(f =>
            guesses ? new[] { f.Label, Number(f.Value), f.Constant is null ? "" : Number(f.Constant), Count(f.Count) } : [f.Label, Number(f.Value), Count(f.Count)]));
        foreach (var table in protocol.Tables.Where(t => t.Rows.Count is > 0 and <= MostRows))
            Write(console, table.Title, table.Columns, table.Rows.Select(r => new[] { r.Name }.Concat(r.Values.Select((v, i) => i == r.Values.Count - 1 && v is { } n ? Count((long)n) : Number(v))).ToArray()));
    }

    private static void Write(IAnsiConsole console, string title, IEnumerable<string> columns, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle(Printing.Cell(title)) };
        foreach (string column in columns) table.AddColumn(new TableColumn(Printing.Cell(column)) { Alignment = table.Columns.Count == 0 ? Justify.Left : Justify.Right });
        foreach (var row in rows) table.AddRow([.. row.Select(Printing.Cell)]);
        console.Write(table);
    }

    private static string Count(long count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Number(double? value) => value?.ToString("f3", CultureInfo.InvariantCulture) ?? "-";
}
