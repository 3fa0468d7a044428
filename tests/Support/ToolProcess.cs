using System.Diagnostics;

namespace SemanticSam.Tests.Support;

/// <summary>The command-line tool in a process of its own, for what cannot be tried twice in one: which libtorch is loaded, signals, kills.</summary>
internal static class ToolProcess
{
    /// <summary>The tool as users start it, compiled ahead of time, of the same configuration as the tests.</summary>
    public static string Program { get; } = Path.Combine(Fixtures.RepoRoot, "src", "Cli", "bin",
        Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))!), "net10.0", "semsam.dll");

    /// <summary>Starts it with output and error redirected.</summary>
    /// <param name="environment">Variables to set; null removes one.</param>
    /// <param name="arguments">Words of the command line.</param>
    public static Process Start(IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Program, .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>()) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Runs it to its end where no file may grow beyond a size, as on a disk that is full; on Unix alone.</summary>
    /// <param name="kibibytes">Largest size of a file.</param>
    /// <param name="arguments">Words of the command line.</param>
    public static async Task<(int Code, string Output, string Error)> RunOnFullDiskAsync(long kibibytes, params string[] arguments)
    {
        // The runtime maps its code through a file in memory, which counts too.
        const string Script = "ulimit -f \"$0\"; export DOTNET_EnableWriteXorExecute=0; exec dotnet exec \"$@\"";
        var start = new ProcessStartInfo("bash", ["-c", Script, kibibytes.ToString(System.Globalization.CultureInfo.InvariantCulture), Program, .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        return await EndOf(Process.Start(start)!);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        return await EndOf(process);
    }

    private static async Task<(int Code, string Output, string Error)> EndOf(Process process)
    {
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
