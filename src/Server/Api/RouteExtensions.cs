using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace SemanticSam.Server.Api;

internal static class RouteExtensions
{
    /// <summary>What every question answers, for the OpenAPI description.</summary>
    public static RouteHandlerBuilder Describe<T>(this RouteHandlerBuilder route, string summary) => route.WithSummary(summary).Produces<T>()
        .Produces<ProblemResponse>(400, "application/problem+json").Produces<ProblemResponse>(401, "application/problem+json")
        .Produces<ProblemResponse>(404, "application/problem+json").Produces<ProblemResponse>(413, "application/problem+json")
        .Produces<ProblemResponse>(422, "application/problem+json").Produces<ProblemResponse>(429, "application/problem+json");

    public static async Task WriteJson(this HttpContext context, JsonNode json)
    {
        byte[] utf8 = Answers.Utf8(json);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = utf8.Length;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(utf8, context.RequestAborted).ConfigureAwait(false);
    }

    public static T Of<T>(this IServiceProvider services) where T : notnull => services.GetRequiredService<T>();
}
