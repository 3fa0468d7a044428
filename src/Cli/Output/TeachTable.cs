using System.Globalization;
using SemanticSam.Training.Nano.Teaching;
using Spectre.Console;

namespace SemanticSam.Cli.Output;

/// <summary>What teaching changed, name by name.</summary>
internal static class TeachTable
{
    public static void Print(IAnsiConsole console, TeachReport report, int kept)
    {
        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle(Markup.Escape($"{kept} image{(kept == 1 ? "" : "s")} kept aside")) };
        foreach (string column in new[] { "name", "IoU before", "IoU after", "images", "answered where absent, before", "after" })
            table.AddColumn(new TableColumn(column) { Alignment = table.Columns.Count == 0 ? Justify.Left : Justify.Right });
        foreach (var (before, after) in report.Before.Zip(report.After))
            table.AddRow(Printing.Cell(before.Name), Number(before.Iou), Number(after.Iou), before.Images.ToString(CultureInfo.InvariantCulture),
                Number(before.Absent), Number(after.Absent));
        table.AddRow("mean", Number(TeachReport.MeanIou(report.Before)), Number(TeachReport.MeanIou(report.After)), "",
            Number(report.Before.Average(f => f.Absent)), Number(report.After.Average(f => f.Absent)));
        console.Write(table);

        static string Number(double? value) => value?.ToString("f3", CultureInfo.InvariantCulture) ?? "-";
    }
}
