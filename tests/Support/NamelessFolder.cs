using System.Diagnostics;

namespace SemanticSam.Tests.Support;

/// <summary>
/// A folder whose name is no UTF-8, with what is copied into it: .NET lists it and cannot enter it, so that it is one that cannot be read whoever runs the
/// tests, also root.
/// </summary>
internal static class NamelessFolder
{
    /// <summary>How .NET lists it.</summary>
    public const string Listed = "sub\uFFFD";

    /// <summary>Makes it below a folder, which is made, too.</summary>
    public static void In(string folder, string? file = null)
    {
        Directory.CreateDirectory(folder);
        Run(folder, "mkdir \"$(printf 'sub\\351')\"" + (file is null ? "" : $" && cp \"$1\" \"$(printf 'sub\\351')/\""), file ?? "");
    }

    /// <summary>Removes it; .NET cannot.</summary>
    public static void RemoveFrom(string folder) => Run(folder, "rm -rf \"$(printf 'sub\\351')\"", "");

    private static void Run(string folder, string script, string argument)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", script, "sh", argument]) { WorkingDirectory = folder })!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }
}
