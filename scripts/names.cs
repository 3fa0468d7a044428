// The table of all names of an evaluation as Markdown, best first: dotnet run scripts/names.cs REPORT.json > docs/names.md
// The report is what "semsam evaluate --protocol text --out REPORT.json" writes.
using System.Globalization;
using System.Text.Json;

if (args.Length != 1) throw new ArgumentException("names.cs REPORT.json");
using var report = JsonDocument.Parse(File.ReadAllBytes(args[0]));
var root = report.RootElement;
var table = root.GetProperty("protocols").EnumerateArray().SelectMany(p => p.GetProperty("tables").EnumerateArray())
    .First(t => t.GetProperty("id").GetString() == "text_by_name");
const string partMark = " (part)";
var rows = table.GetProperty("rows").EnumerateArray().Select(r => (Name: r.GetProperty("name").GetString()!, Iou: r.GetProperty("values")[0].GetDouble(),
    Images: r.GetProperty("values")[1].GetInt32())).ToArray();
Console.WriteLine("# Names, one by one");
Console.WriteLine();
Console.WriteLine($"`{root.GetProperty("model").GetString()}` on {root.GetProperty("images").GetInt32()} photos: mean IoU of the union of a name's masks, and "
    + "how many photos show it. A name that few photos show says little.");
foreach (bool parts in new[] { false, true })
{
    var some = rows.Where(r => r.Name.EndsWith(partMark, StringComparison.Ordinal) == parts).OrderByDescending(r => r.Iou).ThenBy(r => r.Name).ToArray();
    Console.WriteLine();
    Console.WriteLine(parts ? "## Parts" : "## Wholes and stuff");
    Console.WriteLine();
    Console.WriteLine("| name | IoU | photos | name | IoU | photos | name | IoU | photos |");
    Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
    int length = (some.Length + 2) / 3; // three columns, read downwards
    for (int i = 0; i < length; i++)
        Console.WriteLine($"| {string.Join(" | ", Enumerable.Range(0, 3).Select(c => c * length + i).Select(at => at < some.Length ? Cell(some[at]) : " | | "))} |");
}

string Cell((string Name, double Iou, int Images) row) =>
    string.Create(CultureInfo.InvariantCulture, $"{row.Name.Replace(partMark, "")} | {row.Iou:0.00} | {row.Images}");
