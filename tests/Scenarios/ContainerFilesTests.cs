using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using SemanticSam.Cli;
using SemanticSam.Server;
using SemanticSam.Tests.Support;
using YamlDotNet.Serialization;

namespace SemanticSam.Tests.Scenarios;

/// <summary>
/// Dockerfile, compose file and unit against the project they were written for. They are not built here: a container runtime is no part of the tests.
/// </summary>
public sealed partial class ContainerFilesTests
{
    private static string Text(string path) => File.ReadAllText(Path.Combine(Fixtures.RepoRoot, path));

    private static string Dockerfile => Text("packaging/container/Dockerfile");

    [Fact]
    public void Dockerfile_Versions_AreThoseOfTheProject()
    {
        string sdk = JsonDocument.Parse(Text("global.json")).RootElement.GetProperty("sdk").GetProperty("version").GetString()!;
        string framework = Regex.Match(Text("Directory.Build.props"), "<TargetFramework>net(.*)</TargetFramework>").Groups[1].Value;
        Assert.Equal(framework, string.Join('.', sdk.Split('.')[..2]));
        Assert.Equal([$"sdk:{framework}", $"aspnet:{framework}"], BaseImage().Matches(Dockerfile).Select(m => m.Groups[1].Value));
    }

    /// <summary>Every file that is copied is there and not kept from the builder, and what the sources need is copied.</summary>
    [Fact]
    public void Dockerfile_Copies_WhatIsThere()
    {
        string[] copied = [.. Regex.Matches(Dockerfile, @"^COPY (?!--)(.*) \S+$", RegexOptions.Multiline).SelectMany(m => m.Groups[1].Value.Split(' '))];
        Assert.All(copied, name => Assert.True(Path.Exists(Path.Combine(Fixtures.RepoRoot, name)), name));
        string[] ignored = [.. Text(".dockerignore").Split('\n').Where(l => l.Length > 0 && l[0] != '#')];
        Assert.Equal("*", ignored[0]); // keys and results of the owner stay away
        Assert.Equal(copied.Select(c => c.TrimEnd('/')).Order(), ignored.Where(l => l[0] == '!').Select(l => l[1..]).Order());
        Assert.True(copied.Contains("src/") && File.Exists(Path.Combine(Fixtures.RepoRoot, Regex.Match(Dockerfile, @"publish (\S+)").Groups[1].Value)));
        // What projects below src name outside of it.
        foreach (string project in Directory.GetFiles(Path.Combine(Fixtures.RepoRoot, "src"), "*.csproj", SearchOption.AllDirectories))
            foreach (Match outside in Regex.Matches(File.ReadAllText(project), "\"(?:\\$\\(RepoRoot\\)|\\.\\./\\.\\./)([^/\"]+)"))
                Assert.Contains(outside.Groups[1].Value, copied.Select(c => c.TrimEnd('/')));
    }

    [Fact]
    public void Container_RunsAsNobody_ReadOnly_OnTheServersPort()
    {
        Assert.Contains("\nUSER $APP_UID\n", Dockerfile, StringComparison.Ordinal);
        Assert.Contains($"\nEXPOSE {new ServerOptions().Port}\n", Dockerfile, StringComparison.Ordinal);
        var compose = new DeserializerBuilder().Build().Deserialize<Dictionary<string, Dictionary<string, Dictionary<string, object>>>>(
            Text("packaging/container/compose.yaml"));
        var service = compose["services"]["semsam"];
        Assert.Equal("true", service["read_only"]);
        Assert.Equal(["ALL"], List(service["cap_drop"]));
        Assert.Equal(["no-new-privileges:true"], List(service["security_opt"]));
        Assert.Equal([$"127.0.0.1:{new ServerOptions().Port}:{new ServerOptions().Port}"], List(service["ports"]));
        Assert.Contains("/run/secrets/" + Assert.Single(List(service["secrets"])), List(service["command"]));
        var build = (Dictionary<object, object>)service["build"];
        string context = Path.GetFullPath(Path.Combine(Fixtures.RepoRoot, "packaging/container", (string)build["context"]));
        Assert.True(File.Exists(Path.Combine(context, (string)build["dockerfile"])));
        // Longer than the server takes to finish what it took on.
        Assert.True(int.Parse(((string)service["stop_grace_period"]).TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture)
            > new ServerOptions().StoppingTime.TotalSeconds);
    }

    /// <summary>Every command line in the files is one that the tool understands.</summary>
    [Fact]
    public void CommandLines_AreUnderstood()
    {
        string unit = Text("packaging/systemd/semsam.service");
        string[][] lines =
        [
            .. Regex.Matches(Dockerfile, @"CMD (\[.*\])").Select(m => JsonSerializer.Deserialize<string[]>(m.Groups[1].Value)!),
            Regex.Match(unit, "^ExecStart=(.*)$", RegexOptions.Multiline).Groups[1].Value.Split(' '),
        ];
        Assert.Equal(3, lines.Length);
        foreach (string[] line in lines)
        {
            string[] words = [.. line.SkipWhile(w => w != "serve")];
            Assert.Equal("serve", words[0]);
            Assert.Empty(CommandLineTool.Create().Parse(words).Errors);
        }
        Assert.Contains("DynamicUser=yes", unit, StringComparison.Ordinal);
        Assert.Contains("ProtectSystem=strict", unit, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Unit_IsOneThatSystemdTakes()
    {
        Skip.IfNot(File.Exists("/usr/bin/systemd-analyze"), "there is no systemd-analyze");
        using var temp = new TempFolder();
        // The program need not be installed where the tests run.
        string unit = Text("packaging/systemd/semsam.service").Replace("/usr/bin/dotnet", "/bin/true", StringComparison.Ordinal);
        temp.Write("semsam.service", System.Text.Encoding.UTF8.GetBytes(unit));
        var start = new ProcessStartInfo("/usr/bin/systemd-analyze", ["verify", "--man=no", temp.File("semsam.service")])
        {
            RedirectStandardError = true, RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        string said = string.Join('\n', (await output + await error).Split('\n').Where(l => l.Contains("semsam.service", StringComparison.Ordinal)));
        Assert.Equal((0, ""), (process.ExitCode, said));
    }

    private static string[] List(object value) => [.. ((List<object>)value).Cast<string>()];

    [GeneratedRegex(@"^FROM \S+/dotnet/(\w+:[\d.]+)", RegexOptions.Multiline)]
    private static partial Regex BaseImage();
}
