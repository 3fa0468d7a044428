using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using SemanticSam.Engine;
using SemanticSam.Foundation;
using SemanticSam.Imaging;
using SemanticSam.Server.Adapters;
using SemanticSam.Server.Images;
using SemanticSam.Server.Inference;
using SemanticSam.Server.Telemetry;

namespace SemanticSam.Server.Api;

/// <summary>Whatever goes wrong becomes an answer that says what is wrong and what is allowed (RFC 9457), and never where in the program.</summary>
internal sealed class Problems(ServerMetrics metrics, ILogger<Problems> logger)
{
    public async Task Catch(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context).ConfigureAwait(false);
            await Explain(context).ConfigureAwait(false);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested
            && e is OperationCanceledException or IOException or ConnectionResetException or BadHttpRequestException)
        {
            // Nobody reads it; the log does. Of a stream the status is sent.
            if (!context.Response.HasStarted) context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        catch (Exception e)
        {
            if (context.Response.HasStarted)
            {
                logger.Failed(e, context.Request.Method, Route(context));
                context.Abort();
                return;
            }
            await Write(context, e).ConfigureAwait(false);
        }
    }

    /// <summary>A status that routing gave says its reason, too.</summary>
    private static Task Explain(HttpContext context) => context.Response switch
    {
        { HasStarted: true } or { ContentType: not null } => Task.CompletedTask,
        { StatusCode: StatusCodes.Status404NotFound } =>
            Write(context, 404, "path_unknown", "There is nothing at that address; docs/server.md lists what there is."),
        { StatusCode: StatusCodes.Status405MethodNotAllowed } =>
            Write(context, 405, "method_refused", "That address takes other methods; 'Allow' lists them."),
        { StatusCode: StatusCodes.Status415UnsupportedMediaType } => Write(context, 415, "content_type_refused", Types(context)),
        _ => Task.CompletedTask,
    };

    /// <summary>What may be sent to a route; programs that send files name another type by themselves, curl one of forms.</summary>
    private static string Types(HttpContext context)
    {
        string? given = context.Request.ContentType;
        string types = string.Join(", ", Accepted(context));
        return $"The header 'Content-Type' is {(given is null ? "missing" : $"'{MessageText.OneLine(MessageText.Cut(given))}'")}; this address takes {types}.";
    }

    /// <summary>Routing answers from an endpoint of its own, which names none of them: the route is looked up by its path.</summary>
    private static IEnumerable<string> Accepted(HttpContext context) => context.RequestServices.Of<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(e => "/" + e.RoutePattern.RawText?.TrimStart('/') == context.Request.Path.Value)
        .SelectMany(e => e.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes ?? []).Distinct().DefaultIfEmpty("application/json");

    /// <summary>The problem that an exception is.</summary>
    public (int Status, string Code, string Detail) Of(Exception e, HttpContext context) => Of(e, context.Request.Method, Route(context));

    /// <summary>The problem that an exception is.</summary>
    /// <param name="e">The exception.</param>
    /// <param name="method">How it was asked; for the log.</param>
    /// <param name="route">What was asked; for the log.</param>
    public (int Status, string Code, string Detail) Of(Exception e, string method, string route)
    {
        switch (e)
        {
            case ApiException api: return (api.Status, api.Code, api.Message);
            case BusyException: return (StatusCodes.Status429TooManyRequests, "busy", e.Message);
            case ImageUnknownException: return (StatusCodes.Status404NotFound, "image_unknown", e.Message);
            case LogitsUnknownException: return (StatusCodes.Status409Conflict, "logits_unknown", e.Message);
            case ModelUnavailableException: return (StatusCodes.Status503ServiceUnavailable, "model_unavailable",
                "The model could not be loaded; the server's log says why.");
            case RefusedException refused: return (StatusCodes.Status403Forbidden, refused.Code, refused.Message);
            case PromptException prompt: return (StatusCodes.Status422UnprocessableEntity, prompt.Code, prompt.Message);
            case ImageException { Error: ImageError.TooLarge } large: return (StatusCodes.Status413PayloadTooLarge, large.Code, large.Message);
            case ImageException image: return (StatusCodes.Status422UnprocessableEntity, image.Code, image.Message);
            case BadHttpRequestException bad: return (bad.StatusCode, bad.StatusCode == 413 ? "body_too_large" : "malformed", bad.StatusCode == 413
                ? "The body is larger than this server takes." : bad.Message);
            case ArgumentException argument and not ArgumentNullException: return (StatusCodes.Status422UnprocessableEntity, "option_out_of_range",
                Option(argument));
            // What MultipartReader says of forms that are none.
            case InvalidDataException or IOException: return (StatusCodes.Status400BadRequest, "malformed",
                "The body cannot be read: it ends early, or is no form.");
            case OperationCanceledException: return (StatusCodes.Status503ServiceUnavailable, "stopping", "The server is stopping.");
            default:
                logger.Failed(e, method, route);
                return (StatusCodes.Status500InternalServerError, "internal", "The server failed unexpectedly; its log says how.");
        }
    }

    /// <summary>Which option is out of range, by the name that a request has for it, and what is allowed.</summary>
    private static string Option(ArgumentException e) => e.ParamName switch
    {
        nameof(EverythingOptions.PredictedIouThreshold) => $"pred_iou_thresh: {MessageText.OfArgument(e)}",
        nameof(EverythingOptions.StabilityThreshold) => $"stability_score_thresh: {MessageText.OfArgument(e)}",
        _ => MessageText.OfArgument(e, entry: true),
    };

    public async Task Write(HttpContext context, Exception e)
    {
        var (status, code, detail) = Of(e, context);
        context.Response.Clear();
        if (e is BusyException busy) context.Response.Headers.RetryAfter = busy.RetryAfter.ToString(System.Globalization.CultureInfo.InvariantCulture);
        metrics.Refused(code);
        await Write(context, status, code, detail).ConfigureAwait(false);
    }

    public static Task Write(HttpContext context, int status, string code, string detail)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        var problem = new ProblemResponse("about:blank", Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status), status, code, detail)
        {
            Error = context.GetEndpoint()?.Metadata.GetMetadata<ForeignRoute>() is null ? null : detail,
        };
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(problem, Json.Options)).AsTask();
    }

    /// <summary>The route's pattern: a path may hold what a client made up.</summary>
    public static string Route(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(none)";
}
