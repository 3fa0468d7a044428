using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using SemanticSam.Cli;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Server;

/// <summary>A server writes nothing but its log: where the disk of that is full, it goes on.</summary>
public sealed class FullDiskTests
{
    [SkippableFact]
    public async Task Serve_WhereItsLogCannotBeWritten_GoesOnAnswering()
    {
        Skip.IfNot(File.Exists("/dev/full"), "there is no /dev/full");
        var start = new ProcessStartInfo("bash", ["-c", "exec dotnet exec \"$@\" 2>/dev/full", "bash", ToolProcess.Program, "serve", "--port", "0"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        string line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("it ended");
        using var client = new HttpClient { BaseAddress = new(line.Split(' ').First(w => w.StartsWith("http", StringComparison.Ordinal)).TrimEnd(';')) };
        for (int i = 0; i < 80; i++) // more lines than wait in any buffer of the log
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/healthz")).StatusCode);
        using (var file = new ByteArrayContent(TestServer.Picture()) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } })
            await TestServer.Json(await client.PostAsync("/api/v1/images", file));
        using (var stop = Process.Start("kill", ["-TERM", $"{process.Id}"])) await stop.WaitForExitAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(ExitCodes.Ok, process.ExitCode);
    }
}
