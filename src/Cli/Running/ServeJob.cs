using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using SemanticSam.Cli.Requests;
using SemanticSam.Server;

namespace SemanticSam.Cli.Running;

/// <summary>Runs a server until it is told to stop. The server's library is used by the jobs alone, and loaded with them.</summary>
internal static class ServeJob
{
    public static async Task<int> Run(ServeRequest request, Streams streams, CancellationToken cancellation)
    {
        var options = Options(request);
        await using var server = await Start(request, options, cancellation);
        if (!request.Quiet)
            foreach (string address in server.Addresses)
                await streams.Output.WriteLineAsync($"semsam: {(request.Page ? "open" : "listening at")} " +
                    $"{address}{(IPAddress.IsLoopback(request.Address) ? "" : " (with a key)")}; Ctrl-C stops");
        await streams.Output.FlushAsync(CancellationToken.None);
        try
        {
            await server.Ready.WaitAsync(cancellation); // a model that cannot be loaded ends the program
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        catch (OperationCanceledException)
        {
            // Stopped as asked; leaving the scope finishes what was taken on.
        }
        return ExitCodes.Ok;
    }

    /// <summary>The request in the library's terms.</summary>
    public static ServerOptions Options(ServeRequest request)
    {
        var defaults = new ServerOptions();
        return new()
        {
            Address = request.Address,
            Port = request.Port,
            ApiKeys = request.ApiKeys,
            HostNames = request.HostNames,
            Origins = request.Origins,
            UrlHosts = request.UrlHosts,
            Folders = request.Folders,
            WritableFolders = request.WritableFolders,
            QueueCapacity = request.QueueCapacity ?? defaults.QueueCapacity,
            CacheBytes = request.CacheMegabytes is { } cache ? (long)cache << 20 : defaults.CacheBytes,
            MaxBodyBytes = request.BodyMegabytes is { } body ? (long)body << 20 : defaults.MaxBodyBytes,
            MaxPixels = request.Megapixels is { } pixels ? pixels * 1_000_000L : defaults.MaxPixels,
            RequestsPerSecond = request.RequestsPerSecond ?? defaults.RequestsPerSecond,
            Page = request.Page,
        };
    }

    private static async Task<SegmentationServer> Start(ServeRequest request, ServerOptions options, CancellationToken cancellation)
    {
        try
        {
            return await SegmentationServer.StartAsync(request.Model.Open, options, request.Quiet ? null : Log, ServedEvaluation.Run, cancellation);
        }
        catch (ServerException e)
        {
            string hint = options.ApiKeys.Count == 0 && !IPAddress.IsLoopback(options.Address) ? " SEMSAM_API_KEY or --key-file gives the key." : "";
            throw new UsageException(e.Message + hint);
        }
    }

    /// <summary>To standard error, an object a line: programs read these logs.</summary>
    public static void Log(ILoggingBuilder logging) => logging.AddJsonConsole(console => console.UseUtcTimestamp = true)
        .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
}
