// Losses over the steps as a picture: dotnet run scripts/curves.cs metrics.jsonl OUTPUT.svg COLUMN...
// Each column is a moving mean of five lines, relative to its first value, so that losses of different sizes share one axis.
using System.Globalization;
using System.Text;
using System.Text.Json;

if (args.Length < 3) throw new ArgumentException("curves.cs metrics.jsonl OUTPUT.svg COLUMN...");
const int width = 720, height = 300, left = 48, right = 560, top = 16, bottom = 264, window = 5;
string[] colors = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#17becf"];
var lines = File.ReadLines(args[0]).Where(l => l.Length > 0).Select(l => JsonDocument.Parse(l).RootElement).ToArray();
double[] steps = [.. lines.Select(l => l.GetProperty("step").GetDouble())];
double[][] curves = [.. args[2..].Select(column => Means([.. lines.Select(l => l.GetProperty(column).GetDouble())]))];
double most = Math.Ceiling(curves.Max(c => c.Max()) * 5) / 5;
var svg = new StringBuilder($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">");
svg.Append($"<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n");
for (double tick = 0; tick <= most + 1e-9; tick += 0.2)
    svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{left} {Y(tick):0.0}H{right}\" stroke=\"#ddd\"/>").Append(CultureInfo.InvariantCulture,
        $"<text x=\"{left - 6}\" y=\"{Y(tick) + 4:0.0}\" text-anchor=\"end\">{tick:0.0}</text>\n");
for (double step = 0; step <= steps[^1]; step += 500)
    svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(step):0.0}\" y=\"{bottom + 18}\" text-anchor=\"middle\">{step}</text>\n");
svg.Append($"<text x=\"{(left + right) / 2}\" y=\"{bottom + 32}\" text-anchor=\"middle\">step</text>\n");
for (int c = 0; c < curves.Length; c++)
{
    string points = string.Join(' ', steps.Zip(curves[c]).Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.First):0.0},{Y(p.Second):0.0}")));
    svg.Append($"<polyline fill=\"none\" stroke=\"{colors[c % colors.Length]}\" stroke-width=\"1.5\" points=\"{points}\"/>\n");
}
double above = double.MinValue; // labels stand beside the ends of their curves, but never on one another
foreach (int c in Enumerable.Range(0, curves.Length).OrderByDescending(c => curves[c][^1]))
{
    above = Math.Max(above + 14, Y(curves[c][^1]) + 4);
    svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{right + 6}\" y=\"{above:0.0}\" ").Append(CultureInfo.InvariantCulture,
        $"fill=\"{colors[c % colors.Length]}\">{args[2 + c].Replace('_', ' ')} {curves[c][^1]:0.00}</text>\n");
}
File.WriteAllText(args[1], svg.Append("</svg>\n").ToString());

double X(double step) => left + (right - left) * step / steps[^1];

double Y(double value) => bottom - (bottom - top) * value / most;

double[] Means(double[] values)
{
    double first = values.Take(window).Average();
    return [.. values.Select((_, i) => values[Math.Max(0, i - window / 2)..Math.Min(values.Length, i + window / 2 + 1)].Average() / first)];
}
