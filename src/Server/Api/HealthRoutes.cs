using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SemanticSam.Server.Inference;

namespace SemanticSam.Server.Api;

/// <summary>/healthz: the process answers. /readyz: the model is loaded and there is room in the queue.</summary>
internal static class HealthRoutes
{
    public static void Map(IEndpointRouteBuilder app, InferenceWorker worker)
    {
        app.MapGet("/healthz", () => Results.Text("ok\n")).WithSummary("The process answers.");
        app.MapGet("/readyz", () =>
        {
            string? missing = worker.Model.IsFaulted ? "the model could not be loaded" : !worker.Model.IsCompleted ? "the model is being loaded"
                : worker.IsFull ? "the queue is full" : null;
            return Results.Text((missing ?? "ready") + "\n", statusCode: missing is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }).WithSummary("The model is loaded and there is room in the queue.");
    }
}
