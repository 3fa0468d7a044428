using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using SemanticSam.Server.Api;
using SemanticSam.Server.Telemetry;

namespace SemanticSam.Server.Guards;

/// <summary>
/// So many requests a second for each key and each address. A wrong key counts on the address that sent it, so guessing keys is slow, and no guess can
/// open a bucket of its own.
/// </summary>
internal sealed class RateGuard(ServerOptions options, KeyGuard keys, ServerMetrics metrics) : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _limiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
        RateLimitPartition.GetTokenBucketLimiter(Caller(context, keys), _ => new()
        {
            TokenLimit = options.RequestsPerSecond * 2, TokensPerPeriod = Refill(options.RequestsPerSecond).Tokens,
            ReplenishmentPeriod = Refill(options.RequestsPerSecond).Period, QueueLimit = 0,
        }));

    public async Task Check(HttpContext context, RequestDelegate next)
    {
        using var lease = _limiter.AttemptAcquire(context);
        if (lease.IsAcquired)
        {
            await next(context).ConfigureAwait(false);
            return;
        }
        metrics.Refused("rate");
        int seconds = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 1;
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        await Problems.Write(context, StatusCodes.Status429TooManyRequests, "too_fast", $"At most {options.RequestsPerSecond} requests a second are taken.")
            .ConfigureAwait(false);
    }

    /// <summary>Whole requests that are given back at a time, about ten times a second, and after how long: together the rate, whatever it is.</summary>
    internal static (int Tokens, TimeSpan Period) Refill(int requestsPerSecond)
    {
        int tokens = Math.Max(1, requestsPerSecond / 10);
        return (tokens, TimeSpan.FromSeconds((double)tokens / requestsPerSecond));
    }

    private static string Caller(HttpContext context, KeyGuard keys)
    {
        string address = context.Connection.RemoteIpAddress?.ToString() ?? "";
        return KeyGuard.Given(context.Request) is { } key && keys.IsKnown(key) ? "key "
            + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key))) : address;
    }

    public void Dispose() => _limiter.Dispose();
}
