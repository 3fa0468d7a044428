using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using SemanticSam.Formats;
using SemanticSam.Server.Api;
using SemanticSam.Server.Inference;

namespace SemanticSam.Server.Mcp;

/// <summary>The Model Context Protocol: the same tools over HTTP, behind the same guards, and over standard input and output.</summary>
internal static class McpHosting
{
    public const string Path = "/mcp";

    private const string Instructions =
        "SemanticSam segments images at six levels, from scene to detail, into named wholes and parts. Give an image once (base64, or a path or URL where " +
            "allowed) "
        + "and then by the image_id of the answer: the second question about it is much cheaper. Coordinates are pixels of the upright image. Each answer " +
            "lists "
        + "masks by number and shows them on an overlay; ask for polygons or rle when you need their pixels.";

    /// <summary>Its log lines hold what callers sent, names and paths.</summary>
    public static void KeepQuiet(ILoggingBuilder logging) => logging.AddFilter("ModelContextProtocol", LogLevel.None);

    /// <summary>The tools over HTTP. Each request stands for itself, so nothing is kept for clients that never come back.</summary>
    public static void AddHttp(IServiceCollection services, Evaluate? evaluate) => AddTools(services, evaluate)
        .WithHttpTransport(http => http.Stateless = true);

    public static void Map(IEndpointRouteBuilder app) => app.MapMcp(Path).WithMetadata(new Microsoft.AspNetCore.Routing.ExcludeFromDescriptionAttribute());

    public static IMcpServerBuilder AddTools(IServiceCollection services, Evaluate? evaluate)
    {
        var calls = new McpCalls();
        services.AddSingleton<McpOverlay>().AddSingleton<EvaluationPlace>().AddSingleton(calls);
        services.AddSingleton(s => new WritableFolders(new(s.Of<ServerOptions>().WritableFolders)));
        var builder = services.AddMcpServer(server =>
        {
            server.ServerInfo = new() { Name = "semsam", Title = "SemanticSam", Version = typeof(McpHosting).Assembly.GetName().Version!.ToString(3) };
            server.ServerInstructions = Instructions;
        });
        builder.WithTools<ImageTools>(McpResults.Json).WithTools<ConvertTool>(McpResults.Json);
        if (evaluate is not null)
        {
            services.AddSingleton(evaluate);
            builder.WithTools<EvaluateTool>(McpResults.Json);
        }
        return builder.WithMessageFilters(calls.Attach).WithRequestFilters(filters => filters.AddCallToolFilter(next => (call, cancellation) =>
            Answer(next, call, cancellation)));
    }

    /// <summary>What goes wrong is an answer that an agent can act on, as it is over HTTP.</summary>
    private static async ValueTask<CallToolResult> Answer(McpRequestHandler<CallToolRequestParams, CallToolResult> next,
        RequestContext<CallToolRequestParams> call, CancellationToken cancellation)
    {
        string tool = call.MatchedPrimitive is McpServerTool known ? known.ProtocolTool.Name : "(none)";
        try
        {
            if (call.MatchedPrimitive is McpServerTool { ProtocolTool.InputSchema: var schema })
            {
                McpArguments.DropNulls(schema, call.Params?.Arguments);
                if (McpArguments.Fault(schema, call.Params?.Arguments) is { } fault) throw ApiException.Bad(fault);
            }
            return await next(call, cancellation).ConfigureAwait(false);
        }
        catch (BusyException e)
        {
            return McpResults.Problem("busy", $"{e.Message} Try again in {e.RetryAfter} seconds.");
        }
        catch (Exception e) when (e is JsonException or ArgumentException { InnerException: JsonException } or ArgumentException { ParamName: "arguments" })
        {
            return McpResults.Problem("malformed", "An argument is of the wrong kind, or is missing; the tool's schema says what is expected.");
        }
        catch (Exception e) when (e is AnnotationFileException or FormatException)
        {
            return McpResults.Problem("annotations_unreadable", e.Message);
        }
        catch (Exception e) when (e is not ModelContextProtocol.McpException && !cancellation.IsCancellationRequested) // the protocol's own have their place
        {
            var (_, code, detail) = call.Services!.Of<Problems>().Of(e, "MCP", tool);
            return McpResults.Problem(code, detail);
        }
    }
}
