using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace SemanticSam.Server.Api;

/// <summary>The description of the interface at /api/v1/openapi.json, with an example for every request.</summary>
internal static class OpenApiDocument
{
    private static readonly Dictionary<string, string> Examples = new()
    {
        ["/images"] = """{"base64": "data:image/jpeg;base64,/9j/4AAQ..."}""",
        ["/segment"] =
            """{"image": {"id": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}, "prompts": [{"points": [[320, 240, 1], [100, 80, 0]]}, {"names": ["car", "wheel of a car"]}], "include": ["polygons"]}""",
        ["/parts"] = """{"image": {"id": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}, "prompt": {"points": [[320, 240]]}}""",
        ["/whole"] = """{"image": {"id": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}, "prompt": {"box": [10, 20, 300, 200]}}""",
        ["/everything"] =
            """{"image": {"id": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}, "levels": ["whole", "part"], "points_per_side": 16}""",
        ["/batch"] =
            """{"images": [{"id": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}, {"url": "https://images.example.org/a.jpg"}], "prompts": [{"names": ["person"]}]}""",
    };

    public static void Add(IServiceCollection services) => services.AddOpenApi("v1", open =>
    {
        open.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new() { Title = "SemanticSam", Version = "v1",
                Description = "Images and prompts in, masks of wholes and parts at six levels out." };
            document.Components ??= new();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                ["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "Where the server has keys." },
            };
            document.Servers = []; // wherever it was fetched from
            return Task.CompletedTask;
        });
        open.AddOperationTransformer((operation, context, _) =>
        {
            string path = "/" + context.Description.RelativePath?.Split('/')[^1];
            if (operation.RequestBody?.Content is { } content && Examples.TryGetValue(path, out string? example))
                foreach (var (type, media) in content)
                    if (type == "application/json" && media is OpenApiMediaType described) described.Example = JsonNode.Parse(example);
            return Task.CompletedTask;
        });
    });

    public static void Map(IEndpointRouteBuilder app) => app.MapOpenApi(Routes.Root + "/openapi.json");

    /// <summary>For tests: every example by its route.</summary>
    internal static IReadOnlyDictionary<string, string> AllExamples => Examples;
}
