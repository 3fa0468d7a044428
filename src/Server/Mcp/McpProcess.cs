using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Server;
using SemanticSam.Engine;
using SemanticSam.Server.Api;
using SemanticSam.Server.Inference;

namespace SemanticSam.Server.Mcp;

/// <summary>The tools over a pair of streams: whoever started the program is the only caller, and no port is opened.</summary>
internal static class McpProcess
{
    /// <summary>Serves until the input ends or it is told to stop, then finishes what was taken on.</summary>
    /// <param name="model">Loads the model, on the thread that will compute; it is disposed of.</param>
    /// <param name="options">Limits and folders; what concerns HTTP has no meaning here.</param>
    /// <param name="evaluate">Measures a model; null to offer no such tool.</param>
    /// <param name="input">One message a line.</param>
    /// <param name="output">Nothing but messages, one a line.</param>
    /// <param name="logging">Where logs go; null for nowhere. Never to <paramref name="output"/>.</param>
    /// <param name="cancellation">Stops it, as the end of the input does.</param>
    /// <exception cref="ServerException">The options are out of range, or a message is longer than they allow.</exception>
    public static async Task Run(Func<SegmentationModel> model, ServerOptions options, Evaluate? evaluate, Stream input, Stream output,
        Action<ILoggingBuilder>? logging, CancellationToken cancellation)
    {
        options.Validate();
        var services = new ServiceCollection();
        services.AddLogging(builder =>
        {
            McpHosting.KeepQuiet(builder);
            logging?.Invoke(builder);
        });
        Hosting.AddEngine(services, model, options);
        McpHosting.AddTools(services, evaluate);
        await using var provider = services.BuildServiceProvider();
        var worker = provider.Of<InferenceWorker>();
        worker.Start();
        // Base64 is a third longer than what it stands for; the rest of a message is small.
        var bounded = new LineLimitStream(new EndableInput(input, provider.Of<McpCalls>(), options.StoppingTime, cancellation),
            options.MaxBodyBytes / 3 * 4 + (1 << 20));
        try
        {
            await using var transport = new StreamServerTransport(bounded, output, "semsam", null);
            await using var server = McpServer.Create(transport, provider.Of<IOptions<McpServerOptions>>().Value, provider.Of<ILoggerFactory>(), provider);
            var running = server.RunAsync(CancellationToken.None); // it ends with the input
            // A model that cannot be loaded ends the program, as it does in front of HTTP.
            if (await Task.WhenAny(running, worker.Model).ConfigureAwait(false) == worker.Model) await worker.Model.ConfigureAwait(false);
            await running.ConfigureAwait(false);
        }
        finally
        {
            await provider.Of<EvaluationPlace>().StopAsync().ConfigureAwait(false);
            await worker.StopAsync().ConfigureAwait(false);
        }
        if (bounded.Exceeded) throw new ServerException($"A message is longer than {bounded.Longest} bytes, which an image of the largest size would take.");
    }
}
