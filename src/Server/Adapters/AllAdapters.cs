using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using SemanticSam.Server.Adapters.LabelStudio;
using SemanticSam.Server.Api;

namespace SemanticSam.Server.Adapters;

/// <summary>The interfaces of other programs that this server speaks; docs/tools.md tells how each is connected.</summary>
internal static class AllAdapters
{
    public static void Add(IServiceCollection services) => services.AddSingleton<Adapter>().AddSingleton<TaskImages>().AddSingleton<LabelStudioBackend>()
        .AddSingleton<CvatFunctions>()
        .AddSingleton<XAnyLabeling>().AddSingleton<RoboflowInference>().AddSingleton<SamApi>().AddSingleton<Osam>().AddSingleton<KServe>();

    public static void Map(IEndpointRouteBuilder app)
    {
        app.ServiceProvider.Of<LabelStudioBackend>().Map(app);
        app.ServiceProvider.Of<CvatFunctions>().Map(app);
        app.ServiceProvider.Of<XAnyLabeling>().Map(app);
        app.ServiceProvider.Of<RoboflowInference>().Map(app);
        app.ServiceProvider.Of<SamApi>().Map(app);
        app.ServiceProvider.Of<Osam>().Map(app);
        app.ServiceProvider.Of<KServe>().Map(app);
    }
}
