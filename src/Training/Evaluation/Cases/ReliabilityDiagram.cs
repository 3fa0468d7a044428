using System.Text;

namespace SemanticSam.Training.Evaluation.Cases;

/// <summary>A reliability table as a drawing: a point a bin, as large as its count, and the diagonal on which they should lie.</summary>
internal static class ReliabilityDiagram
{
    private const double Side = 220, Margin = 30;

    /// <summary>SVG.</summary>
    public static string Draw(EvaluationTable table)
    {
        double total = Math.Max(1, table.Rows.Sum(r => r.Values[2] ?? 0)), whole = Side + 2 * Margin;
        const string Faint = "stroke=\"currentColor\" stroke-opacity=\".4\"";
        var svg = new StringBuilder($"<svg viewBox=\"0 0 {whole} {whole}\" width=\"{whole}\" role=\"img\"><g font-size=\"11\" fill=\"currentColor\">");
        svg.Append($"<rect x=\"{Margin}\" y=\"{Margin}\" width=\"{Side}\" height=\"{Side}\" fill=\"none\" {Faint}/>");
        svg.Append($"<line x1=\"{X(0)}\" y1=\"{Y(0)}\" x2=\"{X(1)}\" y2=\"{Y(1)}\" {Faint} stroke-dasharray=\"4\"/>");
        var points = table.Rows.Where(r => r.Values is [{ }, { }, > 0])
            .Select(r => (X: X(r.Values[0]!.Value), Y: Y(r.Values[1]!.Value), Share: r.Values[2]!.Value / total)).ToArray();
        string line = string.Join(' ', points.Select(p => $"{p.X:0.#},{p.Y:0.#}"));
        svg.Append($"<polyline fill=\"none\" stroke=\"#2a7\" stroke-width=\"2\" points=\"{line}\"/>");
        foreach (var (x, y, share) in points)
            svg.Append($"<circle cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"{2 + 14 * Math.Sqrt(share):0.#}\" fill=\"#2a7\" fill-opacity=\".5\"/>");
        foreach (double tick in new[] { 0, 0.5, 1 })
        {
            svg.Append($"<text x=\"{X(tick)}\" y=\"{Y(0) + 14}\" text-anchor=\"middle\">{tick}</text>");
            svg.Append($"<text x=\"{X(0) - 6}\" y=\"{Y(tick) + 4}\" text-anchor=\"end\">{tick}</text>");
        }
        svg.Append($"<text x=\"{X(0.5)}\" y=\"{Y(0) + 27}\" text-anchor=\"middle\">score</text>");
        return svg.Append($"<text x=\"{X(0) + 6}\" y=\"{Y(1) + 14}\">outcome</text></g></svg>").ToString();

        static double X(double value) => Margin + Side * Math.Clamp(value, 0, 1);

        static double Y(double value) => Margin + Side * (1 - Math.Clamp(value, 0, 1));
    }
}
