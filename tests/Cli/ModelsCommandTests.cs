using System.Text.Json;
using SemanticSam.Cli;
using SemanticSam.Tests.Engine.Checkpoints;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Cli;

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
        Assert.Contains(json.RootElement.GetProperty("models").EnumerateArray(), m => m.GetProperty("name").GetString() == "sam-vit-h" && m.GetProperty("size").GetInt64() == 2_564_550_879);
        Assert.Equal(_folder.File("other.pth"), json.RootElement.GetProperty("other_files")[0].GetProperty("path").GetString());
    }

    [Fact]
    public async Task Check_ClipArchive_IsRecognised()
    {
        var (code, output, error) = await Run("models", "check", Fixtures.Path("checkpoints/torchscript_clip_like.pt"), "--json");
        Assert.Equal((ExitCodes.BadModel, ""), (code, error)); // recognised, but no model of it opens
        using var json = JsonDocument.Parse(output);
        Assert.Equal("TorchScript", json.RootElement.GetProperty("format").GetString());
        Assert.Equal("Clip", json.RootElement.GetProperty("family").GetString());
        Assert.False(json.RootElement.GetProperty("loads").GetBoolean());
        Assert.Equal(64, json.RootElement.GetProperty("sha256").GetString()!.Length);
    }

    [Theory]
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

    [Fact]
    public async Task Check_ForeignWeights_SaysThatTheyAreUnknown()
    {
        var (code, output, _) = await Run("models", "check", Fixtures.Path("checkpoints/zip_state_dict.pth"));
        Assert.Equal(ExitCodes.BadModel, code);
        Assert.Contains("no: its tensors are those of no model that is known", output);
    }

    [Fact]
    public async Task Check_Absent_SaysWhereItWasLookedFor()
    {
        var (code, _, error) = await Run("models", "check", "sam-vit-b");
        Assert.Equal(ExitCodes.BadModel, code);
        Assert.Contains(_folder.File("sam_vit_b_01ec64.pth"), error);
    }

    [Fact]
    public async Task Run_WrongUsage_GivesTwo()
    {
        Assert.Equal(2, (await Run("models", "--nonsense")).Code);
        Assert.Equal(2, (await Run("models", "pull", "no-such-model")).Code);
        Assert.Equal(2, (await Run("models", "check")).Code);
    }
}
