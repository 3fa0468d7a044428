using System.Diagnostics;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Architecture;

public sealed class BuildFilesTests
{
    /// <summary>NUGET_PACKAGES may name the package folder with or without a slash at its end; NuGet hands it on as it is.</summary>
    [Theory]
    [InlineData("/packages")]
    [InlineData("/packages/")]
    public async Task LibTorchFiles_PackageFolderOfTheUser_LieInIt(string packages)
    {
        string project = Path.Combine(Fixtures.RepoRoot, "src", "Cli", "SemanticSam.Cli.csproj");
        var start = new ProcessStartInfo("dotnet",
            ["msbuild", project, "-getProperty:LibTorchFiles", "-p:TorchSharpPackage=TorchSharp-cpu", $"-p:NuGetPackageRoot={packages}"])
        { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        string files = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        Assert.StartsWith("/packages/libtorch-cpu-", files, StringComparison.Ordinal);
    }
}
