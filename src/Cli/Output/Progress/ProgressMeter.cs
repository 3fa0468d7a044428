using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace SemanticSam.Cli.Output.Progress;

/// <summary>Rate and time left of a job, from its last reports: what an earlier run did counts for neither.</summary>
/// <param name="unit">What is counted.</param>
/// <param name="now">The clock; null for a real one.</param>
internal sealed class ProgressMeter(ProgressUnit unit, Func<TimeSpan>? now = null)
{
    private const int Window = 100;

    private readonly Func<TimeSpan> _now = now ?? Clock();
    private readonly Lock _guard = new();
    private readonly Queue<(TimeSpan Time, double Done)> _recent = new();
    private ProgressStep _last;

    /// <summary>What was last reported.</summary>
    public ProgressStep Last
    {
        get
        {
            lock (_guard) return _last;
        }
    }

    /// <summary>Share that is done, 0 to 1; 0 where the total is not known.</summary>
    public double Share => Last is { Total: { } total } last ? total <= 0 ? 1 : last.Done / total : 0;

    public void Report(ProgressStep step)
    {
        lock (_guard)
        {
            _last = step;
            _recent.Enqueue((_now(), step.Done));
            if (_recent.Count > Window) _recent.Dequeue();
        }
    }

    /// <summary>"123 of 500, 2.31 images/s, 00:02:43 left, 3 failed".</summary>
    public string Text()
    {
        lock (_guard)
        {
            var text = new StringBuilder(Done());
            if (_recent.Count > 0)
            {
                var (time, done) = _recent.Peek();
                var (lastTime, _) = _recent.Last();
                double rate = (_last.Done - done) / Math.Max((lastTime - time).TotalSeconds, 1e-3);
                double left = _last.AtMost?.TotalSeconds ?? double.PositiveInfinity;
                if (rate > 0)
                {
                    if (Rate(rate) is { } pace) text.Append(", ").Append(pace);
                    if (_last.Total is { } total) left = Math.Min(left, (total - _last.Done) / rate);
                }
                // Since the last report time has passed, so that a long step counts down.
                if (left < double.PositiveInfinity) text.Append(", ").Append(Time(Math.Max(0, left - (_now() - lastTime).TotalSeconds))).Append(" left");
            }
            if (_last.Remark is { } remark) text.Append(", ").Append(remark);
            return text.ToString();
        }
    }

    private string Done() => (unit, _last.Total) switch
    {
        (ProgressUnit.Share, { } total) => Format($"{100 * _last.Done / Math.Max(total, 1e-9):f0} %"),
        (ProgressUnit.Bytes, { } total) => $"{Printing.Bytes((long)_last.Done)} of {Printing.Bytes((long)total)}",
        (ProgressUnit.Bytes, null) => Printing.Bytes((long)_last.Done),
        (_, { } total) => Format($"{_last.Done:f0} of {total:f0}"),
        _ => Format($"{_last.Done:f0}"),
    };

    private string? Rate(double rate) => unit switch
    {
        ProgressUnit.Images => Format($"{rate:f2} images/s"),
        ProgressUnit.Steps => Format($"{1 / rate:f2} s a step"),
        ProgressUnit.Bytes => $"{Printing.Bytes((long)rate)}/s",
        _ => null,
    };

    private static string Time(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Min(Math.Round(seconds), 9e6));
        return Format($"{(long)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}");
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static Func<TimeSpan> Clock()
    {
        var watch = Stopwatch.StartNew();
        return () => watch.Elapsed;
    }
}
