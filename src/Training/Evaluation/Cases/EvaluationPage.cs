using System.Net;
using System.Text;

namespace SemanticSam.Training.Evaluation.Cases;

/// <summary>A page that holds everything itself: the figures, reliability diagrams, and the worst cases in pictures.</summary>
internal static class EvaluationPage
{
    private const int LongTable = 25;

    private const string Style = """
        :root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif } body { max-width: 78rem; margin: 2rem auto; padding: 0 1rem }
        table { border-collapse: collapse; margin: .6rem 0 1rem } th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #8884 }
        th:first-child, td:first-child { text-align: left } h2 { margin-top: 2.4rem } summary { cursor: pointer }
        .cases { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem } figure { margin: 0 }
        figure img { width: 49%; vertical-align: top } figcaption { font-size: .85rem }
        .diagrams { display: flex; flex-wrap: wrap; gap: 1rem } small { opacity: .7 }
        """;

    /// <summary>The page.</summary>
    /// <param name="report">The figures.</param>
    /// <param name="worst">The cases; their images are read.</param>
    public static string Write(EvaluationReport report, WorstCases worst) =>
        Write(report.Model, $"{report.Images} images, {report.SecondsPerImage:0.00} s each.", $"Weights {report.Sha256}", report.Protocols, worst);

    /// <summary>The page.</summary>
    /// <param name="title">What was measured.</param>
    /// <param name="about">On what; a sentence.</param>
    /// <param name="aside">In small letters after it.</param>
    /// <param name="protocols">The figures.</param>
    /// <param name="worst">The cases; their images are read.</param>
    public static string Write(string title, string about, string aside, IReadOnlyList<ProtocolReport> protocols, WorstCases worst)
    {
        var page = new StringBuilder("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">");
        page.Append($"<title>{Text(title)}</title><style>{Style}</style>\n");
        page.Append($"<h1>{Text(title)}</h1><p>{Text(about)} <small>{Text(aside)}</small></p>\n");
        foreach (var protocol in protocols) Write(page, protocol);
        if (worst.All.Count > 0) page.Append("<h2>Worst cases</h2><p>Left what is annotated, right what the model said.</p>\n");
        foreach (var (measure, cases) in worst.All)
        {
            page.Append($"<h3>{Text(measure)}</h3><div class=\"cases\">\n");
            foreach (var one in cases)
            {
                var (truth, answer) = CasePictures.Draw(one);
                page.Append($"<figure>{Picture(truth, "annotated")} {Picture(answer, "answered")}");
                page.Append($"<figcaption>{Text(one.Caption)} <small>{Text(Path.GetFileName(one.Path))}</small></figcaption></figure>\n");
            }
            page.Append("</div>\n");
        }
        return page.Append("</html>\n").ToString();
    }

    private static void Write(StringBuilder page, ProtocolReport protocol)
    {
        page.Append($"<h2>{Text(protocol.Title)}</h2>\n<table><tr><th>measure<th>model<th>best constant guess<th>over</tr>\n");
        foreach (var figure in protocol.Figures)
        {
            string guess = figure.Constant is null ? "" : Number(figure.Constant);
            page.Append($"<tr><td>{Text(figure.Label)}<td>{Number(figure.Value)}<td>{guess}<td>{figure.Count}</tr>\n");
        }
        page.Append("</table>\n");
        var diagrams = protocol.Tables.Where(t => t.Id.StartsWith("reliability_", StringComparison.Ordinal)).ToArray();
        page.Append("<div class=\"diagrams\">");
        foreach (var table in diagrams) page.Append($"<figure>{ReliabilityDiagram.Draw(table)}<figcaption>{Text(table.Title)}</figcaption></figure>");
        page.Append("</div>\n");
        foreach (var table in protocol.Tables) Write(page, table, open: table.Rows.Count <= LongTable && diagrams.Length == 0);
    }

    private static void Write(StringBuilder page, EvaluationTable table, bool open)
    {
        page.Append($"<details{(open ? " open" : "")}><summary>{Text(table.Title)}</summary><table>\n");
        page.Append($"<tr>{string.Concat(table.Columns.Select(c => $"<th>{Text(c)}"))}</tr>\n");
        foreach (var row in table.Rows) page.Append($"<tr><td>{Text(row.Name)}{string.Concat(row.Values.Select(v => $"<td>{Number(v)}"))}</tr>\n");
        page.Append("</table></details>\n");
    }

    private static string Picture(byte[] jpeg, string alt) => $"<img alt=\"{alt}\" src=\"data:image/jpeg;base64,{Convert.ToBase64String(jpeg)}\">";

    private static string Number(double? value) => value is not { } v ? "&ndash;" : v == Math.Truncate(v) && Math.Abs(v) > 1 ? $"{v:0}" : $"{v:0.000}";

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
