using System.Text.Json;
using SemanticSam.Cli;
using SemanticSam.Cli.Requests;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Cli;

/// <summary>What files and callers can do to the command line: its terminal, its streams, its exit codes.</summary>
public sealed class HostileCommandTests : IDisposable
{
    private const string Escape = "\u001b]0;owned\u0007";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandLineTool.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private string Safetensors(string header) => _folder.Write("x.safetensors",
        [.. BitConverter.GetBytes((long)System.Text.Encoding.UTF8.GetByteCount(header)), .. System.Text.Encoding.UTF8.GetBytes(header)]);

    private static string Json(string text) => JsonSerializer.Serialize(text);

    /// <summary>Each place where words of a file reach the terminal.</summary>
    [Theory]
    [InlineData("dtype")]
    [InlineData("tensor name")]
    [InlineData("metadata name")]
    [InlineData("index")]
    [InlineData("image")]
    [InlineData("labelme")]
    [InlineData("yolo")]
    [InlineData("coco")]
    [InlineData("manifest")]
    [InlineData("file name")]
    [InlineData("level")]
    [InlineData("device")]
    [InlineData("model")]
    [InlineData("verb")]
    public async Task Words_OfFilesAndArguments_ReachTheTerminalEscaped(string place)
    {
        string bad = $"a{Escape}\u202Eb\u009b2J";
        string folder = _folder.File("set");
        Directory.CreateDirectory(folder);
        string image = _folder.Write("i.png", ImageEncoder.Png(new RgbImage(8, 8)));
        string[] arguments = place switch
        {
            "dtype" => ["models", "check", Safetensors($"{{\"a\":{{\"dtype\":{Json(bad)},\"shape\":[0],\"data_offsets\":[0,0]}}}}")],
            "tensor name" => ["models", "check", Safetensors($"{{{Json(bad)}:{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,1]}}}}")],
            "metadata name" => ["models", "check", Safetensors($"{{\"__metadata__\":{{{Json(bad)}:\"1\",{Json(bad)}:\"2\"}}}}")],
            "index" =>
                ["models", "check", _folder.Write("x.safetensors.index.json", System.Text.Encoding.UTF8.GetBytes($"{{\"weight_map\":{{\"a\":{Json(bad)}}}}}"))],
            "image" => ["segment", _folder.Write("x.jpg", [0, 0, 0, 24, .. "ftyp\u001b[2J"u8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), "--point", "1,1"],
            "labelme" =>
                ["convert",
                _folder.Write("x.json",
                System.Text.Encoding.UTF8.GetBytes(
                $"{{\"shapes\":[{{\"label\":{Json(bad)},\"shape_type\":{Json(bad)},\"points\":[]}}],"
                + $"\"imageWidth\":5,\"imageHeight\":5,\"imagePath\":{Json(bad)}}}")), "--to", "coco", "--out", _folder.File("o.json")],
            "yolo" => ["convert", Yolo(folder, image, bad), "--to", "coco", "--out", _folder.File("o.json")],
            "coco" =>
                ["convert",
                _folder.Write("c.json",
                System.Text.Encoding.UTF8.GetBytes(
                $"{{\"images\":[{{\"id\":1,\"file_name\":{Json("/" + bad)},\"width\":5,\"height\":5}}],"
                + $"\"categories\":[],\"annotations\":[{{\"id\":1,\"image_id\":1,\"category_id\":{Json(bad)}}}]}}")),
                "--to", "yolo", "--out", _folder.File("o")],
            "manifest" => ["verify", Manifest(folder, bad)],
            "file name" => ["segment", _folder.File(bad + ".png"), "--point", "1,1"],
            "level" => ["segment", image, "--point", "1,1", "--level", bad],
            "device" => ["segment", image, "--point", "1,1", "--device", bad],
            "model" => ["segment", image, "--point", "1,1", "--model", bad],
            _ => [bad],
        };
        var (code, output, error) = await Run(arguments);
        Assert.NotEqual(0, code);
        Assert.NotEqual(70, code);
        if (place != "image") Assert.Contains(@"\u001B", error + output); // of an image's brand only letters are taken
        Assert.DoesNotContain(error + output, c => c is '\u202E' or '\u009b' || (char.IsControl(c) && c is not ('\n' or '\r')));
    }

    private static string Yolo(string folder, string image, string bad)
    {
        File.Copy(image, Path.Combine(folder, "i.png"));
        File.WriteAllText(Path.Combine(folder, "i.txt"), "0 0.5 0.5 0.1 0.1\n" + bad + " 0.5 0.5 0.1 0.1\n");
        File.WriteAllText(Path.Combine(folder, "classes.txt"), "a\n");
        return folder;
    }

    private static string Manifest(string folder, string bad)
    {
        File.WriteAllText(Path.Combine(folder, "manifest.json"), $"{{\"format\":{Json(bad)}}}");
        return folder;
    }

    [Fact]
    public async Task Values_InMessages_AreCut()
    {
        string sizes = string.Join(',', Enumerable.Range(0, 100_000));
        string path = _folder.Write("c.json", System.Text.Encoding.UTF8.GetBytes(
            $"{{\"images\":[{{\"id\":1,\"file_name\":\"a.jpg\",\"width\":5,\"height\":5}}],\"categories\":[{{\"id\":1,\"name\":\"a\"}}],"
            + $"\"annotations\":[{{\"id\":1,\"image_id\":1,\"category_id\":1,\"segmentation\":{{\"size\":[{sizes}],\"counts\":[25]}}}}]}}"));
        var (_, _, error) = await Run("convert", path, "--to", "yolo", "--out", _folder.File("o"));
        Assert.True(error.Length < 4000, $"{error.Length}");
        (_, _, error) = await Run("segment", _folder.File("x.png"), "--point", "1,1", "--model", new string('m', 50_000));
        Assert.True(error.Length < 4000, $"{error.Length}");
    }

    [Fact]
    public async Task Output_ThatIsFull_IsCode6FromEveryVerb()
    {
        foreach (string[] arguments in new string[][] { ["--help"], ["--version"], ["segment", "--help"], ["models"], ["models", "--json"] })
        {
            using var error = new StringWriter();
            int code = await CommandLineTool.RunAsync(arguments, new FullWriter(), error);
            Assert.Equal(ExitCodes.CannotWrite, code);
            Assert.Contains("standard output cannot be written", Assert.Single(error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)));
            // nobody hears it, and nothing breaks
            Assert.Equal(ExitCodes.CannotWrite, await CommandLineTool.RunAsync(arguments, new FullWriter(), new FullWriter()));
        }
    }

    private sealed class FullWriter : StringWriter
    {
        public override void Write(char value) => throw new IOException("No space left on device");

        public override void Write(string? value) => throw new IOException("No space left on device");

        public override void Write(char[] buffer, int index, int count) => throw new IOException("No space left on device");

        public override void WriteLine(string? value) => throw new IOException("No space left on device");
    }

    [Fact]
    public void Threads_BeyondWhatCoresCanUse_AreFewerAndSaid()
    {
        var options = new CommonOptions();
        var command = new System.CommandLine.RootCommand();
        options.AddTo(command);
        using var error = new StringWriter();
        var parsed = command.Parse(["--threads", "1024"]);
        parsed.InvocationConfiguration.Error = error;
        Assert.Equal(2 * Environment.ProcessorCount, options.Read(parsed).Threads);
        Assert.Contains("--threads 1024", error.ToString());
        Assert.Equal(1, options.Read(command.Parse(["--threads", "1"])).Threads);
    }

    [Fact]
    public async Task Prompts_LineThatIsTooLong_FailsAlone()
    {
        string image = _folder.Write("i.png", ImageEncoder.Png(SemanticSam.Tests.Engine.Batch.BatchImages.Make(1)));
        string prompts = _folder.File("p.jsonl");
        await File.WriteAllTextAsync(prompts, "{\"image\":\"i.png\",\"points\":[" + new string(' ', 17 << 20)
            + "[1,1,1]]}\n{\"image\":\"i.png\",\"points\":[[30,30,1]]}\n");
        var (code, output, error) = await Run("segment", "--prompts", prompts);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((ExitCodes.Failed, 2), (code, lines.Length));
        Assert.Contains("more than 16777216 characters", lines[0]);
        Assert.Contains("annotations", lines[1]);
        Assert.NotEmpty(image + error);
    }

    /// <summary>A script whose variable is not set gives an empty word.</summary>
    [Theory]
    [InlineData("segment", "", "--point", "1,1")]
    [InlineData("segment", "a.jpg", " ", "--point", "1,1")]
    [InlineData("segment", "a.jpg", "--point", "1,1", "--mask", "")]
    [InlineData("segment", "a.jpg", "--point", "1,1", "--features", "")]
    [InlineData("segment", "a.jpg", "--point", "1,1", "--model=")]
    [InlineData("segment", "--list", "", "--point", "1,1")]
    [InlineData("segment", "--prompts", "")]
    [InlineData("whole", "", "--point", "1,1")]
    [InlineData("convert", "", "--to", "coco", "--out", "o")]
    [InlineData("convert", "a", "--to", "coco", "--out", "o", "--reference", "")]
    [InlineData("convert", "a", "--to", "coco", "--out", "o", "--names", "")]
    [InlineData("verify", "")]
    [InlineData("merge", "", "--out", "o")]
    [InlineData("models", "check", "")]
    [InlineData("evaluate", "--annotations", "")]
    [InlineData("evaluate", "--data", "")]
    [InlineData("train", "--data", "d", "--out", "o", "--text", "")]
    [InlineData("serve", "--key-file", "")]
    public async Task Words_ThatAreEmpty_AreNamed(params string[] arguments)
    {
        var (code, _, error) = await Run(arguments);
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains(" is empty", error);
    }

    [Fact]
    public async Task List_WithoutAName_IsInputThatCannotBeUsed() =>
        Assert.Equal(ExitCodes.BadInput, (await Run("segment", "@", "--point", "1,1", "--out", _folder.File("o"))).Code);

    [SkippableFact]
    public async Task Inputs_ThatArePipesOrDevices_AreRefusedAtOnce()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "made by a command of Linux");
        string pipe = _folder.File("pipe.jpg"), image = _folder.Write("i.png", ImageEncoder.Png(new RgbImage(8, 8)));
        using (var made = System.Diagnostics.Process.Start("mkfifo", pipe)!) await made.WaitForExitAsync();
        foreach (string[] arguments in new string[][]
        {
            ["segment", pipe, "--point", "1,1"], ["segment", image, "--point", "1,1", "--mask", pipe], ["segment", "--prompts", pipe],
            ["segment", "--list", pipe, "--point", "1,1", "--out", _folder.File("o")],
            ["convert", pipe, "--to", "coco", "--out", _folder.File("o.json")],
            ["convert", image, "--names", pipe, "--to", "coco", "--out", _folder.File("o.json")],
            ["models", "check", pipe], ["models", "pack", "--weights", pipe, "--text", _folder.Path, "--out", _folder.File("pack")],
            ["evaluate", "--data", pipe], ["segment", image, "--point", "1,1", "--model", pipe], ["segment", image, "--point", "1,1", "--model", "/dev/zero"],
            ["serve", "--key-file", pipe, "--port", "0"],
            ["models", "pack", "--weights", "x", "--text", _folder.Path, "--inference", pipe, "--out", _folder.File("p")],
            ["evaluate", "--annotations", Fixtures.OwnPath("wholepart/annotations_val.json"), "--protocol", "coco", "--detections", pipe],
        })
        {
            var (code, _, error) = await Run(arguments).WaitAsync(TimeSpan.FromSeconds(20));
            Assert.True(code is ExitCodes.BadInput or ExitCodes.BadModel, $"{code}: {error}");
        }
    }

    [Fact]
    public async Task Segment_WhatWasAssumedOfAnImage_StandsInItsResult()
    {
        Directory.CreateDirectory(_folder.File("in"));
        for (int i = 0; i < 7; i++) File.Copy(Fixtures.OwnPath("imaging/gray12of16.png"), _folder.File($"in/{i}.png"));
        var (code, _, error) = await Run("segment", _folder.File("in"), "--point", "20,20", "--out", _folder.File("out"));
        Assert.Equal(ExitCodes.Ok, code);
        Assert.Equal(5, error.Split("12 bits").Length - 1);
        Assert.Contains("2 more images have notices", error);
        Assert.StartsWith("6.png has samples of 16 bits", Notices(File.ReadAllText(_folder.File("out/results/6.png.json")))[0]);
        Assert.Equal(ExitCodes.Ok, (await Run("verify", _folder.File("out"))).Code);
        string image = _folder.File("in/0.png");
        var one = await Run("segment", image, "--point", "20,20", "--box", "5,5,500,30", "--json");
        Assert.Equal(["samples of 12 bits", "sticks out"], Notices(one.Output)
            .Zip(["samples of 12 bits", "sticks out"], (n, part) => n.Contains(part) ? part : n));
        string prompts = _folder.Write("p.jsonl", """
            {"image": "in/0.png", "points": [[20, 20, 1]]}
            {"image": "in/0.png", "points": [[21, 20, 1]]}
            """u8.ToArray());
        string[] lines = (await Run("segment", "--prompts", prompts)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Contains("12 bits", Assert.Single(Notices(line)))); // the second asks the same encoded image
    }

    private static string[] Notices(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("notices").EnumerateArray().Select(n => n.GetString()!)];
    }

    [Theory]
    [InlineData("evaluate")]
    [InlineData("train")]
    public async Task Strict_SetThatHasToBeRepaired_IsRefused(string verb)
    {
        string set = _folder.Write("in.json", """
            {"images": [{"id": 1, "file_name": "a.png", "width": 72, "height": 54}], "categories": [{"id": 1, "name": "cat"}],
             "annotations": [{"id": 3, "image_id": 1, "category_id": 1, "segmentation": [], "bbox": [2, 2, 20, 20]}]}
            """u8.ToArray());
        _folder.Write("a.png", ImageEncoder.Png(SemanticSam.Tests.Engine.Batch.BatchImages.Make(1)));
        string[] arguments = verb == "evaluate" ? ["evaluate", "--annotations", set, "--protocol", "text"]
            : ["train", "--data", set, "--out", _folder.File("m"), "--init", Fixtures.SmallSemanticSam, "--steps", "1", "--size", "64"];
        var (code, _, error) = await Run([.. arguments, "--strict"]);
        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Contains("in.json: annotation 3", error);
    }

    [Fact]
    public async Task Segment_OutputTakenAway_IsNotCalledDone()
    {
        string image = _folder.Write("i.png", ImageEncoder.Png(SemanticSam.Tests.Engine.Batch.BatchImages.Make(1))), outFolder = _folder.File("out");
        string prompts = _folder.Write("p.jsonl", "{\"image\":\"i.png\",\"points\":[[30,30,1]]}\n{\"image\":\"i.png\",\"points\":[[31,30,1]]}\n"u8.ToArray());
        int lines = 0;
        using var output = new Hook(() =>
        {
            if (++lines == 1) Directory.Delete(outFolder, recursive: true);
        });
        using var error = new StringWriter();
        Assert.Equal(ExitCodes.CannotWrite, await CommandLineTool.RunAsync(["segment", "--prompts", prompts, "--out", outFolder], output, error));
        Assert.Contains("2 of 4 files", error.ToString());
        Assert.NotEmpty(image);
    }

    private sealed class Hook(Action written) : StringWriter
    {
        public override void WriteLine(string? value) => written();
    }
}
