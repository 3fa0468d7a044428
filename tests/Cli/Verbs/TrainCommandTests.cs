using System.Text.Json.Nodes;
using SemanticSam.Cli;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Cli.Verbs;

public sealed class TrainCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("semsam-train-").FullName;

    private static string Data => Path.Combine(Fixtures.Own, "wholepart");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Train_TwoSteps_WritesAModelAndItsMetricsAndGoesOn()
    {
        string model = Path.Combine(_folder, "model");
        string[] common = ["train", "--data", Data, "--out", model, "--batch", "1", "--size", "64", "--seed", "3", "--init",
            Fixtures.SmallSemanticSam, "--fresh"];
        var (code, _, output) = await Run([.. common, "--steps", "1"]);
        Assert.Equal(ExitCodes.Ok, code);
        Assert.Contains("step 1/1", output);
        Assert.Contains("loss", output);
        foreach (string file in new[] { "config.json", "inference.json", "vocab.json", "merges.txt", "model.safetensors", "metrics.jsonl",
            "training.safetensors" })
            Assert.True(File.Exists(Path.Combine(model, file)), file);

        var (again, _, error) = await Run([.. common, "--steps", "2"]);
        Assert.Equal(ExitCodes.Usage, again);
        Assert.Contains("--resume", error);
        Assert.Equal(ExitCodes.Ok, (await Run([.. common, "--steps", "2", "--resume", "--quiet"])).Code);
        Assert.Equal(2, File.ReadAllLines(Path.Combine(model, "metrics.jsonl")).Length);
    }

    [Theory]
    [InlineData("multiple of 32", "--size", "100")]
    [InlineData("--steps 0: 1 to", "--steps", "0")]
    [InlineData("--batch 0: 1 to", "--batch", "0")]
    [InlineData("--lr 0: a positive", "--lr", "0")]
    [InlineData("empty", "--licenses", "nobody")]
    [InlineData("there is no training in", "--resume")]
    [InlineData("semantic-sam, nano, teach are known", "--recipe", "other")]
    [InlineData("--recipe nano needs the backbone's weights: --backbone", "--recipe", "nano")]
    [InlineData("--workers has no meaning for --recipe semantic-sam", "--workers", "2")]
    [InlineData("--further has no meaning for --recipe semantic-sam", "--further", "more.json")]
    [InlineData("--surroundings has no meaning for --recipe semantic-sam", "--surroundings", "more.json")]
    public async Task Train_BadArguments_SayWhatIsAllowed(string message, params string[] arguments)
    {
        var (code, _, error) = await Run(["train", "--data", Data, "--out", Path.Combine(_folder, "none"), "--init", Fixtures.SmallSemanticSam, .. arguments]);
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains(message, error);
        Assert.DoesNotContain("   at ", error);
        Assert.DoesNotContain("Exception", error);
    }

    /// <summary>That the folder cannot be written is known before anything is learned.</summary>
    [Theory]
    [InlineData("semantic-sam", "file", "it is a file")]
    [InlineData("semantic-sam", "file/below", "'file', which it needs as a folder, is a file")]
    [InlineData("teach", "file", "there is a file of that name")]
    [InlineData("teach", "file/below", "'file', which it needs as a folder, is a file")]
    public async Task Train_OutputThatCannotBeWritten_IsCode6(string recipe, string name, string why)
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "mine");
        string init = recipe == "teach" ? "nano" : Fixtures.SmallSemanticSam;
        var (code, _, error) = await Run(["train", "--recipe", recipe, "--data", Data, "--out", Path.Combine(_folder, name), "--init", init, "--steps", "1"]);
        Assert.True(code == ExitCodes.CannotWrite, error);
        Assert.Contains(why, error);
        Assert.DoesNotContain(".tmp", error);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_folder, "file")));
    }

    [Theory]
    [InlineData("it is not clear what is to be trained")]
    [InlineData("--recipe nano needs the folder of the sentence encoder: --text", "--backbone", "resnet18.safetensors")]
    [InlineData("--surroundings trains a head beside weights that know the rest: --init FILE.",
        "--backbone", "resnet18.safetensors", "--text", "text", "--surroundings", "more.json")]
    [InlineData("--clicks has no meaning with --surroundings.",
        "--backbone", "resnet18.safetensors", "--text", "text", "--surroundings", "more.json", "--init", "weights.safetensors", "--clicks", "3")]
    [InlineData("--recipe semantic-sam needs --init", "--recipe", "semantic-sam")]
    public async Task Train_NoInit_TellsWhatIsMissing(string message, params string[] arguments)
    {
        var (code, _, error) = await Run(["train", "--data", Data, "--out", Path.Combine(_folder, "none"), .. arguments]);
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains(message, error);
    }

    [Fact]
    public void Done_OfATraining_SaysTheNextCommand()
    {
        string[] lines = SemanticSam.Cli.Verbs.TrainCommand.Done(Data, "runs/first").Split('\n');
        string model = Path.Combine("runs/first", "model");
        Assert.Contains(model, lines[0]);
        Assert.StartsWith($"semsam evaluate --data {Data} --model {model} ", lines[^1]);
        Assert.EndsWith($"--fit-calibration {Path.Combine(model, "inference.json")}", lines[^1]);
    }

    [Fact]
    public async Task Train_ModelFolderOfTheEmbeddedFamily_IsTaughtTheNamesOfTheData()
    {
        string init = Path.Combine(_folder, "init"), taught = Path.Combine(_folder, "taught");
        TinyNano.Lay(init);
        string[] common = ["train", "--init", init, "--data", Data, "--steps", "2", "--batch", "1", "--size", "64", "--keep-aside", "3"];
        var (code, output, error) = await Run([.. common, "--out", taught]);
        Assert.True(code == ExitCodes.Ok, error);
        Assert.Contains("IoU after", output);
        Assert.True(File.Exists(Path.Combine(taught, "taught.json")));
        (code, _, error) = await Run([.. common, "--out", init]);
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("name another folder", error);
    }

    /// <summary>An annotation, an image that is not there and one that is cut off: trained without them, and no success, since a script would not look at
    /// what was said.</summary>
    [Theory]
    [InlineData("teach")]
    [InlineData("semantic-sam")]
    public async Task Train_DataOfWhichSomeCannotBeUsed_GoesOnWithoutItAndIsCode1(string recipe)
    {
        string taught = Path.Combine(_folder, "taught"), init = recipe == "teach" ? Path.Combine(_folder, "init") : Fixtures.SmallSemanticSam;
        if (recipe == "teach") TinyNano.Lay(init);
        string folder = Path.Combine(_folder, "images", "train");
        Directory.CreateDirectory(folder);
        foreach (string image in Directory.GetFiles(Path.Combine(Data, "images", "train"))) File.Copy(image, Path.Combine(folder, Path.GetFileName(image)));
        var set = JsonNode.Parse(File.ReadAllText(Path.Combine(Data, "annotations_train.json")))!;
        string[] images = [.. set["images"]!.AsArray().Select(i => i!["file_name"]!.GetValue<string>())];
        set["annotations"]![0]!["category_id"] = 999_999; // no category
        File.WriteAllText(Path.Combine(_folder, "annotations_train.json"), set.ToJsonString());
        File.Delete(Path.Combine(folder, images[0]));
        File.WriteAllBytes(Path.Combine(folder, images[1]), File.ReadAllBytes(Path.Combine(folder, images[1]))[..4000]); // its header is whole
        var (code, output, error) = await Run(["train", "--recipe", recipe, "--init", init, "--data", _folder, "--steps", "12", "--batch", "2", "--size", "64",
            "--out", taught, .. recipe == "teach" ? (string[])["--keep-aside", "2"] : []]);
        Assert.True(code == ExitCodes.Failed, error);
        Assert.Contains("done: ", output);
        foreach (string said in (string[])["999999", $"{images[0]}: there is no such file; the image is left out.", images[1]]) Assert.Contains(said, error);
        Assert.Single(error.Split('\n'), line => line.Contains(images[1], StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(taught, "model.safetensors")));
    }

    private static async Task<(int Code, string Output, string Error)> Run(string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = await CommandLineTool.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
