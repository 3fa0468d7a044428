using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using SemanticSam.Cli;
using SemanticSam.Engine;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using SemanticSam.Torch;
using Xunit.Abstractions;

namespace SemanticSam.Tests.Scenarios;

/// <summary>The packages as a stranger uses them: packed to a folder, referenced by a new program, installed as a tool.</summary>
[Trait("Category", "Slow")]
public sealed partial class PackageTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>A version that no cache of packages knows.</summary>
    private readonly string _version = $"0.1.0-test.{Guid.NewGuid():N}";

    private readonly TempFolder _folder = new();

    private string Feed => _folder.File("feed");

    public void Dispose()
    {
        string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } given ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (string package in (string[])["semanticsam", "semanticsam.training", "semanticsam.server", "semanticsam.tool"])
            if (Directory.Exists(Path.Combine(cache, package, _version))) Directory.Delete(Path.Combine(cache, package, _version), recursive: true);
        _folder.Dispose();
    }

    [Fact]
    public async Task Packages_FromALocalFeed_AnswerAsTheEngineDoes()
    {
        foreach (string package in (string[])["SemanticSam", "SemanticSam.Training", "SemanticSam.Server", "SemanticSam.Tool"]) await Pack(package);
        foreach (string package in Directory.GetFiles(Feed)) output.WriteLine($"{Path.GetFileName(package)}: {new FileInfo(package).Length / 1e6:f1} MB");
        RequireContents();
        // The normal sources stay; "clear" is left out.
        File.WriteAllText(_folder.File("nuget.config"),
            $"""<configuration><packageSources><add key="local" value="{Feed}" /></packageSources></configuration>""");
        string image = _folder.File("program/photo.jpg");
        Directory.CreateDirectory(_folder.File("program"));
        File.Copy(Image(), image);
        var expected = Expected(image);

        await RunTheReadme(expected);
        await InstallTheTool(image, expected);
    }

    private static string Image() => Path.Combine(Fixtures.Own, "wholepart", "images", "val", "furniture_img1020.jpg");

    private static List<Rle> Expected(string image)
    {
        using var model = SegmentationModel.Default();
        using var session = model.Open(image);
        return [.. session.Segment(Prompt.At(320, 240)).Select(m => m.Mask)];
    }

    private async Task Pack(string package)
    {
        string project = Directory.GetFiles(Path.Combine(Fixtures.RepoRoot, "packaging", package), "*.csproj").Single();
        await Dotnet(Fixtures.RepoRoot, null, "pack", project, "-c", "Release", "-nologo", "-v", "quiet", "-o", Feed, $"-p:PackageVersion={_version}");
    }

    /// <summary>The library has what it should have, its symbols, and names every package that its assemblies reference; the tool has no libtorch.</summary>
    private void RequireContents()
    {
        using var package = ZipFile.OpenRead(Path.Combine(Feed, $"SemanticSam.{_version}.nupkg"));
        string[] names = [.. package.Entries.Select(e => e.FullName)],
            assemblies = ["Engine", "Formats", "Foundation", "Granularity", "Imaging", "Masks", "TextEncoder", "Torch"];
        Assert.Equal(assemblies.Select(a => $"lib/net10.0/SemanticSam.{a}.dll"),
            names.Where(n => n.EndsWith(".dll", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(assemblies.Select(a => $"lib/net10.0/SemanticSam.{a}.xml"),
            names.Where(n => n.StartsWith("lib/", StringComparison.Ordinal) && n.EndsWith(".xml", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Subset(names.ToHashSet(), new HashSet<string> { "README.md", "icon.png", "THIRD-PARTY-NOTICES.md" });
        using (var symbols = ZipFile.OpenRead(Path.Combine(Feed, $"SemanticSam.{_version}.snupkg")))
            Assert.Equal(assemblies.Select(a => $"lib/net10.0/SemanticSam.{a}.pdb"),
                symbols.Entries.Select(e => e.FullName).Where(n => n.EndsWith(".pdb", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(PackageProjectTests.References(assemblies.Select(a => $"src/{a}/SemanticSam.{a}.csproj")), Dependencies(package));
        using var tool = ZipFile.OpenRead(Path.Combine(Feed, $"SemanticSam.Tool.{_version}.nupkg"));
        long model = tool.Entries.Single(e => e.Name == "SemanticSam.Engine.dll").CompressedLength, all = tool.Entries.Sum(e => e.CompressedLength);
        Assert.InRange(model, 1, LargestEngine);
        Assert.InRange(all - model, 1, LargestRest);
        using var training = ZipFile.OpenRead(Path.Combine(Feed, $"SemanticSam.Training.{_version}.nupkg"));
        Assert.Equal(["SemanticSam"], Dependencies(training));
        Assert.Equal(["lib/net10.0/SemanticSam.Training.dll"], training.Entries.Select(e => e.FullName)
            .Where(n => n.EndsWith(".dll", StringComparison.Ordinal)));
    }

    /// <summary>A package that is downloaded for every system has to stay small: the engine with the embedded model, which may have 60 MB in all.</summary>
    private const long LargestEngine = 56_000_000;

    /// <summary>All else, natives of SkiaSharp for four systems for the most part.</summary>
    private const long LargestRest = 35_000_000;

    private static IEnumerable<string> Dependencies(ZipArchive package)
    {
        using var stream = package.Entries.Single(e => e.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return [.. XDocument.Load(stream).Descendants().Where(e => e.Name.LocalName == "dependency").Select(e => (string)e.Attribute("id")!)
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>A new program with the README's lines, and a few more that print what they found.</summary>
    private async Task RunTheReadme(List<Rle> expected)
    {
        string lines = Block().Matches(File.ReadAllText(Path.Combine(Fixtures.RepoRoot, "README.md"))).Select(m => m.Groups[1].Value)
            .First(b => b.Contains("SegmentationModel.Default()", StringComparison.Ordinal));
        string torch = typeof(TorchSharp.torch).Assembly.GetName().Version!.ToString(3), folder = _folder.File("program");
        File.WriteAllText(Path.Combine(folder, "Program.cs"),
            lines + "\nforeach (var level in levels) Console.WriteLine(\"RLE \" + level.Mask.ToCompressedString());\n");
        File.WriteAllText(Path.Combine(folder, "Program.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable>
                <RuntimeIdentifier>$(NETCoreSdkPortableRuntimeIdentifier)</RuntimeIdentifier><SelfContained>false</SelfContained>
                <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="SemanticSam" Version="{_version}" />
                <PackageReference Include="TorchSharp-cpu" Version="{torch}" />
              </ItemGroup>
            </Project>
            """);
        string said = await Dotnet(folder, null, "run", "-c", "Release", "-v", "quiet");
        var masks = said.Split('\n').Where(l => l.StartsWith("RLE ", StringComparison.Ordinal))
            .Select(l => Rle.FromCompressedString(expected[0].Height, expected[0].Width, l[4..].Trim())).ToList();
        RequireSame(expected, masks);
    }

    /// <summary>One step besides the installation: SEMSAM_LIBTORCH.</summary>
    private async Task InstallTheTool(string image, List<Rle> expected)
    {
        string tools = _folder.File("tools");
        await Dotnet(_folder.Path, null, "tool", "install", "SemanticSam.Tool", "--tool-path", tools, "--version", _version, "--configfile",
            _folder.File("nuget.config"));
        string tool = Path.Combine(tools, OperatingSystem.IsWindows() ? "semsam.exe" : "semsam");
        string[] question = ["segment", image, "--point", "320,240", "--json"];
        var without = await Run(tool, _folder.Path, new() { [TorchRuntime.FolderVariable] = null }, question);
        Assert.Equal(ExitCodes.Failed, without.Code);
        Assert.Contains(TorchRuntime.FolderVariable, Assert.Single(without.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));

        var (code, json, error) = await Run(tool, _folder.Path, new() { [TorchRuntime.FolderVariable] = Path.Combine(AppContext.BaseDirectory, "libtorch") },
            question);
        Assert.Equal((0, ""), (code, error));
        using var answer = JsonDocument.Parse(json);
        RequireSame(expected, [.. answer.RootElement.GetProperty("annotations").EnumerateArray()
            .Select(a => Rle.FromCompressedString(expected[0].Height, expected[0].Width, a.GetProperty("segmentation").GetProperty("counts").GetString()))]);
        Assert.Equal(0, (await Run(tool, _folder.Path, [], ["models"])).Code);
    }

    private static void RequireSame(List<Rle> expected, List<Rle> actual)
    {
        Assert.Equal(6, expected.Count);
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
            if (!expected[i].IsEmpty) Assert.InRange(expected[i].IoU(actual[i]), 0.999, 1);
        Assert.Contains(expected, m => !m.IsEmpty);
    }

    private static async Task<string> Dotnet(string folder, Dictionary<string, string?>? environment, params string[] arguments)
    {
        var (code, output, error) = await Run("dotnet", folder, environment ?? [], arguments);
        Assert.True(code == 0, $"dotnet {string.Join(' ', arguments)}:\n{output}\n{error}");
        return output;
    }

    private static async Task<(int Code, string Output, string Error)> Run(string program, string folder, Dictionary<string,
        string?> environment, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // Of the test host: they would make other programs build and load as it does.
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
            || k.StartsWith("VSTEST", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    [GeneratedRegex("```csharp\r?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
