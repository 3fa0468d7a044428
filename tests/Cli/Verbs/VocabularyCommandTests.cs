using System.Text.Json;
using SemanticSam.Cli;
using SemanticSam.Engine.Zoo;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Cli.Verbs;

/// <summary>What the command line says of names: <c>vocabulary</c>, notices of <c>segment</c>, and <c>models pack</c>.</summary>
public sealed class VocabularyCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public VocabularyCommandTests() => TinyNano.Lay(Model, TinyNano.Lenient with { NearnessThreshold = 1.1, PresenceThreshold = 0.999 });

    private string Model => _folder.File("model");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Vocabulary_Model_ListsNamesAndOnlyThoseAskedFor()
    {
        var (code, output, _) = await Run("vocabulary", "--model", Model, "--json");
        Assert.Equal(0, code);
        using var json = JsonDocument.Parse(output);
        Assert.Equal(["sofa", "car", "sky", "wheel", "leg"], json.RootElement.EnumerateArray().Select(n => n.GetProperty("name").GetString()));
        (code, output, _) = await Run("vocabulary", "couch", "--model", Model);
        Assert.Equal(0, code);
        Assert.Contains("couch, settee", output);
        Assert.DoesNotContain("automobile", output);
        (code, output, _) = await Run("vocabulary", "roadster", "an old roadster's wheel", "car:", "--model", Model);
        Assert.Equal(0, code);
        Assert.Contains("roadster -> car\nan old roadster's wheel -> wheel of car", output.ReplaceLineEndings("\n"));
        Assert.Contains("automobile", output);
        Assert.DoesNotContain("couch", output);
        (code, output, _) = await Run("vocabulary", "wheels of a roadster", "--model", Model, "--json");
        using var phrase = JsonDocument.Parse(output);
        Assert.Equal(["car", "wheel"], phrase.RootElement.EnumerateArray().Select(n => n.GetProperty("name").GetString()));
        (code, output, _) = await Run("vocabulary", "zyzzyva", "--model", Model);
        Assert.Equal((ExitCodes.Failed, true), (code, output.Contains("no such name")));
    }

    [Fact]
    public async Task Vocabulary_OwnFile_ExtendsReplacesOrIsRefused()
    {
        string own = _folder.Write("own.json", """{"wholes": [{"name": "lamp"}]}"""u8.ToArray());
        Assert.Contains("4 wholes and 2 parts", (await Run("vocabulary", "--model", Model, "--vocabulary", own)).Output);
        Assert.Contains("1 wholes and 0 parts", (await Run("vocabulary", "--model", Model, "--vocabulary", own, "--vocabulary-use", "replace")).Output);
        var (code, _, error) = await Run("vocabulary", "--model", Model, "--vocabulary", _folder.Write("bad.json", "{"u8.ToArray()));
        Assert.Equal((ExitCodes.BadModel, true), (code, error.Contains("bad.json")));
    }

    [Fact]
    public async Task Segment_Names_SaysWhatTheyStandForAndWhatIsNotThere()
    {
        string image = _folder.Write("image.png", ImageEncoder.Png(TinyNano.Image()));
        var (code, _, error) = await Run("segment", image, "--text", "couch, zyzzyva", "--model", Model, "--json");
        Assert.Equal(0, code);
        Assert.Contains("couch -> sofa: not in this image", error);
        Assert.Contains("'zyzzyva' is not known", error);
        Assert.Equal("", (await Run("segment", image, "--text", "couch", "--model", Model, "--quiet", "--out", _folder.File("out"))).Error);
    }

    [Fact]
    public async Task Pack_ForeignFolder_IsLeftAlone()
    {
        string photos = Path.GetDirectoryName(_folder.Write("photos/holiday.jpg", [1]))!;
        var (code, _, error) = await Run("models", "pack", "--weights", Path.Combine(Model, ModelPackage.WeightsFile), "--text", Model, "--out", photos);
        Assert.Equal((ExitCodes.Usage, true), (code, error.Contains("holds no model")));
        Assert.True(File.Exists(Path.Combine(photos, "holiday.jpg")));
    }

    [SkippableFact]
    public async Task Pack_TrainingsFiles_MakesAModelThatLoads()
    {
        string? text = NanoSourceFiles.Find("all-minilm-l6-v2/model.safetensors");
        Skip.If(text is null, "all-minilm-l6-v2/model.safetensors is not under SEMSAM_NANO_SOURCES");
        string weights = _folder.File("nano.safetensors"), made = _folder.File("made");
        using (var network = new SemanticSam.Granularity.Nano.NanoModel(new()))
            SemanticSam.Engine.Checkpoints.Safetensors.SafetensorsWriter.Write(weights,
                network.state_dict().Where(p => p.Value.is_floating_point()).ToDictionary());
        var (code, output, error) = await Run("models", "pack", "--weights", weights, "--text", Path.GetDirectoryName(text)!, "--out", made);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("MB in all", output);
        Assert.InRange(new DirectoryInfo(made).EnumerateFiles().Sum(f => f.Length), 40_000_000, 60_000_000);
        Assert.Equal(0, (await Run("models", "check", made)).Code);
        (code, _, error) = await Run("models", "pack", "--weights", weights, Path.Combine(made, ModelPackage.WeightsFile), "--text",
            Path.GetDirectoryName(text)!, "--out", _folder.File("mean"));
        Assert.Equal((0, ""), (code, error));
    }

    private static async Task<(int Code, string Output, string Error)> Run(params string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        int code = await CommandLineTool.RunAsync(words, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
