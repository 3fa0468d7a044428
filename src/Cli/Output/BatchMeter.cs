using System.Diagnostics;
using System.Globalization;
using SemanticSam.Cli.Verbs;
using SemanticSam.Engine.Batch;

namespace SemanticSam.Cli.Output;

/// <summary>Rate and time left of a batch, from its last items: what an earlier run did counts for neither.</summary>
/// <param name="now">The clock; null for a real one.</param>
internal sealed class BatchMeter(Func<TimeSpan>? now = null) : IProgress<BatchProgress>
{
    private const int Window = 100;

    private readonly Func<TimeSpan> _now = now ?? Clock();
    private readonly Lock _guard = new();
    private readonly Queue<(TimeSpan Time, int Through)> _recent = new();

    /// <summary>What was last reported.</summary>
    public BatchProgress Last { get; private set; }

    /// <summary>Told after each report; may be null.</summary>
    public Action? Changed { get; set; }

    public void Report(BatchProgress value)
    {
        lock (_guard)
        {
            Last = value;
            _recent.Enqueue((_now(), value.Through));
            if (_recent.Count > Window) _recent.Dequeue();
        }
        Changed?.Invoke();
    }

    /// <summary>Share that is through, 0 to 1.</summary>
    public double Share => Last.Assigned == 0 ? 1 : Last.Through / (double)Last.Assigned;

    /// <summary>"123 of 500, 2.31 pictures/s, 00:02:43 left, 3 failed".</summary>
    public string Text()
    {
        lock (_guard)
        {
            var text = new System.Text.StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{Last.Through} of {Last.Assigned}"));
            if (_recent.Count > 1)
            {
                var (time, through) = _recent.Peek();
                var (lastTime, _) = _recent.Last();
                double rate = (Last.Through - through) / Math.Max((lastTime - time).TotalSeconds, 1e-3);
                // Since the last report time has passed, so that a long step counts down.
                double left = Math.Max(0, (Last.Assigned - Last.Through) / rate - (_now() - lastTime).TotalSeconds);
                text.Append(CultureInfo.InvariantCulture, $", {rate:f2} pictures/s, {Left(left)} left");
            }
            if (Last.Failed > 0) text.Append(CultureInfo.InvariantCulture, $", {Last.Failed} failed");
            return text.ToString();
        }
    }

    private static string Left(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Min(Math.Round(seconds), 9e6));
        return string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}");
    }

    private static Func<TimeSpan> Clock()
    {
        var watch = Stopwatch.StartNew();
        return () => watch.Elapsed;
    }
}
