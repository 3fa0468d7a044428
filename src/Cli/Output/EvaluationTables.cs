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
        string[] columns = guesses ? ["measure", "model", "best constant guess", "over"] : ["measure", "model", "over"];
        Write(console, protocol.Title, columns, protocol.Figures.Select(Cells));
        foreach (var table in protocol.Tables.Where(t => t.Rows.Count is > 0 and <= MostRows))
            Write(console, table.Title, table.Columns, table.Rows.Select(r => r.Values.Select((v, i) => Cell(v, isCount: i == r.Values.Count - 1))
                .Prepend(r.Name).ToArray()));

        string[] Cells(EvaluationFigure f)
        {
            string guess = f.Constant is null ? "" : Number(f.Constant);
            return guesses ? [f.Label, Number(f.Value), guess, Count(f.Count)] : [f.Label, Number(f.Value), Count(f.Count)];
        }

        static string Cell(double? value, bool isCount) => isCount && value is { } count ? Count((long)count) : Number(value);
    }

    private static void Write(IAnsiConsole console, string title, IEnumerable<string> columns, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle(Printing.Cell(title)) };
        foreach (string column in columns)
            table.AddColumn(new TableColumn(Printing.Cell(column)) { Alignment = table.Columns.Count == 0 ? Justify.Left : Justify.Right });
        foreach (var row in rows) table.AddRow([.. row.Select(Printing.Cell)]);
        console.Write(table);
    }

    private static string Count(long count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Number(double? value) => value?.ToString("f3", CultureInfo.InvariantCulture) ?? "-";
}
