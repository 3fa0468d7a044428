using System.Diagnostics;
using System.Text.Json;
using SemanticSam.Cli;
using SemanticSam.Tests.Support;
using SemanticSam.Torch;
using TorchSharp;

namespace SemanticSam.Tests.Torch;

/// <summary>Which libtorch is loaded. A process loads one, so most is tried in processes of their own.</summary>
public sealed class TorchRuntimeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static string Image => Directory.GetFiles(Path.Combine(Fixtures.Own, "wholepart", "images"), "*.jpg", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).First();

    public void Dispose() => _folder.Dispose();

    private static string[] Question => ["segment", Image, "--point", "40,40", "--json"];

    private static string Masks(string json) => JsonDocument.Parse(json).RootElement.GetProperty("annotations").GetRawText();

    [Fact]
    public void Use_AfterLibtorchWasLoaded_IsRefused()
    {
        if (OperatingSystem.IsWindows()) return; // the bridge needs no help there, so it is not known to be loaded
        torch.ones(1).Dispose();
        string libraries = Path.GetDirectoryName(_folder.Write(LibTorchFolder.FileName("torch_cpu"), []))!;
        if (TorchRuntime.Folder is null && !OperatingSystem.IsLinux()) return;
        var error = Assert.Throws<TorchRuntimeException>(() => TorchRuntime.Use(libraries));
        Assert.Equal(TorchError.AlreadyLoaded, error.Error);
        Assert.Contains(SystemLibTorch.Find() is null ? "before the first" : TorchRuntime.FolderVariable, error.Message);
    }

    [Theory]
    [InlineData("missing", null, "does not exist")]
    [InlineData("empty", null, "neither it nor its lib folder holds")]
    [InlineData("old", "__version__ = '1.13.1'\n", "1.13.1; version 2.10 or 2.11 is needed")]
    public async Task Variable_FolderThatDoesNotFit_IsOneLineAndAnExitCode(string name, string? version, string named)
    {
        string folder = _folder.File(name);
        if (name != "missing") Directory.CreateDirectory(folder);
        if (version is not null)
        {
            _folder.Write(Path.Combine(name, "version.py"), System.Text.Encoding.UTF8.GetBytes(version));
            _folder.Write(Path.Combine(name, "lib", LibTorchFolder.FileName("torch_cpu")), []);
        }
        var (code, output, error) = await ToolProcess.RunAsync(new Dictionary<string, string?> { [TorchRuntime.FolderVariable] = folder }, Question);
        string line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((ExitCodes.Failed, ""), (code, output));
        Assert.Contains(folder, line);
        Assert.Contains(named, line);
    }

    [Fact]
    public async Task Variable_WhereNothingIsComputed_DoesNotMatter()
    {
        var (code, output, error) = await ToolProcess.RunAsync(new Dictionary<string,
            string?> { [TorchRuntime.FolderVariable] = _folder.File("missing") }, "models");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("semsam-nano", output);
    }

    [Fact]
    public async Task Home_MissingOrNotWritable_DoesNotMatter()
    {
        string file = _folder.Write("home/.cache", [1]); // where a folder would have to be
        string[] homes = [_folder.File("missing"), Path.GetDirectoryName(file)!];
        var runs = await Task.WhenAll(homes.Select(home => ToolProcess.RunAsync(new Dictionary<string, string?>
        {
            ["HOME"] = home, ["XDG_CACHE_HOME"] = null, ["DOTNET_CLI_HOME"] = _folder.Path,
        }, Question)));
        Assert.All(runs, run =>
        {
            Assert.Equal((0, ""), (run.Code, run.Error));
            Assert.NotEqual("[]", Masks(run.Output));
        });
    }

    [Fact]
    public async Task System_WithAnotherLibtorch_DoesNotMatter()
    {
        if (!OperatingSystem.IsLinux()) return;
        foreach (string library in (string[])["c10", "torch_cpu", "torch"]) _folder.Write($"system/{LibTorchFolder.FileName(library)}", [1]);
        var own = await ToolProcess.RunAsync(null, Question);
        var (code, output, log) = await ToolProcess.RunAsync(new Dictionary<string, string?>
        {
            ["LD_LIBRARY_PATH"] = _folder.File("system"), ["LD_DEBUG"] = "libs", // the loader tells on the error output which files it tries
        }, Question);
        Assert.Equal(0, code);
        Assert.Equal(Masks(own.Output), Masks(output));
        string[] tried = [.. log.Split('\n').Where(l => l.Contains("trying file=", StringComparison.Ordinal)).Select(l => l[(l.IndexOf('=') + 1)..])];
        Assert.NotEmpty(tried);
        Assert.Empty(tried.Intersect(Directory.GetFiles(_folder.File("system"))));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Variable_AnotherFolder_IsTheOneThatComputes()
    {
        if (!OperatingSystem.IsLinux()) return; // reads /proc
        string libraries = _folder.File("torch/lib");
        Directory.CreateDirectory(libraries);
        string[] files = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "libtorch"), "lib*.so*");
        using (var copy = Process.Start("cp", [.. files, libraries])) await copy.WaitForExitAsync();
        File.WriteAllText(_folder.File("torch/version.py"), "__version__ = '2.10.0'\n");
        var environment = new Dictionary<string, string?> { [TorchRuntime.FolderVariable] = _folder.File("torch") };

        var chosen = await ToolProcess.RunAsync(environment, Question);
        var own = await ToolProcess.RunAsync(null, Question);
        Assert.Equal((0, ""), (chosen.Code, chosen.Error));
        Assert.Equal(Masks(own.Output), Masks(chosen.Output));

        using var process = ToolProcess.Start(environment, "segment", Image, "--everything", "--points-per-side", "128", "--json");
        string[] mapped = [];
        while (!process.HasExited && mapped.Length == 0)
        {
            await Task.Delay(20);
            mapped = [.. File.ReadLines($"/proc/{process.Id}/maps").Where(l => l.Contains("/libtorch_cpu", StringComparison.Ordinal))
                .Select(l => l[l.IndexOf('/')..]).Distinct()];
        }
        process.Kill();
        Assert.Equal([Path.Combine(libraries, "libtorch_cpu.so")], mapped);
    }
}
