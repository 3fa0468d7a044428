using System.Diagnostics;
using System.Text.Json.Nodes;
using ModelContextProtocol.Client;
using SemanticSam.Cli;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Server.Mcp;

/// <summary><c>semsam mcp</c> as an agent starts it: a process of its own, spoken to over its standard input and output.</summary>
public sealed class McpCommandTests
{
    private static string Photos => Path.Combine(Fixtures.Own, "wholepart");

    private static Task<McpClient> Connect(params string[] arguments) => McpClient.CreateAsync(new StdioClientTransport(new()
    {
        Command = "dotnet", Arguments = ["exec", ToolProcess.Program, "mcp", "--quiet", .. arguments],
    }));

    [Fact]
    public async Task Agent_FindsTheTools_AndSeesAMask()
    {
        using var temp = new TempFolder();
        string picture = temp.Write("ball.png", TestServer.Picture());
        await using var client = await Connect("--allow-folder", temp.Path);
        Assert.Equal(McpTools.Names, (await client.ListToolsAsync()).Select(t => t.Name).Order());
        var result = await client.Call("segment", new { image = new { path = picture }, points = new[] { new[] { 48, 32 } } });
        Assert.Single(McpTools.Answer(result)["masks"]!.AsArray());
        Assert.Equal((96, 64), (McpTools.Overlay(result).Width, McpTools.Overlay(result).Height));
        McpTools.Refusal("path_refused", await client.Call("segment", new { image = new { path = "/etc/hostname" }, points = new[] { new[] { 1, 1 } } }));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Agent_UsesAllTools_OnPhotographs()
    {
        using var temp = new TempFolder();
        await using var client = await Connect("--allow-folder", Photos, "--allow-output", temp.Path);
        object image = new { path = "images/val/furniture_img1020.jpg" };
        var clicked = await client.Call("segment", new { image, points = new[] { new[] { 320, 240 } }, masks = "every_level" });
        var answer = McpTools.Answer(clicked);
        Assert.NotEmpty(answer["masks"]!.AsArray());
        Assert.Equal((int)answer["width"]!, McpTools.Overlay(clicked).Width);
        object id = new { id = (string)answer["image_id"]! };
        Assert.NotEmpty(McpTools.Answer(await client.Call("parts", new { image = id, points = new[] { new[] { 320, 240 } } }))["masks"]!.AsArray());
        Assert.NotEmpty(McpTools.Answer(await client.Call("everything", new { image = id, points_per_side = 4 }))["masks"]!.AsArray());

        var converted = McpTools.Answer(await client.Call("convert", new { input = "annotations_val.json", to = "yolo", output = "yolo" }));
        Assert.True((int)converted["masks"]! > 0);
        Assert.True(Directory.Exists(temp.File("yolo")));
        var report = await client.Call("evaluate",
            new { annotations = "annotations_val.json", images = "images/val", protocols = new[] { "clicks" }, most = 1 });
        McpTools.Conforms((await client.ListToolsAsync()).Single(t => t.Name == "evaluate"), report);
        var measured = McpTools.Answer(report);
        Assert.Equal("clicks", (string?)Assert.Single(measured["protocols"]!.AsArray())!["protocol"]);
        Assert.InRange((double)measured["protocols"]![0]!["figures"]![0]!["value"]!, 0, 1);
        McpTools.Refusal("malformed", await client.Call("evaluate", new { annotations = "annotations_val.json", protocols = new[] { "luck" } }));
    }

    /// <summary>Standard output is the protocol's alone, whatever is logged; the process ends with its input, with code 0.</summary>
    [Fact]
    public async Task Output_IsProtocolAlone_AndEndsWithTheInput()
    {
        var start = new ProcessStartInfo("dotnet", ["exec", ToolProcess.Program, "mcp"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteLineAsync(
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");
        await process.StandardInput.WriteLineAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        await process.StandardInput.WriteLineAsync("this is no message");
        string picture = Convert.ToBase64String(TestServer.Picture());
        await process.StandardInput.WriteLineAsync(
            """{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"segment","arguments":{"image":{"base64":"PICTURE"},"points":[[48,32]]}}}"""
            .Replace("PICTURE", picture, StringComparison.Ordinal));
        var answered = new List<int>();
        while (!answered.Contains(2))
        {
            string line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("it ended: " + await errors);
            var message = JsonNode.Parse(line)!;
            Assert.Equal("2.0", (string?)message["jsonrpc"]);
            if (message["id"]?.GetValueKind() == System.Text.Json.JsonValueKind.Number) answered.Add((int)message["id"]!);
        }
        process.StandardInput.Close();
        Assert.Equal("", await process.StandardOutput.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(ExitCodes.Ok, process.ExitCode);
        Assert.Contains("is loaded", await errors, StringComparison.Ordinal); // there is a log, elsewhere
        Assert.DoesNotContain(picture[..40], await errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_LongerThanTheLargestImage_EndsIt()
    {
        var start = new ProcessStartInfo("dotnet", ["exec", ToolProcess.Program, "mcp", "--quiet", "--max-body", "1"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            for (int i = 0; i < 64; i++) await process.StandardInput.WriteAsync(new string('x', 1 << 16)); // 4 MB
        }
        catch (IOException)
        {
            // It has stopped reading.
        }
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Contains("longer than", errors, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, process.ExitCode);
    }

    /// <summary>The end of the input and SIGTERM alike: what was asked before is answered, and the process ends with code 0.</summary>
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task End_WithACallAtWork_AnswersItFirst(bool signal)
    {
        Skip.If(signal && OperatingSystem.IsWindows(), "there are no such signals");
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", ToolProcess.Program, "mcp", "--quiet"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        string picture = Convert.ToBase64String(TestServer.Picture(width: 480, height: 320));
        await process.StandardInput.WriteLineAsync(
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");
        await process.StandardOutput.ReadLineAsync();
        await process.StandardInput.WriteLineAsync(
            """{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"everything","arguments":{"image":{"base64":"PICTURE"},"points_per_side":8}}}"""
            .Replace("PICTURE", picture, StringComparison.Ordinal));
        await process.StandardInput.WriteLineAsync("""{"jsonrpc":"2.0","id":3,"method":"ping"}""");
        Assert.Equal(3, (int?)JsonNode.Parse((await process.StandardOutput.ReadLineAsync())!)!["id"]); // so the other was read, and is at work
        if (signal)
        {
            using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            await kill.WaitForExitAsync();
        }
        else process.StandardInput.Close();
        var answer = JsonNode.Parse((await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)))!)!;
        Assert.Equal(2, (int?)answer["id"]);
        Assert.NotEmpty(answer["result"]!["structuredContent"]!["masks"]!.AsArray());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((ExitCodes.Ok, ""), (process.ExitCode, await errors));
    }

    [SkippableFact]
    public async Task Convert_WhereTheDiskIsFull_SaysSoAndTheConversationGoesOn()
    {
        Skip.If(OperatingSystem.IsWindows(), "limits of files by a command of Unix");
        using var temp = new TempFolder();
        // No file may grow beyond 4 kB; the runtime maps its code through a file in memory, which counts too.
        const string Script = "trap '' XFSZ; ulimit -f 4; export DOTNET_EnableWriteXorExecute=0; exec dotnet exec \"$@\"";
        await using var client = await McpClient.CreateAsync(new StdioClientTransport(new()
        {
            Command = "bash", Arguments = ["-c", Script, "bash", ToolProcess.Program, "mcp", "--quiet", "--allow-folder", Photos, "--allow-output", temp.Path],
        }));
        var result = await client.Call("convert", new { input = "annotations_val.json", to = "coco", output = "all.json" });
        McpTools.Refusal("not_written", result);
        Assert.DoesNotContain(temp.Path, result.Content.OfType<ModelContextProtocol.Protocol.TextContentBlock>().Single().Text, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(temp.Path));
        Assert.Equal(McpTools.Names, (await client.ListToolsAsync()).Select(t => t.Name).Order());
    }
}
