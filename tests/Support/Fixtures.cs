using System.Reflection;
using SemanticSam.Formats.Coco;
using SemanticSam.Tests.Granularity.OpenSeeD;
using SemanticSam.TextEncoder.Names;

namespace SemanticSam.Tests.Support;

/// <summary>Finds golden data: the folder that SEMSAM_FIXTURES names, else tests/fixtures of the source tree.</summary>
internal static class Fixtures
{
    public static string RepoRoot { get; } = typeof(Fixtures).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(a => a.Key == "RepoRoot").Value!;

    /// <summary>The project's own copies: always there.</summary>
    public static string Own { get; } = System.IO.Path.Combine(RepoRoot, "tests", "fixtures");

    /// <summary>Where golden folders (sam, semantic_sam, ...) are looked for.</summary>
    public static string Root { get; } =
        Environment.GetEnvironmentVariable("SEMSAM_FIXTURES") is { Length: > 0 } given ? given : Own;

    /// <summary>Full path of a golden file such as <c>Path("semantic_sam/units.safetensors")</c>; fails with the path when absent.</summary>
    public static string Path(string relative)
    {
        string path = System.IO.Path.Combine(FolderOf(relative), relative);
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new FileNotFoundException($"Fixture {relative} is not under {Root}.");
        return path;
    }

    public static bool Exists(string relative) => File.Exists(System.IO.Path.Combine(FolderOf(relative), relative));

    /// <summary>Folders that only the project has (nano) are always its own.</summary>
    private static string FolderOf(string relative) =>
        Directory.Exists(System.IO.Path.Combine(Root, relative.Split('/')[0])) ? Root : Own;

    public static byte[] Bytes(string relative) => File.ReadAllBytes(Path(relative));

    public static System.Text.Json.JsonDocument Json(string relative) => System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Path(relative)));
}
