using System.Text.Json;
using SemanticSam.Cli;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Zoo;
using SemanticSam.Foundation;
using SemanticSam.Tests.Engine.Zoo;
using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Tokenizer;

namespace SemanticSam.Tests.Cli.Verbs;

public sealed class ModelsCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string? _before = Environment.GetEnvironmentVariable("SEMSAM_MODELS");

    public ModelsCommandTests() => Environment.SetEnvironmentVariable("SEMSAM_MODELS", _folder.Path);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("SEMSAM_MODELS", _before);
        _folder.Dispose();
    }

    private static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandLineTool.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    [Fact]
    public async Task Models_List_ShowsNamesFoldersAndFiles()
    {
        _folder.Write("mobile_sam.pt", [1]);
        var (code, output, error) = await Run("models");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("semsam-nano", output);
        Assert.Contains(_folder.File("mobile_sam.pt"), output);
        Assert.Contains("models pull sam-vit-b", output);
    }

    [Fact]
    public async Task Models_Json_CanBeParsed()
    {
        _folder.Write("other.pth", [1]);
        var (code, output, _) = await Run("models", "--json");
        using var json = JsonDocument.Parse(output);
        Assert.Equal(0, code);
        Assert.Equal(_folder.Path, json.RootElement.GetProperty("download_folder").GetString());
        Assert.Contains(json.RootElement.GetProperty("models").EnumerateArray(),
            m => m.GetProperty("name").GetString() == "sam-vit-h" && m.GetProperty("size").GetInt64() == 2_564_550_879);
        Assert.Equal(_folder.File("other.pth"), json.RootElement.GetProperty("other_files")[0].GetProperty("path").GetString());
    }

    [SkippableFact]
    public async Task Check_ClipArchive_IsRecognized()
    {
        var (code, output, error) = await Run("models", "check", Fixtures.Path("checkpoints/torchscript_clip_like.pt"), "--json");
        Assert.Equal((ExitCodes.BadModel, ""), (code, error)); // recognized, but no model of it opens
        using var json = JsonDocument.Parse(output);
        Assert.Equal("TorchScript", json.RootElement.GetProperty("format").GetString());
        Assert.Equal("Clip", json.RootElement.GetProperty("family").GetString());
        Assert.False(json.RootElement.GetProperty("loads").GetBoolean());
        Assert.Equal(64, json.RootElement.GetProperty("sha256").GetString()!.Length);
    }

    [SkippableTheory]
    [InlineData("checkpoints/malicious_os_system.pth", "Nothing was executed")]
    [InlineData("checkpoints/broken_git_lfs.pth", "Git LFS")]
    [InlineData("checkpoints/broken_empty.pth", "empty")]
    public async Task Check_BadFile_IsOneLineAndAnExitCode(string file, string expected)
    {
        var (code, output, error) = await Run("models", "check", Fixtures.Path(file));
        Assert.Equal((ExitCodes.BadModel, ""), (code, output));
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.StartsWith("semsam: ", error);
        Assert.Contains(expected, error);
    }

    [SkippableFact]
    public async Task Check_ForeignWeights_SaysThatTheyAreUnknown()
    {
        var (code, output, _) = await Run("models", "check", Fixtures.Path("checkpoints/zip_state_dict.pth"));
        Assert.Equal(ExitCodes.BadModel, code);
        Assert.Contains("no: its tensors are not those of a model that is known", output);
    }

    [Fact]
    public async Task Check_Absent_SaysWhereItWasLookedFor()
    {
        var (code, _, error) = await Run("models", "check", "sam-vit-b");
        Assert.Equal(ExitCodes.BadModel, code);
        Assert.Contains(_folder.File("sam_vit_b_01ec64.pth"), error);
    }

    [Fact]
    public async Task Check_ModelFolder_LoadsWithWhatLiesBeside()
    {
        foreach (string file in new[] { ModelPackage.ConfigFile, ModelPackage.InferenceFile, ModelPackage.WeightsFile, TextTokenizer.VocabularyFile,
        TextTokenizer.MergesFile })
            _folder.Write(file, File.ReadAllBytes(Path.Combine(Fixtures.SmallSemanticSam, file)));
        var (code, output, error) = await Run("models", "check", _folder.Path, "--json");
        Assert.Equal((0, ""), (code, error));
        using var json = JsonDocument.Parse(output);
        Assert.Equal(("Nano", true), (json.RootElement.GetProperty("family").GetString(), json.RootElement.GetProperty("loads").GetBoolean()));
        File.WriteAllText(_folder.File(ModelPackage.ConfigFile), "{}");
        (code, output, _) = await Run("models", "check", _folder.Path, "--json");
        Assert.Equal(ExitCodes.BadModel, code);
    }

    /// <summary>A file with all of MobileSAM's names goes the whole way: pulled, recognized, listed, checked, and refused when it is another's.</summary>
    [SkippableFact]
    public async Task Pull_FromAServerNearby_IsRecordedAndRecognized()
    {
        string source = _folder.File("source");
        byte[] small = new byte[4 << 20];
        Array.Fill(small, (byte)0x10); // small numbers: weights that are all zero are refused
        SafetensorsWriter.Write(source, NamesFiles.Sam("vit_t").Values.Select(t =>
        {
            var type = t.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal) ? CheckpointDType.Int64 : CheckpointDType.Float16;
            return CheckpointTensor.FromMemory(t.Name, type, t.Shape, small.AsMemory(0, checked((int)t.ElementCount * type.Size())));
        }));
        byte[] content = File.ReadAllBytes(source);
        File.Delete(source);
        using var server = new FileServer(content) { Redirections = 1, Cuts = 1, CutAfter = 5_000_000 };

        // Nobody knows the hash of Semantic-SAM's file, so what came is told by its tensors.
        var (code, output, error) = await Run("models", "pull", "semantic-sam-swint", "--from", server.Address.ToString());
        Assert.Equal(ExitCodes.BadModel, code);
        Assert.Contains("is MobileSam TinyViT, by its tensors, not SemanticSam Swin-T", error);
        string path = _folder.File("swint_only_sam_many2many.pth");
        Assert.Contains($"{FileHash.Sha256(path)}", output);
        Assert.StartsWith(FileHash.Sha256(path), File.ReadAllText(path + ".sha256"));

        (code, output, error) = await Run("models", "check", path, "--json");
        Assert.True(code == 0, output + error);
        using (var json = JsonDocument.Parse(output))
            Assert.Equal(("MobileSam", "TinyViT", true), (json.RootElement.GetProperty("family").GetString(),
                json.RootElement.GetProperty("architecture").GetString(), json.RootElement.GetProperty("loads").GetBoolean()));

        (code, output, error) = await Run("models", "pull", "mobile-sam", "--from", server.Address.ToString());
        Assert.Equal(ExitCodes.Failed, code); // its size and hash are known
        Assert.Contains(_folder.File("mobile_sam.pt"), error);
        Assert.False(File.Exists(_folder.File("mobile_sam.pt")));
    }

    [Fact]
    public async Task Pull_NoNetwork_SaysAddressAndPlace()
    {
        string address = $"http://127.0.0.1:{FileServer.FreePort()}/x.pth";
        var (code, output, error) = await Run("models", "pull", "sam-vit-b", "--from", address);
        Assert.Equal((ExitCodes.Failed, ""), (code, output));
        Assert.Contains($"{address} cannot be reached", error);
        Assert.Contains($"place it at {_folder.File("sam_vit_b_01ec64.pth")}", error);
        Assert.Equal(2, (await Run("models", "pull", "sam-vit-b", "--from", "nonsense")).Code);
    }

    [Fact]
    public async Task Run_WrongUsage_GivesTwo()
    {
        Assert.Equal(2, (await Run("models", "--nonsense")).Code);
        Assert.Equal(2, (await Run("models", "pull", "no-such-model")).Code);
        Assert.Equal(2, (await Run("models", "check")).Code);
    }
}
