using System.Diagnostics;
using System.Globalization;
using SemanticSam.Cli.Verbs;

namespace SemanticSam.Cli.Output;

/// <summary>Progress as plain lines: at most one every few seconds, with the time left. Reads well in a log, too.</summary>
internal sealed class ProgressLine(TextWriter writer, string what) : IProgress<double>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private TimeSpan _next = Interval;

    public void Report(double share)
    {
        if (_watch.Elapsed < _next || share <= 0) return;
        _next = _watch.Elapsed + Interval;
        var left = _watch.Elapsed * ((1 - share) / share);
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"semsam: {what} {share:p0}, {left:hh\\:mm\\:ss} left"));
    }
}
