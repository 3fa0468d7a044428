using System.Diagnostics;
using System.Text.Json;
using SemanticSam.Cli;
using SemanticSam.Engine.Zoo;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Cli.Verbs;

public sealed class TuneCommandTests : IDisposable
{
    private readonly TuningScene _scene = new(images: 2);

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task Tune_DryRun_SaysWhatWouldBeTrainedAndWritesNothing()
    {
        var (code, output, _) = await Run(Tune("rsprompter-anchor", "--dry-run"));
        Assert.Equal(ExitCodes.Ok, code);
        Assert.Contains("2 images, 4 instances of 3 classes: square, tile, nowhere", output);
        Assert.Contains("numbers", output);
        Assert.Contains("mask_decoder.transformer", output);
        Assert.Contains("of memory", output);
        Assert.False(Directory.Exists(_scene.Out("model")));
    }

    [Fact]
    public async Task Tune_WithAnImageThatIsLeftOut_IsCode1()
    {
        File.Delete(Directory.EnumerateFiles(_scene.Images).Order().First());
        var (code, output, error) = await Run(Tune("rsprompter-anchor", "--dry-run"));
        Assert.Equal(ExitCodes.Failed, code);
        Assert.Contains("left out", error);
        Assert.Contains("1 images", output);
    }

    [SkippableFact]
    public async Task Tune_Nano_TakesTheEmbeddedModel()
    {
        Skip.IfNot(ModelPackage.Embedded().IsNano, "This build embeds a model of another family.");
        string[] words = Tune("rsprompter-anchor", "--dry-run", "--image-size", "128");
        words[Array.IndexOf(words, "--model") + 1] = "nano";
        var (code, output, error) = await Run(words);
        Assert.True(code == ExitCodes.Ok, error);
        Assert.Contains("trained on nano", output);
    }

    [Fact]
    public async Task Tune_ThenSegment_NamesInstancesAndCheckRecognizesTheFolder()
    {
        var (code, output, error) = await Run(Tune("sam-seg-maskrcnn", "--epochs", "1", "--views", "1"));
        Assert.True(code == ExitCodes.Ok, error);
        Assert.Contains("done", output);
        var (again, _, refusal) = await Run(Tune("sam-seg-maskrcnn", "--epochs", "1"));
        Assert.Equal(ExitCodes.Usage, again);
        Assert.Contains("--resume", refusal);

        var (segmented, _, why) = await Run(["segment", _scene.Image(0), "--model", _scene.Out("model"), "--out", _scene.Out("answer")]);
        Assert.True(segmented == ExitCodes.Ok, why);
        var (batched, _, whyNot) =
            await Run(["segment", _scene.Images, "--model", _scene.Out("model"), "--out", _scene.Out("answers"), "--format", "coco", "--quiet"]);
        Assert.True(batched == ExitCodes.Ok, whyNot);
        using var coco = JsonDocument.Parse(File.ReadAllText(Directory.GetFiles(_scene.Out("answers"), "*.json")
            .Single(f => File.ReadAllText(f).Contains("\"categories\"", StringComparison.Ordinal))));
        Assert.Equal(2, coco.RootElement.GetProperty("images").GetArrayLength());
        var (check, told, _) = await Run(["models", "check", _scene.Out("model"), "--json"]);
        Assert.True(check == ExitCodes.Ok, told);
        Assert.Equal("RsPrompter", JsonDocument.Parse(told).RootElement.GetProperty("family").GetString());
    }

    /// <summary>Killed without warning, in the middle of a step or of a checkpoint.</summary>
    [Fact]
    [Trait("Category", "Slow")]
    public async Task Tune_KilledAndResumed_GoesOnAndItsModelIsUsed()
    {
        string[] words = Tune("sam-parser", "--epochs", "40", "--checkpoint-every", "3", "--quiet");
        using (var process = ToolProcess.Start(null, words))
        {
            string state = Path.Combine(_scene.Out("model"), "training.safetensors");
            for (var clock = Stopwatch.StartNew(); !File.Exists(state) && clock.Elapsed < TimeSpan.FromMinutes(2);) await Task.Delay(50);
            await Task.Delay(1500);
            process.Kill();
            await process.WaitForExitAsync();
        }
        var (code, _, error) = await ToolProcess.RunAsync(null, [.. words, "--resume"]);
        Assert.True(code == ExitCodes.Ok, error);
        Assert.Empty(Directory.GetFiles(_scene.Out("model"), "*.tmp"));
        var (segmented, _, why) = await ToolProcess.RunAsync(null, "segment", _scene.Image(0), "--model", _scene.Out("model"), "--box",
            "8,6,32,30", "--out", _scene.Out("answer"));
        Assert.True(segmented == ExitCodes.Ok, why);
    }

    /// <summary>A set that nobody prepared: twenty images, a kill at any moment, and a model that finds things without being asked for a place.</summary>
    [Fact]
    [Trait("Category", "Slow")]
    public async Task Tune_PrompterOnTwentyImagesKilledAtRandom_GoesOnAndIsUsed()
    {
        using var scene = new TuningScene(images: 20);
        string folder = scene.Out("model"), state = Path.Combine(folder, "training.safetensors");
        string[] words = ["tune", "rsprompter-anchor", "--data", scene.Data, "--images", scene.Images, "--model", scene.Sam, "--out", folder,
            "--epochs", "3", "--views", "1", "--lr", "1e-3", "--checkpoint-every", "7", "--quiet"];
        int wait = Random.Shared.Next(100, 8000);
        using (var process = ToolProcess.Start(null, words))
        {
            for (var clock = Stopwatch.StartNew(); !File.Exists(state) && clock.Elapsed < TimeSpan.FromMinutes(2);) await Task.Delay(50);
            await Task.Delay(wait);
            process.Kill();
            await process.WaitForExitAsync();
        }
        var (code, _, error) = await ToolProcess.RunAsync(null, [.. words, "--resume"]);
        Assert.True(code == ExitCodes.Ok, $"Killed after {wait} ms: {error}");
        Assert.Empty(Directory.GetFiles(folder, "*.tmp"));
        JsonElement[] lines = [.. File.ReadLines(Path.Combine(folder, "metrics.jsonl")).Select(l => JsonDocument.Parse(l).RootElement)];
        int[] steps = [.. lines.Select(l => l.GetProperty("step").GetInt32())];
        Assert.True(steps.SequenceEqual(steps.Distinct().Order()) && steps[^1] == 60, $"Killed after {wait} ms: steps {string.Join(' ', steps)}.");
        string page = scene.Out("page.html");
        var (measured, figures, whyNot) = await ToolProcess.RunAsync(null, "evaluate", "--protocol", "coco", "--model", folder, "--annotations", scene.Data,
            "--image-folder", scene.Images, "--json", "--quiet", "--page", page);
        Assert.True(measured == ExitCodes.Ok, $"Killed after {wait} ms: {whyNot}");
        Assert.Contains("Worst cases", File.ReadAllText(page));
        Assert.Equal(2 * 20, JsonDocument.Parse(figures).RootElement.GetProperty("figures").EnumerateArray()
            .First(f => f.GetProperty("id").GetString() == "box_ap50").GetProperty("count").GetInt32());
        // How good it is, weights from a formula do not tell; that what was learned before the kill was not lost, the losses do.
        double Loss(JsonElement line) => line.EnumerateObject().Where(p => p.Name.StartsWith("loss", StringComparison.Ordinal)).Sum(p => p.Value.GetDouble());
        Assert.True(Loss(lines[^1]) < 0.9 * Loss(lines[0]), $"Killed after {wait} ms: the loss went from {Loss(lines[0])} to {Loss(lines[^1])}.");
        var (segmented, _, why) = await ToolProcess.RunAsync(null, "segment", scene.Image(3), "--model", folder, "--out", scene.Out("answer"));
        Assert.True(segmented == ExitCodes.Ok, why);
        Assert.NotEmpty(Directory.GetFiles(scene.Out("answer"), "*.json"));
    }

    /// <summary>A disk that fills up in the middle takes nothing of what was learned before, and says how to go on.</summary>
    [SkippableFact]
    [Trait("Category", "Slow")]
    public async Task Tune_DiskFull_SaysSoKeepsTheCheckpointAndGoesOnLater()
    {
        Skip.If(OperatingSystem.IsWindows(), "Sizes of files are limited by the shell of Unix.");
        var (begun, _, why) = await ToolProcess.RunAsync(null, Tune("sam-parser", "--epochs", "1"));
        Assert.True(begun == ExitCodes.Ok, why);
        string state = Path.Combine(_scene.Out("model"), "training.safetensors"), model = Path.Combine(_scene.Out("model"), "model.safetensors");
        byte[] stateBefore = File.ReadAllBytes(state), modelBefore = File.ReadAllBytes(model);
        string[] more = Tune("sam-parser", "--epochs", "3", "--checkpoint-every", "1", "--resume");
        var (full, _, told) = await ToolProcess.RunOnFullDiskAsync(stateBefore.Length / 2048, more);
        Assert.True(full == ExitCodes.CannotWrite, told);
        Assert.Contains("the checkpoint of step 3 could not be written, the one before is whole", told);
        Assert.Contains("--resume goes on", told);
        Assert.DoesNotContain("   at ", told);
        Assert.Equal(stateBefore, File.ReadAllBytes(state));
        Assert.Equal(modelBefore, File.ReadAllBytes(model));
        Assert.Empty(Directory.GetFiles(_scene.Out("model"), "*.tmp"));
        var (resumed, _, error) = await ToolProcess.RunAsync(null, more);
        Assert.True(resumed == ExitCodes.Ok, error);
        Assert.NotEqual(stateBefore, File.ReadAllBytes(state));
    }

    [Theory]
    [InlineData("is no method", "magic")]
    [InlineData("--epochs 0: 1 to", "sam-parser", "--epochs", "0")]
    [InlineData("--lr -1: a positive", "sam-parser", "--lr=-1")]
    [InlineData("qkv, proj, lin1, lin2", "lora", "--layers", "everything")]
    [InlineData("--crop 100: a multiple of 64", "rsprompter-anchor", "--crop", "100")]
    [InlineData("take whole images", "rsprompter-anchor", "--crop", "128")]
    [InlineData("multiple of 64", "sam-seg-maskrcnn", "--image-size", "100")]
    public async Task Tune_BadArguments_SayWhatIsAllowed(string message, string method, params string[] arguments)
    {
        var (code, _, error) = await Run(Tune(method, arguments));
        Assert.NotEqual(ExitCodes.Ok, code);
        Assert.Contains(message, error);
        Assert.DoesNotContain("   at ", error);
    }

    private string[] Tune(string method, params string[] more) =>
        ["tune", method, "--data", _scene.Data, "--images", _scene.Images, "--model", _scene.Sam, "--out", _scene.Out("model"), .. more];

    private static async Task<(int Code, string Output, string Error)> Run(string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = await CommandLineTool.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
