using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace SemanticSam.Server.Telemetry;

/// <summary>Sends metrics and traces to a collector where OpenTelemetry's own variable names one, and else does nothing.</summary>
internal static class OpenTelemetryExport
{
    public static void Add(IServiceCollection services)
    {
        if (Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is null or "") return;
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("semsam"))
            .WithMetrics(metrics => metrics.AddMeter(ServerMetrics.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel",
                "System.Runtime").AddOtlpExporter())
            .WithTracing(traces => traces.AddSource(ServerMetrics.Name, "Microsoft.AspNetCore").AddOtlpExporter());
    }
}
