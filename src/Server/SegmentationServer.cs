using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Logging;
using SemanticSam.Engine;
using SemanticSam.Server.Api;
using SemanticSam.Server.Inference;
using SemanticSam.Server.Mcp;
using SemanticSam.Server.Telemetry;

namespace SemanticSam.Server;

/// <summary>
/// A model behind HTTP: images and prompts in, masks out, with a page to see it work. docs/server.md describes the interface and what it is safe against.
/// </summary>
public sealed class SegmentationServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly InferenceWorker _worker;

    private SegmentationServer(WebApplication app)
    {
        _app = app;
        _worker = app.Services.Of<InferenceWorker>();
    }

    /// <summary>Addresses at which it listens, such as http://127.0.0.1:8420.</summary>
    public IReadOnlyList<string> Addresses => [.. _app.Services.Of<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];

    /// <summary>What it is made of, for tests.</summary>
    internal IServiceProvider Services => _app.Services;

    /// <summary>Completes when the model is loaded; fails where it cannot be, with what <see cref="SegmentationModel"/> throws.</summary>
    public Task Ready => _worker.Model;

    /// <summary>Starts to listen, and to load the model; requests wait for it.</summary>
    /// <param name="model">Loads the model, on the thread that will compute. The server disposes of it.</param>
    /// <param name="options">How to listen; null for this machine alone.</param>
    /// <param name="logging">Where logs go; null for nowhere.</param>
    /// <param name="cancellation">Stops waiting for the start.</param>
    /// <exception cref="Foundation.SemanticSamException">The options are out of range or unsafe, or the port is taken.</exception>
    public static Task<SegmentationServer> StartAsync(Func<SegmentationModel> model, ServerOptions? options = null,
        Action<ILoggingBuilder>? logging = null, CancellationToken cancellation = default) => StartAsync(model, options, logging, null, cancellation);

    /// <summary>The same with what measures a model, which stands above this library and becomes a tool of MCP.</summary>
    internal static async Task<SegmentationServer> StartAsync(Func<SegmentationModel> model, ServerOptions? options, Action<ILoggingBuilder>? logging,
        Evaluate? evaluate, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new();
        options.Validate();
        var app = Hosting.Build(model, options, logging, evaluate);
        try
        {
            await app.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw new ServerException($"Port {options.Port} of {options.Address} cannot be listened on: {e.Message} Take another port, or 0 for a free one.",
                e);
        }
        var server = new SegmentationServer(app);
        server._worker.Start();
        foreach (string address in server.Addresses) app.Logger.Listening(address);
        return server;
    }

    /// <summary>Takes nothing on any more, finishes what was taken on, and lets go of the model.</summary>
    /// <param name="cancellation">Stops waiting for requests; what is being computed is still waited for.</param>
    public async Task StopAsync(CancellationToken cancellation = default)
    {
        _app.Logger.Stopping();
        await _app.StopAsync(cancellation).ConfigureAwait(false);
        await _app.Services.Of<EvaluationPlace>().StopAsync().ConfigureAwait(false);
        await _worker.StopAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }
}
