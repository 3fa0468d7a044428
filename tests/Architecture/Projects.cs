using System.Reflection;

namespace SemanticSam.Tests.Architecture;

/// <summary>The projects of this repository as the tests see them.</summary>
internal static class Projects
{
    /// <summary>Each project with those it may refer to directly; what these refer to, it may, too.</summary>
    public static IReadOnlyDictionary<string, string[]> Arrows { get; } = new Dictionary<string, string[]>
    {
        ["SemanticSam.Foundation"] = [],
        ["SemanticSam.Masks"] = ["SemanticSam.Foundation"],
        ["SemanticSam.Imaging"] = ["SemanticSam.Masks"],
        ["SemanticSam.Formats"] = ["SemanticSam.Imaging"],
        ["SemanticSam.Torch"] = ["SemanticSam.Foundation"],
        ["SemanticSam.TextEncoder"] = ["SemanticSam.Torch"],
        ["SemanticSam.Granularity"] = ["SemanticSam.TextEncoder", "SemanticSam.Imaging"],
        ["SemanticSam.Engine"] = ["SemanticSam.Granularity", "SemanticSam.Formats"],
        ["SemanticSam.Training"] = ["SemanticSam.Engine"],
        ["SemanticSam.Server"] = ["SemanticSam.Engine"],
        ["semsam"] = ["SemanticSam.Training", "SemanticSam.Server"],
    };

    /// <summary>All of them, loaded.</summary>
    public static IReadOnlyList<Assembly> All { get; } = [.. Arrows.Keys.Select(Assembly.Load)];

    /// <summary>All but the command line.</summary>
    public static IReadOnlyList<Assembly> Libraries { get; } = [.. All.Where(a => a.GetName().Name != "semsam")];

    /// <summary>Everything that a project may refer to.</summary>
    public static HashSet<string> Below(string project)
    {
        var below = new HashSet<string>();
        foreach (string next in Arrows[project])
        {
            below.Add(next);
            below.UnionWith(Below(next));
        }
        return below;
    }
}
