using System.Diagnostics;
using System.Net;
using SemanticSam.Cli;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Cli.Verbs;

public sealed class ServeCommandTests
{
    private static async Task<(int Code, string Error)> Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        return (await CommandLineTool.RunAsync(["serve", .. arguments], output, error), error.ToString());
    }

    [Theory]
    [InlineData("--key-file", "--address", "0.0.0.0")]
    [InlineData("--address", "--address", "somewhere")]
    [InlineData("99999", "--port", "99999")]
    [InlineData("https", "--origin", "annotate.example.org")]
    [InlineData("images.example.org", "--allow-url-host", "https://images.example.org/a")]
    [InlineData("does not exist", "--allow-folder", "no-such-folder-anywhere")]
    public async Task Mistakes_AreSaidInOneLine(string word, params string[] arguments)
    {
        var (code, error) = await Run(arguments);
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains(word, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public async Task Check_SaysWhetherAServerIsReady()
    {
        using var gate = new ManualResetEventSlim();
        await using var server = await Server.TestServer.Start(model: () =>
        {
            gate.Wait();
            return SemanticSam.Engine.SegmentationModel.Default();
        });
        string port = new Uri(server.Server.Addresses[0]).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var (code, error) = await Run("--check", "--port", port);
        Assert.Equal(ExitCodes.Failed, code);
        Assert.Contains("503", error, StringComparison.Ordinal);
        gate.Set();
        await server.Server.Ready;
        Assert.Equal((ExitCodes.Ok, ""), await Run("--check", "--port", port, "--address", "0.0.0.0"));
        await server.Server.StopAsync();
        (code, error) = await Run("--check", "--port", port);
        Assert.Equal(ExitCodes.Failed, code);
        Assert.Contains("no server answers", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KeyFile_WithoutKeys_IsRefused()
    {
        using var temp = new TempFolder();
        var (code, error) = await Run("--key-file", temp.Write("keys", "# none yet\n"u8.ToArray()));
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("no key", error, StringComparison.Ordinal);
    }

    /// <summary>What starts no server does not wait for its library to be loaded.</summary>
    [Fact]
    public void Command_Line_LoadsTheServerWhenItServesAlone()
    {
        var users = typeof(CommandLineTool).Assembly.GetTypes()
            .Where(t => Architecture.TypeUse.Of(t).Any(u => u.Assembly.GetName().Name == "SemanticSam.Server"))
                .Select(t => Architecture.TypeUse.Outermost(t).Name).Distinct();
        Assert.Equal(["McpJob", "ServeJob", "ServedEvaluation"], users.Order(StringComparer.Ordinal));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Serve_UntilItIsToldToStop()
    {
        int port = 0;
        for (int round = 0; round < 3; round++)
        {
            using var process = ToolProcess.Start(null, "serve", "--port", port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--cache", "64");
            string line = (await process.StandardOutput.ReadLineAsync())!;
            Assert.StartsWith("semsam: open http://127.0.0.1:", line, StringComparison.Ordinal);
            var address = new Uri(line["semsam: open ".Length..line.IndexOf(';', StringComparison.Ordinal)]);
            using var client = new HttpClient { BaseAddress = address };
            for (var watch = Stopwatch.StartNew(); (await client.GetAsync("/readyz")).StatusCode != HttpStatusCode.OK; await Task.Delay(100))
                Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), "it was never ready");
            port = address.Port;
            if (round == 0)
            {
                process.Kill(); // the hard way: the next one starts on the same port as if nothing had been
                await process.WaitForExitAsync();
                continue;
            }
            using var stop = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await process.WaitForExitAsync();
            Assert.Equal(ExitCodes.Ok, process.ExitCode);
        }
    }
}
