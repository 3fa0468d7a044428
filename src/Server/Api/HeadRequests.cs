using Microsoft.AspNetCore.Http;

namespace SemanticSam.Server.Api;

/// <summary>HEAD is answered wherever GET is (RFC 9110), since monitors and load balancers ask so: it finds GET's route, and Kestrel sends no body.</summary>
internal static class HeadRequests
{
    private static readonly object Asked = new();

    /// <summary>Before routing.</summary>
    public static Task Route(HttpContext context, RequestDelegate next)
    {
        if (!HttpMethods.IsHead(context.Request.Method)) return next(context);
        context.Items[Asked] = context.Request.Method;
        context.Request.Method = HttpMethods.Get;
        return next(context);
    }

    /// <summary>After routing: guards and the log see what was asked.</summary>
    public static Task Restore(HttpContext context, RequestDelegate next)
    {
        if (context.Items.TryGetValue(Asked, out object? method)) context.Request.Method = (string)method!;
        return next(context);
    }
}
