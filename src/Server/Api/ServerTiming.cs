using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using SemanticSam.Server.Inference;

namespace SemanticSam.Server.Api;

/// <summary>Where the time of an answer went, in milliseconds, for its Server-Timing header, which browsers show beside their own times.</summary>
internal sealed class ServerTiming
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _read;

    /// <summary>The question has been read.</summary>
    public void Read() => _read = Stopwatch.GetElapsedTime(_start);

    /// <summary>
    /// The answer is about to be sent: after reading the question, waiting for the worker, its work (encoding included), waiting for a thread to go on with
    /// the request, and writing the JSON.
    /// </summary>
    public void Tell<T>(HttpResponse response, Answered<T> answer)
    {
        var resume = answer.Total - answer.Wait - answer.Compute;
        var write = Stopwatch.GetElapsedTime(_start) - _read - answer.Total;
        response.Headers["Server-Timing"] = string.Join(", ",
            Part("read", _read), Part("wait", answer.Wait), Part("compute", answer.Compute), Part("resume", resume), Part("write", write));
    }

    private static string Part(string name, TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{name};dur={time.TotalMilliseconds:0.0}");
}
