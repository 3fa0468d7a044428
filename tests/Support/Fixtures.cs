using System.Reflection;
using System.Text.Json;

namespace SemanticSam.Tests.Support;

/// <summary>
/// Finds golden data: the folder that SEMSAM_FIXTURES names, else tests/fixtures of the source tree. A golden file that is not there makes
/// its test skipped, under the file's name; the tests that read golden files are therefore <c>[SkippableFact]</c> or <c>[SkippableTheory]</c>.
/// </summary>
internal static class Fixtures
{
    /// <summary>Folders that only this project has. They are part of its tests, wherever the golden data is.</summary>
    private static readonly string[] OwnFolders = ["clients", "imaging", "matching", "nano", "semantic-sam-small", "wholepart"];

    public static string RepoRoot { get; } = typeof(Fixtures).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(a => a.Key == "RepoRoot").Value!;

    /// <summary>The project's own copies: always there.</summary>
    public static string Own { get; } = System.IO.Path.Combine(RepoRoot, "tests", "fixtures");

    /// <summary>Folder of a small trained model of the Semantic-SAM family: what was embedded before the present model.</summary>
    public static string SmallSemanticSam { get; } = System.IO.Path.Combine(Own, "semantic-sam-small");

    /// <summary>Where golden folders (sam, semantic_sam, ...) are looked for.</summary>
    public static string Root { get; } =
        Environment.GetEnvironmentVariable("SEMSAM_FIXTURES") is { Length: > 0 } given ? System.IO.Path.GetFullPath(given) : Own;

    /// <summary>Full path of a golden file such as <c>Path("semantic_sam/units.safetensors")</c>; skips the test when it is absent.</summary>
    public static string Path(string relative)
    {
        string path = FullPath(relative);
        if (!File.Exists(path) && !Directory.Exists(path)) Missing(relative);
        return path;
    }

    /// <summary>Full path of a file that only serves as some image or text, whatever golden data is under test.</summary>
    public static string OwnPath(string relative) => System.IO.Path.Combine(Own, relative);

    public static bool Exists(string relative) => File.Exists(FullPath(relative));

    public static byte[] Bytes(string relative) => File.ReadAllBytes(Path(relative));

    public static JsonDocument Json(string relative) => JsonDocument.Parse(File.ReadAllBytes(Path(relative)));

    /// <summary>
    /// The cases of a theory, as golden files name them. Where such a file is absent there is one case without a name, so that the test is
    /// there to be skipped, which happens as soon as it reads the file itself.
    /// </summary>
    public static TheoryData<T> Cases<T>(Func<IEnumerable<T>> read)
    {
        try
        {
            TheoryData<T> cases = [.. read()];
            return cases.Count > 0 ? cases : throw new InvalidDataException("The golden file has no case of this kind.");
        }
        catch (SkipException)
        {
            return [default(T)!];
        }
    }

    private static void Missing(string relative) => Skip.If(true, $"{relative} is not under {Root}.");

    private static string FullPath(string relative) =>
        System.IO.Path.Combine(OwnFolders.Contains(relative.Split('/')[0]) ? Own : Root, relative);
}
