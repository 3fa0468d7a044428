using System.Diagnostics;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.StandIns.Surface;

/// <summary>Compiles src/ against libraries made of the listings alone: all overloads of the real packages, no code.</summary>
public sealed class SourcesAgainstListingsTests
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <LangVersion>latest</LangVersion>
            <Nullable>disable</Nullable>
            <ImplicitUsings>disable</ImplicitUsings>
            <TreatWarningsAsErrors>false</TreatWarningsAsErrors>
            <GenerateDocumentationFile>false</GenerateDocumentationFile>
            <NoWarn>$(NoWarn);CS0108;CS0114;CS0109;CS0169;CS0649;CS0659;CS0660;CS0661;CS1591;CS8981;CS8632;CS0626</NoWarn>
          </PropertyGroup>
        </Project>
        """;

    private const string Targets = """
        <Project>
          <ItemGroup>
            <ProjectReference Include="$(RepoRoot)listings/TorchSharp/TorchSharp.csproj" Condition="'$(UseTorchSharp)' == 'true'" />
            <ProjectReference Include="$(RepoRoot)listings/Microsoft.ML.Tokenizers/Microsoft.ML.Tokenizers.csproj" Condition="'$(UseTokenizers)' == 'true'" />
            <ProjectReference Include="$(RepoRoot)stand-ins/SkiaSharp/SkiaSharp.csproj" Condition="'$(UseSkiaSharp)' == 'true'" />
          </ItemGroup>
        </Project>
        """;

    [Fact]
    [Trait("Category", "Slow")]
    public void Sources_AgainstTheListings_Compile()
    {
        string root = Path.Combine(Path.GetTempPath(), "semsam-listings-" + Guid.NewGuid().ToString("N"));
        try
        {
            Directory.CreateDirectory(root);
            Write(root, "TorchSharp", "TorchSharp-0.107.txt", "TorchSharp-0.107-unlisted.txt");
            Write(root, "Microsoft.ML.Tokenizers", "Microsoft.ML.Tokenizers-2.0.txt");
            File.WriteAllText(Path.Combine(root, "Directory.Build.targets"), Targets);
            foreach (string file in new[] { "Directory.Build.props", "Directory.Packages.props", ".editorconfig" })
                File.Copy(Path.Combine(Fixtures.RepoRoot, file), Path.Combine(root, file));
            foreach (string folder in new[] { "src", "stand-ins/SkiaSharp", "models" }) Copy(Path.Combine(Fixtures.RepoRoot, folder), Path.Combine(root, folder));

            (int code, string output) = Build(root, "src/Cli/SemanticSam.Cli.csproj");

            string[] errors = output.Split('\n').Where(l => l.Contains("error ")).Select(l => l.Trim().Replace(root, "")).Distinct().Take(60).ToArray();
            Assert.True(code == 0, string.Join("\n", errors.Length > 0 ? errors : [output]));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static void Write(string root, string name, params string[] listings)
    {
        string[] lines = listings.SelectMany(l => File.ReadAllLines(Path.Combine(Fixtures.Own, "apis", l)).Append("")).ToArray();
        string folder = Path.Combine(root, "listings", name);
        Directory.CreateDirectory(folder);
        string source = new ListingSource(ListingParser.Parse(lines)).Write();
        // An override repeats the names in tuples, which the listings do not show; these are the package's.
        source = source.Replace("IEnumerable<(int, int)> PreTokenize(", "IEnumerable<(int Offset, int Length)> PreTokenize(");
        File.WriteAllText(Path.Combine(folder, name + ".cs"), source);
        File.WriteAllText(Path.Combine(folder, name + ".csproj"), Project);
    }

    private static void Copy(string from, string to)
    {
        if (!Directory.Exists(from)) return;
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string relative = Path.GetRelativePath(from, file);
            if (relative.Split(Path.DirectorySeparatorChar).Any(p => p is "bin" or "obj")) continue;
            string target = Path.Combine(to, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static (int Code, string Output) Build(string root, string project)
    {
        var start = new ProcessStartInfo("dotnet", ["build", project, "-nologo", "-v", "q", "--disable-build-servers", "-nodeReuse:false", "-p:RunAnalyzers=false", "-p:GenerateDocumentationFile=false"])
        {
            WorkingDirectory = root, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
