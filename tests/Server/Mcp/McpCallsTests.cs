using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using SemanticSam.Cli;
using SemanticSam.Server.Mcp;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Server.Mcp;

/// <summary>The end of the input ends a conversation when all that was read is answered, however long a busy machine takes to get to it.</summary>
public sealed class McpCallsTests
{
    [Fact]
    public async Task End_WaitsForLinesThatWereRead()
    {
        var calls = new McpCalls();
        calls.Read(2);
        var idle = calls.WhenIdle(TimeSpan.FromSeconds(60));
        await Task.Delay(600);
        Assert.False(idle.IsCompleted, "a line was read that nobody has looked at");
        var work = new TaskCompletionSource();
        var request = calls.Incoming(new JsonRpcRequest { Method = "tools/call" }, () => work.Task);
        await calls.Incoming(new JsonRpcNotification { Method = "notifications/initialized" }, () => Task.CompletedTask);
        await Task.Delay(600);
        Assert.False(idle.IsCompleted, "a request is at work");
        work.SetResult();
        await request;
        await Task.Delay(600);
        Assert.False(idle.IsCompleted, "its answer is not sent");
        await calls.Outgoing(new JsonRpcResponse { Result = null }, () => Task.CompletedTask);
        await idle.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>A line that is no message, and a request that was given up, have no answer: the end does not wait for ever.</summary>
    [Fact]
    public async Task End_DoesNotWaitForWhatIsNeverAnswered()
    {
        var calls = new McpCalls();
        calls.Read(1);
        await calls.WhenIdle(TimeSpan.FromMinutes(5)).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("{}\n{}\n", 2)]
    [InlineData("{}\r\n\r\n \n{}", 2)]
    [InlineData("\n", 0)]
    public async Task Lines_AreCounted_BlankOnesNot(string input, int lines)
    {
        var calls = new McpCalls();
        var stream = new EndableInput(new MemoryStream(Encoding.UTF8.GetBytes(input)), calls, TimeSpan.FromMilliseconds(1), CancellationToken.None);
        await stream.CopyToAsync(Stream.Null);
        for (int i = 0; i < lines; i++) await calls.Incoming(new JsonRpcNotification { Method = "x" }, () => Task.CompletedTask);
        var watch = Stopwatch.StartNew();
        await calls.WhenIdle(TimeSpan.FromSeconds(60));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 4); // at once, and not as one that waits for a line more
    }

    /// <summary>All at once through a pipe, as scripts do.</summary>
    [Fact]
    public async Task Conversation_ThroughAPipe_IsAnsweredWhole()
    {
        string picture = Convert.ToBase64String(TestServer.Picture());
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", ToolProcess.Program, "mcp", "--quiet"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(
            """
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}
            {"jsonrpc":"2.0","method":"notifications/initialized"}

            {"jsonrpc":"2.0","id":2,"method":"tools/list"}
            {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"segment","arguments":{"image":{"base64":"PICTURE"},"points":[[48,32]]}}}
            {"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"nothing"}}
            """.Replace("PICTURE", picture, StringComparison.Ordinal));
        process.StandardInput.Close();
        var ids = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)
            .Where(m => m["method"] is null).Select(m => (int)m["id"]!).Order();
        Assert.True(ids.SequenceEqual([1, 2, 3, 4]), $"answered are {string.Join(", ", ids)}; {await errors}");
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(ExitCodes.Ok, process.ExitCode);
    }
}
