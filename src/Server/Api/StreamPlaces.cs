using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace SemanticSam.Server.Api;

/// <summary>How many streams run; each keeps an image in memory for as long as it takes.</summary>
internal sealed class StreamPlaces(ServerOptions options)
{
    private int _taken;

    /// <summary>Takes a place for a request, whose client must be quick enough to take what it asked for.</summary>
    /// <exception cref="Inference.BusyException">All are taken.</exception>
    public IDisposable Take(HttpContext context)
    {
        var place = Take();
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate) rate.MinDataRate = new(options.StreamRate, options.Patience);
        return place;
    }

    /// <summary>Takes a place until it is disposed.</summary>
    /// <exception cref="Inference.BusyException">All are taken.</exception>
    public IDisposable Take()
    {
        if (Interlocked.Increment(ref _taken) <= options.MaxStreams) return new Place(this);
        Interlocked.Decrement(ref _taken);
        throw new Inference.BusyException(5);
    }

    private sealed class Place(StreamPlaces places) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref places._taken);
    }
}
