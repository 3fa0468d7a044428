using System.Collections.Concurrent;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace SemanticSam.Server.Page;

/// <summary>The page's files, out of the assembly.</summary>
internal sealed class PageFiles
{
    private const string Prefix = "page/";

#if DEBUG
    /// <summary>For whoever works on the page: its folder in the sources, read anew for every request. A release reads nothing of the environment.</summary>
    private static readonly string? Folder =
        Environment.GetEnvironmentVariable("SEMSAM_PAGE_FOLDER") is { Length: > 0 } folder ? Path.GetFullPath(folder) + Path.DirectorySeparatorChar : null;
#else
    private static string? Folder => null;
#endif

    private static readonly Dictionary<string, string> Types = new()
    {
        [".html"] = "text/html; charset=utf-8", [".js"] = "text/javascript; charset=utf-8", [".css"] = "text/css; charset=utf-8", [".svg"] = "image/svg+xml",
        [".png"] = "image/png", [".jpg"] = "image/jpeg", [".webp"] = "image/webp", [".json"] = "application/json",
            [".webmanifest"] = "application/manifest+json",
    };

    /// <summary>Names of resources by the names of their files; separators are those of the system that built the assembly.</summary>
    private static readonly Dictionary<string, string> Resources = typeof(PageFiles).Assembly.GetManifestResourceNames()
        .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).ToDictionary(n => n[Prefix.Length..].Replace('\\', '/'));

    private readonly ConcurrentDictionary<string, (byte[] Content, string Tag)> _read = new();

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/", context => Send(context, "index.html")).ExcludeFromDescription();
        app.MapGet("/page/{**name}", context => Send(context, (string?)context.Request.RouteValues["name"] ?? "")).ExcludeFromDescription();
    }

    private async Task Send(HttpContext context, string name)
    {
        if (Find(name) is not var (content, tag))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        context.Response.Headers.CacheControl = "no-cache"; // asked for each time, and answered 304 unless the program is another one
        context.Response.Headers.ETag = tag;
        if (HasAlready(context.Request, tag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        context.Response.ContentType = Types.GetValueOrDefault(Path.GetExtension(name), "application/octet-stream");
        context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(content, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Whether the client has this very file: tags are compared weakly (RFC 9110), since a proxy that compresses makes them weak.</summary>
    private static bool HasAlready(HttpRequest request, string tag)
    {
        var own = new EntityTagHeaderValue(tag);
        return request.GetTypedHeaders().IfNoneMatch.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Compare(own, useStrongComparison: false));
    }

    private (byte[] Content, string Tag)? Find(string name)
    {
        if (!Resources.ContainsKey(name) && Folder is null) return null;
        if (Folder is not null)
        {
            string path = Path.GetFullPath(name, Folder);
            return path.StartsWith(Folder, StringComparison.Ordinal) && File.Exists(path) ? Tagged(File.ReadAllBytes(path)) : null;
        }
        return _read.GetOrAdd(name, n =>
        {
            using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resources[n])!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return Tagged(content);
        });
    }

    private static (byte[] Content, string Tag) Tagged(byte[] content) =>
        (content, new EntityTagHeaderValue($"\"{Convert.ToHexString(SHA256.HashData(content)[..12])}\"").ToString());
}
