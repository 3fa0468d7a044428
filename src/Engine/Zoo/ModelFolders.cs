namespace SemanticSam.Engine.Zoo;

/// <summary>Where model files are looked for, in order, and where downloads go.</summary>
internal sealed class ModelFolders
{
    /// <summary>Environment variable with one or more folders (separated as in PATH) that are searched first.</summary>
    public const string Variable = "SEMSAM_MODELS";

    /// <param name="search">Folders in the order of searching.</param>
    /// <param name="cache">The folder downloads go to; it is searched too.</param>
    public ModelFolders(IReadOnlyList<string> search, string cache)
    {
        Search = search;
        Cache = cache;
    }

    /// <summary>Folders in the order of searching; some may not exist.</summary>
    public IReadOnlyList<string> Search { get; }

    /// <summary>The folder downloads go to.</summary>
    public string Cache { get; }

    /// <summary>
    /// The folders of this process: those of SEMSAM_MODELS; the user's cache (semantic-sam/models under XDG_CACHE_HOME, else ~/.cache;
    /// on Windows under the local application data); ./models. The first of SEMSAM_MODELS, if set, also takes the downloads.
    /// </summary>
    internal static ModelFolders FromEnvironment()
    {
        string[] given = (Environment.GetEnvironmentVariable(Variable) ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string cache = Path.Combine(CacheRoot(), "semantic-sam", "models");
        string here = Path.GetFullPath("models");
        string[] search = [.. given.Select(Path.GetFullPath), cache, here];
        return new([.. search.Distinct()], given.Length > 0 ? Path.GetFullPath(given[0]) : cache);
    }

    private static string CacheRoot()
    {
        if (OperatingSystem.IsWindows()) return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        string? xdg = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        bool usable = !string.IsNullOrEmpty(xdg) && Path.IsPathRooted(xdg); // the XDG specification: relative paths are ignored
        return usable ? xdg! : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
    }
}
