using System.Diagnostics;
using System.Text.Json;
using SemanticSam.Cli;
using SemanticSam.Cli.Output.Progress;
using SemanticSam.Engine.Batch;
using SemanticSam.Tests.Engine.Batch;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Scenarios;

/// <summary>Batches end to end, with the embedded model: in process, and in processes that are killed.</summary>
public sealed class BatchCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string In => _folder.File("in");

    private string Out => _folder.File("out");

    private static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandLineTool.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    [Fact]
    public async Task Segment_FolderResumeAndVerify_WorkTogether()
    {
        BatchImages.Write(In, "a.png", "x/a.png");
        File.WriteAllText(Path.Combine(In, "bad.jpg"), "no image");
        string[] ask = ["segment", In, "--point", "20,20", "--level", "whole", "--out", Out];
        var (code, output, error) = await Run(ask);
        Assert.Equal(ExitCodes.Failed, code);
        Assert.Contains("3 to do, 2 done", output);
        Assert.Contains("errors.jsonl", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.False(Directory.Exists(Path.Combine(Out, "overlays")));

        (code, _, error) = await Run(ask);
        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Contains("--resume", error);
        (code, _, error) = await Run([.. ask, "--resume", "--level", "part"]);
        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Contains("levels [\"whole\",\"part\"] now, [\"whole\"] there", error);

        BatchImages.Write(In, "bad.jpg");
        (code, output, error) = await Run([.. ask, "--resume", "--json"]);
        Assert.Equal((0, ""), (code, error));
        using (var json = JsonDocument.Parse(output))
            Assert.Equal((2, 1, 0), (json.RootElement.GetProperty("before").GetInt32(), json.RootElement.GetProperty("done").GetInt32(),
                json.RootElement.GetProperty("failed").GetInt32()));

        (code, output, error) = await Run("verify", Out);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("complete and valid", output);
        File.Delete(Path.Combine(Out, "results", "x", "a.png.json"));
        File.WriteAllBytes(Path.Combine(Out, "results", ".0123456789abcdef0123456789abcdef.tmp"), [1]);
        (code, output, _) = await Run("verify", Out, "--fix", "--json");
        Assert.Equal(ExitCodes.Failed, code);
        using (var json = JsonDocument.Parse(output))
            Assert.Equal(["missing", "counts"], json.RootElement.GetProperty("problems").EnumerateArray().Select(p => p.GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task Segment_EverythingResumedWithAnotherGrid_NamesThatAlone()
    {
        BatchImages.Write(In, "a.png");
        Assert.Equal((0, "", ""), await Run("segment", In, "--everything", "--points-per-side", "2", "--quiet", "--out", Out));
        var (code, _, error) = await Run("segment", In, "--everything", "--points-per-side", "3", "--quiet", "--out", Out, "--resume");
        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Contains("cannot be resumed: everything.points_per_side 3 now, 2 there. ", error);
    }

    [Fact]
    public async Task Segment_ListInShards_MergesToTheWhole()
    {
        BatchImages.Write(In, "a.png", "b.png", "c.png");
        File.WriteAllLines(_folder.File("list.txt"), ["in/a.png", "in/b.png", "in/c.png"]);
        string[] ask = ["segment", "--point", "20,20", "--overlays", "--quiet"];
        Assert.Equal((0, "", ""), await Run([.. ask, "--list", _folder.File("list.txt"), "--out", Out]));
        string[] shards = [_folder.File("1"), _folder.File("2")];
        for (int i = 0; i < 2; i++)
            Assert.Equal((0, "", ""), await Run([.. ask, "@" + _folder.File("list.txt"), "--out", shards[i], "--shard", $"{i + 1}/2"]));
        var (code, _, error) = await Run("merge", shards[0], "--out", _folder.File("merged"));
        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Contains("shard 2/2", error);
        Assert.Equal((0, "", ""), await Run(["merge", .. shards, "--out", _folder.File("merged"), "--coco", _folder.File("all.json"), "--quiet"]));
        Assert.Equal(BatchImages.Content(Out), BatchImages.Content(_folder.File("merged")));

        using var coco = JsonDocument.Parse(File.ReadAllBytes(_folder.File("all.json")));
        Assert.Equal(["a.png", "b.png", "c.png"], coco.RootElement.GetProperty("images").EnumerateArray().Select(i => i.GetProperty("file_name").GetString()));
        Assert.Equal(BatchVerifier.Verify(Out).Masks, coco.RootElement.GetProperty("annotations").GetArrayLength());
        var (converted, _, problems) = await Run("convert", Out, "--to", "coco", "--out", _folder.File("converted.json"));
        Assert.Equal((0, ""), (converted, problems)); // a batch's folder is a set of annotations
        Assert.Equal(File.ReadAllBytes(_folder.File("all.json")), File.ReadAllBytes(_folder.File("converted.json")));
    }

    [Fact]
    public async Task Segment_PromptsAsABatch_KeepsEachLinesAnswer()
    {
        BatchImages.Write(In, "a.png", "b.png");
        string prompts = _folder.File("prompts.jsonl");
        File.WriteAllLines(prompts,
        [
            """{"image": "in/a.png", "points": [[20, 20, 1]], "levels": ["whole"]}""",
            """{"image": "in/a.png", "points": [[30, 30, 1]], "levels": ["part"]}""",
            """{"image": "in/b.png", "points": [[2000, 20, 1]]}""",
        ]);
        var (code, _, error) = await Run("segment", "--prompts", prompts, "--out", Out, "--resume");
        Assert.Equal(ExitCodes.Failed, code); // the third point is outside
        string Level(string key)
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Out, "results", key + ".json")));
            return Assert.Single(json.RootElement.GetProperty("annotations").EnumerateArray()).GetProperty("level").GetString()!;
        }
        Assert.Equal(("whole", "part"), (Level("a.png"), Level("a.png#2")));
        Assert.Contains("2000", Assert.Single(File.ReadAllLines(Path.Combine(Out, "errors.jsonl"))));
        Assert.Equal(0, (await Run("verify", Out)).Code);
        File.AppendAllText(prompts, "no json\n");
        (code, _, error) = await Run("segment", "--prompts", prompts, "--out", Out, "--resume");
        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Contains("line 4", error);
    }

    [Theory]
    [InlineData(ExitCodes.BadInput, "absent", "segment|IN|IN/absent.png|--point|1,1")]
    [InlineData(ExitCodes.BadInput, "*.webp", "segment|IN/*.webp|--point|1,1")]
    [InlineData(ExitCodes.BadInput, "absent.txt", "segment|--list|IN/absent.txt|--point|1,1")]
    [InlineData(ExitCodes.Usage, "--shard: '3/2'", "segment|IN|--point|1,1|--shard|3/2")]
    [InlineData(ExitCodes.Usage, "--text", "segment|IN|--out|OUT")]
    [InlineData(ExitCodes.Usage, "--prompts", "segment|IN|--prompts|x.jsonl")]
    [InlineData(ExitCodes.Usage, "--out is empty", "segment|IN|--point|1,1|--out=")]
    [InlineData(ExitCodes.CannotWrite, "is a file", "segment|IN|--point|1,1|--out|IN/a.png")]
    [InlineData(ExitCodes.BadInput, "no batch", "verify|IN")]
    [InlineData(ExitCodes.BadInput, "no batch", "merge|IN|--out|OUT")]
    [InlineData(ExitCodes.Usage, "--coco", "merge|IN|--out|OUT|--coco|IN")]
    public async Task CommandLine_Wrong_IsOneLineThatNamesIt(int expected, string named, string words)
    {
        BatchImages.Write(In, "a.png");
        var (code, output, error) = await Run([.. words.Split('|').Select(w => w.Replace("IN", In).Replace("OUT", Out))]);
        Assert.Equal((expected, ""), (code, output));
        Assert.Contains(named, Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.False(Directory.Exists(Out));
    }

    [Fact]
    public void Meter_Text_TellsRateAndTimeLeftOfThisRunAlone()
    {
        var now = TimeSpan.Zero;
        var meter = new ProgressMeter(ProgressUnit.Images, () => now);
        meter.Report(new(400, 1000));
        Assert.Equal("400 of 1000", meter.Text());
        now = TimeSpan.FromSeconds(50);
        meter.Report(new(500, 1000, "1 failed"));
        Assert.Equal("500 of 1000, 2.00 images/s, 00:04:10 left, 1 failed", meter.Text());
        now += TimeSpan.FromSeconds(10); // nothing happened, but time went by
        Assert.Equal("500 of 1000, 2.00 images/s, 00:04:00 left, 1 failed", meter.Text());
    }

    /// <summary>A training of so many steps that also has a limit of time ends with whichever comes first.</summary>
    [Fact]
    public void Meter_LimitOfTime_ShowsTheSmallerOfTheTwo()
    {
        var now = TimeSpan.Zero;
        var meter = new ProgressMeter(ProgressUnit.Steps, () => now);
        meter.Report(new(0, 1000, AtMost: TimeSpan.FromMinutes(10)));
        Assert.Equal("0 of 1000, 00:10:00 left", meter.Text());
        now = TimeSpan.FromSeconds(30);
        meter.Report(new(10, 1000, AtMost: TimeSpan.FromMinutes(9.5))); // 990 steps take 49 minutes
        Assert.Equal("10 of 1000, 3.00 s a step, 00:09:30 left", meter.Text());
        now += TimeSpan.FromSeconds(10);
        Assert.Equal("10 of 1000, 3.00 s a step, 00:09:20 left", meter.Text());
        meter.Report(new(990, 1000, AtMost: TimeSpan.FromMinutes(9)));
        Assert.EndsWith("00:00:00 left", meter.Text());
    }

    [Fact]
    [Trait("Category", "Slow")]
    public Task Segment_KilledAndResumed_EqualsAnUndisturbedRun() => KilledAndResumed(images: 4, done: [(2, false)]);

    [Fact]
    [Trait("Category", "Slow")]
    public Task Segment_KilledThriceAndResumed_EqualsAnUndisturbedRun() => KilledAndResumed(images: 12, done: [(2, false), (6, true), (9, false)]);

    /// <param name="images">How many there are, beside one that cannot be read.</param>
    /// <param name="done">After how many answers the process is ended, and whether it is asked to end.</param>
    private async Task KilledAndResumed(int images, (int Target, bool Politely)[] done)
    {
        BatchImages.Write(In, [.. Enumerable.Range(0, images).Select(i => $"{(char)('a' + i % 3)}/{i:00}.png")]);
        File.WriteAllText(Path.Combine(In, "b", "bad.png"), "no image");
        var random = new Random(Environment.TickCount);
        int before = 0;
        foreach (var (target, ask) in done)
        {
            using var process = Start(Out);
            while (!process.HasExited && Done(Out) < target) await Task.Delay(5);
            await Task.Delay(random.Next(60));
            bool politely = ask && !OperatingSystem.IsWindows(); // there is no kill to ask politely with
            if (politely)
                using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
                    await kill.WaitForExitAsync();
            else process.Kill();
            string said = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            if (politely && process.ExitCode != ExitCodes.Failed) // it may have been done by then
            {
                Assert.Equal(ExitCodes.Interrupted, process.ExitCode);
                Assert.Contains("interrupted", said);
                Assert.Empty(new BatchLayout(Out).Leftovers(_ => { }));
            }
            Assert.InRange(Done(Out), Math.Max(before, target), images); // nothing that was done is lost
            before = Done(Out);
        }
        foreach (string folder in new[] { Out, _folder.File("undisturbed") })
        {
            using var process = Start(folder);
            await process.WaitForExitAsync();
            Assert.Equal(ExitCodes.Failed, process.ExitCode);
        }
        Assert.Equal(BatchImages.Content(_folder.File("undisturbed")), BatchImages.Content(Out));
        Assert.Single(File.ReadAllLines(Path.Combine(Out, "errors.jsonl")));
        Assert.Empty(BatchVerifier.Verify(Out).Problems);
    }

    private Process Start(string folder) => Process.Start(new ProcessStartInfo("dotnet",
        ["exec", ToolProcess.Program, "segment", In, "--point", "30,25", "--overlays", "--resume", "--quiet",
        "--threads", "1", "--out", folder])
    { RedirectStandardError = true })!;

    private static int Done(string folder) => Directory.Exists(Path.Combine(folder, "results"))
        ? Directory.GetFiles(Path.Combine(folder, "results"), "*.json", SearchOption.AllDirectories).Length : 0;
}
