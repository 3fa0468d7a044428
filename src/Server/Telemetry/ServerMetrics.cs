using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SemanticSam.Server.Telemetry;

/// <summary>What takes time.</summary>
internal enum Step
{
    /// <summary>From a file's bytes to pixels.</summary>
    Read,

    /// <summary>The model's encoder.</summary>
    Encode,

    /// <summary>The model's decoder, one batch of prompts.</summary>
    Decode,
}

/// <summary>The numbers and spans of a server, under the name that OpenTelemetry collects: <see cref="Name"/>. docs/server.md lists them.</summary>
internal sealed class ServerMetrics : IDisposable
{
    public const string Name = "SemanticSam.Server";

    private readonly Meter _meter;
    private readonly ActivitySource _source = new(Name);
    private readonly Histogram<double> _wait, _steps;
    private readonly Histogram<int> _batch;
    private readonly Counter<long> _lookups, _evictions, _abandoned, _refused;

    public ServerMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(Name);
        _wait = _meter.CreateHistogram<double>("semsam.queue.wait", "s", "Time that a request waited for the model.");
        _steps = _meter.CreateHistogram<double>("semsam.step.duration", "s", "Time of a step: read, encode, decode.");
        _batch = _meter.CreateHistogram<int>("semsam.decode.prompts", "{prompt}", "Prompts that went through the decoder together.");
        _lookups = _meter.CreateCounter<long>("semsam.cache.lookups", "{lookup}", "Encoded images looked up, by result: hit or miss.");
        _evictions = _meter.CreateCounter<long>("semsam.cache.evictions", "{image}", "Encoded images that made room for others.");
        _abandoned = _meter.CreateCounter<long>("semsam.requests.abandoned", "{request}", "Requests that were not computed, since the client gave up.");
        _refused = _meter.CreateCounter<long>("semsam.requests.refused", "{request}", "Requests that were refused, by reason.");
    }

    /// <summary>What is asked for when somebody looks.</summary>
    public void Observe(Func<int> queue, Func<long> cacheBytes, Func<int> cacheImages)
    {
        _meter.CreateObservableGauge("semsam.queue.length", queue, "{request}", "Requests that wait for the model.");
        _meter.CreateObservableGauge("semsam.cache.size", cacheBytes, "By", "Bytes of encoded images.");
        _meter.CreateObservableGauge("semsam.cache.images", cacheImages, "{image}", "Encoded images.");
    }

    public void Waited(TimeSpan time, ActivityContext parent)
    {
        _wait.Record(time.TotalSeconds);
        using var span = _source.StartActivity("queue", ActivityKind.Internal, parent, startTime: DateTimeOffset.UtcNow - time);
    }

    /// <summary>Does a step and notes how long it took.</summary>
    public T Timed<T>(Step step, ActivityContext parent, Func<T> run)
    {
        string name = step.ToString().ToLowerInvariant();
        using var span = _source.StartActivity(name, ActivityKind.Internal, parent);
        long start = Stopwatch.GetTimestamp();
        T result = run();
        _steps.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, new KeyValuePair<string, object?>("step", name));
        return result;
    }

    public void Batched(int prompts) => _batch.Record(prompts);

    public void Looked(bool hit) => _lookups.Add(1, new KeyValuePair<string, object?>("result", hit ? "hit" : "miss"));

    public void Evicted() => _evictions.Add(1);

    public void Abandoned() => _abandoned.Add(1);

    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Dispose() => _source.Dispose(); // the factory owns the meter
}
