using System.Net;
using SemanticSam.Cli.Requests;

namespace SemanticSam.Cli.Running;

/// <summary>Asks a running server whether it is ready; for health checks where there is neither a shell nor another program.</summary>
internal static class ReadinessCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    public static async Task<int> Run(Uri ready, Streams streams, CancellationToken cancellation)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Patience };
        try
        {
            using var answer = await client.GetAsync(ready, cancellation);
            if (answer.StatusCode == HttpStatusCode.OK) return ExitCodes.Ok;
            await streams.Error.WriteLineAsync($"semsam: the server at {ready.Authority} is not ready: it answers {(int)answer.StatusCode}.");
        }
        catch (Exception e) when (e is HttpRequestException || e is OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            await streams.Error.WriteLineAsync($"semsam: no server answers at {ready.Authority}.");
        }
        return ExitCodes.Failed;
    }
}
