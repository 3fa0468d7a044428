using System.Diagnostics;
using System.Text.Json;
using SemanticSam.Cli;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Scenarios;

/// <summary>Contradictions, full disks and interruptions: one line, an exit code, nothing half done.</summary>
public sealed class HostileUseTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string ImageFile(string name = "grey.png")
    {
        var image = new RgbImage(96, 64);
        image.Pixels.AsSpan().Fill(120);
        return _folder.Write(name, ImageEncoder.Png(image));
    }

    private static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandLineTool.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static string OnlyLine(string error)
    {
        string line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("semsam: ", line);
        return line;
    }

    [Theory]
    [InlineData(ExitCodes.Usage, "frob", "'frob'")]
    [InlineData(ExitCodes.Usage, "segment", "image")]
    [InlineData(ExitCodes.Usage, "segment|IMAGE", "--text")]
    [InlineData(ExitCodes.Usage, "segment|IMAGE|--threads|many|--point|1,1", "whole number")]
    [InlineData(ExitCodes.Usage, "segment|IMAGE|--points-per-side|4|--point|1,1", "--everything")]
    [InlineData(ExitCodes.Usage, "segment|IMAGE|--everything|--points-per-side|0", "--points-per-side 0: 1 to 128")]
    [InlineData(ExitCodes.Usage, "segment|IMAGE|--everything|--crops|5", "--crops 5: 0 to 4")]
    [InlineData(ExitCodes.Usage, "segment|IMAGE|--everything|--point|1,1", "--everything cannot be combined")]
    [InlineData(ExitCodes.Usage, "segment|IMAGE|--point|1,1|--device|tpu", "--device tpu")]
    [InlineData(ExitCodes.Usage, "segment|IMAGE|IMAGE|--point|1,1|--features|f", "--features is of one image")]
    [InlineData(ExitCodes.Usage, "parts|IMAGE", "say of what")]
    [InlineData(ExitCodes.Usage, "segment|IMAGE|--out=|--point|1,1", "--out is empty")]
    [InlineData(ExitCodes.Usage, "segment|--prompts|IMAGE|--text|car", "--text")]
    [InlineData(ExitCodes.Usage, "segment|--prompts|IMAGE|--everything", "--everything")]
    [InlineData(ExitCodes.BadInput, "segment|IMAGE|--text=|--out|OUT", "--text is empty")]
    [InlineData(ExitCodes.BadInput, "segment|IMAGE|--point=-5,3", "-5")]
    [InlineData(ExitCodes.BadInput, "segment|IMAGE|--point|1,1|--level|huge", "'huge'")]
    [InlineData(ExitCodes.Usage, "segment|IMAGE|--point|1,1|--level=", "--level is empty")]
    [InlineData(ExitCodes.BadInput, "segment|--prompts|missing.jsonl", "missing.jsonl")]
    [InlineData(ExitCodes.BadInput, "segment|--prompts|.", "folder")]
    public async Task CommandLine_Contradiction_IsOneLineThatNamesIt(int expected, string words, string named)
    {
        string[] arguments = [.. words.Split('|').Select(w => w == "IMAGE" ? ImageFile() : w == "OUT" ? _folder.File("out") : w)];
        var (code, output, error) = await Run(arguments);
        Assert.Equal((expected, ""), (code, output));
        Assert.Contains(named, OnlyLine(error));
    }

    [Fact]
    public async Task Segment_JsonCannotBeWritten_LeavesNoOverlay()
    {
        string folder = _folder.File("out");
        Directory.CreateDirectory(Path.Combine(folder, "grey.json"));
        var (code, _, error) = await Run("segment", ImageFile(), "--point", "40,30", "--out", folder);
        Assert.Equal(ExitCodes.CannotWrite, code);
        Assert.Contains("grey.json", OnlyLine(error));
        Assert.Equal(["grey.json"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Segment_StandardOutputIsFull_SaysSo()
    {
        using var output = new FullWriter();
        using var error = new StringWriter();
        int code = await CommandLineTool.RunAsync(["segment", ImageFile(), "--point", "40,30", "--json"], output, error);
        Assert.Equal(ExitCodes.CannotWrite, code);
        Assert.Contains("standard output", OnlyLine(error.ToString()));
    }

    [Fact]
    public async Task Prompts_ImagesOfOneName_OverwriteNothing()
    {
        Directory.CreateDirectory(_folder.File("other"));
        string[] images = [ImageFile(), ImageFile("grey-2.png"), ImageFile(Path.Combine("other", "grey.png")), ImageFile("\u00e9l\u00e9phant \U0001F418.png")];
        string folder = _folder.File("out"), prompts = _folder.File("prompts.jsonl");
        File.WriteAllLines(prompts, images.Select(p => JsonSerializer.Serialize(new { image = p, points = new[] { new[] { 40, 30, 1 } } })));
        var (code, output, error) = await Run("segment", "--prompts", prompts, "--out", folder);
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(images, output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => JsonDocument.Parse(l).RootElement.GetProperty("image").GetProperty("file_name").GetString()!));
        string[] names = ["grey", "grey-2", "grey-3", "\u00e9l\u00e9phant \U0001F418"];
        Assert.Equal(names.SelectMany(n => new[] { n + ".json", n + ".overlay.png" }).Order(StringComparer.Ordinal),
            Directory.GetFiles(folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Prompts_Quiet_PrintsOnlyTheFailures()
    {
        string prompts = _folder.File("prompts.jsonl");
        File.WriteAllLines(prompts,
            [$$"""{"image": "{{Path.GetFileName(ImageFile())}}", "points": [[40, 30, 1]]}""", """{"image": "missing.png", "points": [[1, 1]]}"""]);
        var (code, output, error) = await Run("segment", "--prompts", prompts, "--quiet", "--out", _folder.File("out"));
        Assert.Equal((ExitCodes.Failed, ""), (code, output));
        Assert.StartsWith("semsam: line 2: ", OnlyLine(error));
        Assert.Equal(2, Directory.GetFiles(_folder.File("out")).Length);
    }

    [Fact]
    public async Task Segment_Interrupted_StopsWithOneLineAndNoFile()
    {
        if (OperatingSystem.IsWindows()) return; // there is no kill to send the signal with
        string folder = _folder.File("out");
        string[] arguments = ["exec", ToolProcess.Program, "segment", ImageFile(), "--everything",
            "--points-per-side", "128", "--out", folder];
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var error = process.StandardError.ReadToEndAsync();
        // The folder is made once the command line and the image are understood.
        for (int i = 0; i < 600 && !Directory.Exists(folder) && !process.HasExited; i++) await Task.Delay(50);
        // TERM, which the tool treats as it does INT: a shell that runs tests in the background has its children ignore INT.
        using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
        Assert.Contains("interrupted", OnlyLine(await error));
        Assert.Equal(ExitCodes.Interrupted, process.ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    /// <summary>
    /// Somebody presses Ctrl-C, and again, and again, also while the process is ending: it ends by itself, with its own code and one line. The later signals
    /// are TERM, for which the same handlers stand, and which would end it with another code.
    /// </summary>
    [Fact]
    public async Task Convert_InterruptedAgainAndAgain_EndsByItself()
    {
        if (OperatingSystem.IsWindows()) return; // there is no kill to send signals with
        const int Images = 20_000; // a minute of work, of which a moment is done
        string first = _folder.File("out/0.png");
        string coco = _folder.Write("c.json", JsonSerializer.SerializeToUtf8Bytes(new
        {
            images = Enumerable.Range(0, Images).Select(i => new { id = i, file_name = $"{i}.jpg", width = 64, height = 64 }),
            annotations = Array.Empty<int>(),
            categories = Array.Empty<int>(),
        }));
        using var process = ToolProcess.Start(null, "convert", coco, "--to", "index-png", "--out", _folder.File("out"), "--quiet");
        var (error, output) = (process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync());
        for (int i = 0; i < 3000 && !File.Exists(first) && !process.HasExited; i++) await Task.Delay(10);
        string[] signals = ["-c", "kill -INT $0; for i in {1..60}; do sleep 0.005; kill -TERM $0 2> /dev/null || exit 0; done",
            process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)];
        using (var burst = Process.Start("bash", signals)) await burst.WaitForExitAsync();
        await process.WaitForExitAsync();
        Assert.Equal((ExitCodes.Interrupted, ""), (process.ExitCode, await output));
        Assert.Contains("interrupted", OnlyLine(await error));
        Assert.True(File.Exists(first));
    }

    private sealed class FullWriter : StringWriter
    {
        public override void Write(char value) => throw new IOException("No space left on device");

        public override void Write(string? value) => throw new IOException("No space left on device");

        public override void WriteLine(string? value) => throw new IOException("No space left on device");
    }
}
