using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SemanticSam.Engine;
using SemanticSam.Server.Adapters;
using SemanticSam.Server.Api;
using SemanticSam.Server.Guards;
using SemanticSam.Server.Images;
using SemanticSam.Server.Inference;
using SemanticSam.Server.Mcp;
using SemanticSam.Server.Page;
using SemanticSam.Server.Telemetry;

namespace SemanticSam.Server;

/// <summary>Puts the server together. Nothing is read from the environment or from files beside it: what is open is what the options say.</summary>
internal static class Hosting
{
    /// <summary>Connections at once, of all callers and of one address: more than any tool opens, and few enough for others to get in.</summary>
    public const int MostConnections = 1024, MostConnectionsOfOne = 256;

    public static WebApplication Build(Func<SegmentationModel> model, ServerOptions options, Action<ILoggingBuilder>? logging, Evaluate? evaluate)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>(); // signals are the program's own business
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.StoppingTime);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // Its scopes carry the path of every request, which may hold what a client made up.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // Kestrel's own words on malformed requests repeat what a client sent; the answer says enough.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.None);
        logging?.Invoke(builder.Logging);
        McpHosting.KeepQuiet(builder.Logging);
        AddServices(builder.Services, model, options);
        McpHosting.AddHttp(builder.Services, evaluate);
        AllAdapters.Add(builder.Services);
        OpenTelemetryExport.Add(builder.Services);
        OpenApiDocument.Add(builder.Services);
        var app = builder.Build();
        UseGuards(app, options);
        app.Services.Of<Routes>().Map(app);
        HealthRoutes.Map(app, app.Services.Of<InferenceWorker>());
        AllAdapters.Map(app);
        McpHosting.Map(app);
        OpenApiDocument.Map(app);
        if (options.Page) new PageFiles().Map(app);
        return app;
    }

    private static void AddServices(IServiceCollection services, Func<SegmentationModel> model, ServerOptions options)
    {
        services.AddRoutingCore().AddCors();
        services.ConfigureHttpJsonOptions(json => Json.Set(json.SerializerOptions));
        AddEngine(services, model, options);
        services.AddSingleton<Routes>();
        services.AddSingleton(s => new ConnectionGuard(MostConnectionsOfOne, s.Of<ServerMetrics>()));
        services.AddSingleton<AddressGuard>().AddSingleton<KeyGuard>().AddSingleton<RateGuard>().AddSingleton<BodyGuard>().AddSingleton<RequestLog>();
    }

    /// <summary>What answers, however it is asked: over HTTP or over standard input.</summary>
    public static void AddEngine(IServiceCollection services, Func<SegmentationModel> model, ServerOptions options)
    {
        services.AddMetrics().AddSingleton(options).AddSingleton<ServerMetrics>().AddSingleton<ImageIntake>().AddSingleton<StreamPlaces>();
        services.AddSingleton(s => new SessionCache(options.CacheBytes, s.Of<ServerMetrics>()));
        services.AddSingleton(s => new InferenceWorker(model, options.WarmsUp ? WarmUp.Steps : null, options.QueueCapacity, s.Of<SessionCache>(),
            s.Of<ServerMetrics>(), s.Of<ILogger<InferenceWorker>>()));
        services.AddSingleton<EngineCalls>().AddSingleton<Problems>().AddSingleton<RequestReading>();
        services.AddSingleton(new NamedFolders(options.Folders));
        services.AddSingleton(_ => new UrlImages(options.UrlHosts));
    }

    /// <summary>The order is the order of cost: what is refused for less is refused first, and nothing is read before all have agreed.</summary>
    private static void UseGuards(WebApplication app, ServerOptions options)
    {
        Use(app, HeadRequests.Route);
        app.UseRouting(); // before the rest, so that logs name routes
        Use(app, HeadRequests.Restore);
        Use(app, app.Services.Of<RequestLog>().Note);
        Use(app, app.Services.Of<Problems>().Catch);
        Use(app, PageHeaders.Add);
        Use(app, app.Services.Of<AddressGuard>().Check);
        if (options.Origins.Count > 0)
            app.UseCors(cors => cors.WithOrigins([.. options.Origins]).WithMethods("GET", "POST").WithHeaders("Content-Type", "Authorization", "X-Api-Key")
                .WithExposedHeaders("Retry-After"));
        Use(app, app.Services.Of<RateGuard>().Check);
        Use(app, app.Services.Of<KeyGuard>().Check);
        Use(app, app.Services.Of<BodyGuard>().Check);

        static void Use(WebApplication app, Func<HttpContext, RequestDelegate, Task> step) => app.Use(step);
    }

    private static void Listen(KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = options.MaxBodyBytes;
        limits.MaxConcurrentConnections = MostConnections;
        limits.MaxRequestHeadersTotalSize = 16 << 10;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        limits.MinRequestBodyDataRate = new(bytesPerSecond: 4096, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new(bytesPerSecond: 16 << 10, gracePeriod: options.Patience);
        var guard = kestrel.ApplicationServices.Of<ConnectionGuard>();
        kestrel.Listen(options.Address, options.Port, listen => listen.Use(guard.Check));
    }

    /// <summary>Leaves Ctrl-C to the program.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
