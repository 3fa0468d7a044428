using System.Text.Json.Nodes;
using SemanticSam.Engine;
using SemanticSam.Engine.Batch;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Batch;

/// <summary>A sound folder of results, computed once and copied for each test.</summary>
public sealed class SoundBatch : IAsyncLifetime
{
    private readonly TempFolder _folder = new();

    public string Path => _folder.Path;

    public async Task InitializeAsync()
    {
        using var model = SegmentationModel.Default();
        BatchImages.Write(_folder.File("in"), "a.png", "b.png", "c.png");
        using var claimed = BatchFolder.Claim(_folder.File("out"), BatchStart.Afresh);
        await new BatchRun(BatchImages.Input(_folder.File("in")), new() { Description = [], Overlays = _ => null }).Run(claimed, model, (_, session, _) =>
            Task.FromResult<IReadOnlyList<MaskResult>>(
            [
                new MaskResult { Mask = Rle.FromBox(session.Height, session.Width, new(3, 4, 30, 40)), PredictedIou = 1 },
                new MaskResult { Mask = Rle.FromBox(session.Height, session.Width, new(5, 6, 20, 30)), PredictedIou = 1, Parent = 0 },
            ]));
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }
}

public sealed class BatchVerifierTests : IClassFixture<SoundBatch>, IDisposable
{
    private readonly TempFolder _folder = new();

    public BatchVerifierTests(SoundBatch sound)
    {
        foreach (string path in Directory.EnumerateFiles(sound.Path, "*", SearchOption.AllDirectories))
        {
            string copy = _folder.File(Path.GetRelativePath(sound.Path, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }
        string manifest = Path.Combine(Out, "manifest.json");
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace(sound.Path, _folder.Path));
    }

    private string Out => _folder.File("out");

    private string Result(string name) => Path.Combine(Out, "results", name + ".json");

    public void Dispose() => _folder.Dispose();

    private void Edit(string path, Action<JsonObject> change)
    {
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    }

    private static JsonObject Mask(JsonObject json, int index) => json["annotations"]![index]!.AsObject();

    private BatchProblem Only() => Assert.Single(BatchVerifier.Verify(Out).Problems);

    [Fact]
    public void Verify_SoundFolder_FindsNothing()
    {
        var report = BatchVerifier.Verify(Out);
        Assert.Empty(report.Problems);
        Assert.Equal((6L, 3), (report.Masks, report.ImagesSeen));
    }

    [Fact]
    public void Verify_ResultMissing_SaysWhich()
    {
        File.Delete(Result("b.png"));
        var problems = BatchVerifier.Verify(Out).Problems;
        Assert.Equal("b.png", Assert.Single(problems, p => p.Kind == BatchProblemKind.Missing).Path);
        Assert.Contains("2 done", Assert.Single(problems, p => p.Kind == BatchProblemKind.Counts).What);
        // Its overlay is still that of an input, and no surplus.
        Assert.Equal(2, problems.Count);
    }

    public static TheoryData<string, Action<JsonObject>> Damages => new()
    {
        { "another model", json => json["model"]!["sha256"] = new string('0', 64) },
        { "result of 'a.png'", json => json["image"]!["file_name"] = "a.png" },
        { "the image", json => json["image"]!["width"] = 10 },
        { "area", json => Mask(json, 0)["area"] = 1 },
        { "box", json => Mask(json, 1)["bbox"]![2] = 1 },
        { "mask 1", json => Mask(json, 0)["segmentation"]!["counts"] = "0" },
        { "mask 2", json => Mask(json, 1)["segmentation"]!["counts"] = "~" },
        { "parent", json => Mask(json, 1)["parent"] = 3 },
        { "id", json => Mask(json, 1)["id"] = 1 },
        { "missing", json => Mask(json, 1).Remove("area") },
        { "wrong kind", json => Mask(json, 1)["area"] = "much" },
        { "wrong kind", json => json["annotations"] = "none" },
        { "image", json => { json["image"]!["height"] = 7; json["annotations"] = new JsonArray(); } },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void Verify_ResultDamaged_SaysHow(string expected, Action<JsonObject> change)
    {
        Edit(Result("b.png"), change);
        var problem = BatchVerifier.Verify(Out).Problems[0];
        Assert.Equal((BatchProblemKind.Damaged, Result("b.png")), (problem.Kind, problem.Path));
        Assert.Contains(expected, problem.What);
    }

    [Fact]
    public void Verify_ResultCut_SaysThatItIsNotJson()
    {
        File.WriteAllText(Result("b.png"), File.ReadAllText(Result("b.png"))[..^10]);
        Assert.Contains("not valid JSON", Only().What);
    }

    [Theory]
    [InlineData("input")]
    [InlineData("options")]
    [InlineData("model")]
    public void Verify_ManifestWithNothingUnderAKey_IsRefused(string key)
    {
        Edit(Path.Combine(Out, "manifest.json"), json => json[key] = null);
        Assert.Contains("manifest.json", Assert.Throws<BatchException>(() => BatchVerifier.Verify(Out)).Message);
    }

    [Theory]
    [InlineData("input")]
    [InlineData("model")]
    public void Verify_ManifestWithHalfAHash_IsRefused(string key)
    {
        Edit(Path.Combine(Out, "manifest.json"), json => json[key]!["sha256"] = "0123");
        Assert.Contains("'0123' is not a SHA-256", Assert.Throws<BatchException>(() => BatchVerifier.Verify(Out)).Message);
    }

    private string Manifest => Path.Combine(Out, "manifest.json");

    /// <summary>What is asked is kept as it stands, so that its keys are looked at apart from the manifest's own.</summary>
    [Theory]
    [InlineData("\"overlays\": true", "\"overlays\": false, \"overlays\": true", "the entry 'overlays' stands twice")]
    [InlineData("\"overlays\": true", "\"overlays\": true, \"everything\": { \"a\": 1, \"a\": 2 }", "the entry 'a' stands twice")]
    [InlineData("\"overlays\": true", "\"overlays\": { \"x\": 1 }", "the entry 'options.overlays' has to be true or false")]
    [InlineData("\"overlays\": true", "\"overlays\": null", "the entry 'options.overlays' has to be true or false")]
    [InlineData("\"overlays\": true", "\"overlays\": true, \"text\": [\"\\ud800\"]", "no valid Unicode")]
    [InlineData("\"overlays\": true", "\"overlays\": true, \"\\ud800\": 1", "no valid Unicode")]
    public void Verify_ManifestWhoseQuestionIsNone_IsDamaged(string from, string to, string expected)
    {
        string text = File.ReadAllText(Manifest), changed = text.Replace(from, to);
        Assert.NotEqual(text, changed);
        File.WriteAllText(Manifest, changed);
        foreach (var read in (Action[])[() => BatchVerifier.Verify(Out), () => new BatchMerger([Out]).Merge(_folder.File("set")),
            () => BatchFolder.Claim(Out, BatchStart.Resume)])
        {
            var refused = Assert.Throws<BatchException>(read);
            Assert.Equal(BatchError.Damaged, refused.Error);
            Assert.Contains(expected, refused.Message);
        }
    }

    [Fact]
    public void Verify_StateThatIsNone_IsNamedAndCountsAreCompared()
    {
        Edit(Manifest, json => (json["state"], json["counts"]!["done"]) = ("finished", 2));
        var problems = BatchVerifier.Verify(Out).Problems;
        Assert.Contains("'finished'", Assert.Single(problems, p => p.Kind == BatchProblemKind.Damaged).What);
        Assert.Contains("2 done", Assert.Single(problems, p => p.Kind == BatchProblemKind.Counts).What);
    }

    [Fact]
    public void Verify_InputWithoutAName_IsRefused()
    {
        File.AppendAllText(Path.Combine(Out, "inputs.jsonl"), "{\"image\":null}\n");
        Assert.Contains("line 4", Assert.Throws<BatchException>(() => BatchVerifier.Verify(Out)).Message);
    }

    [Fact]
    public void Verify_ErrorLineThatIsNoText_IsDamaged()
    {
        File.WriteAllText(Path.Combine(Out, "errors.jsonl"), "{\"image\":\"\\ud800\"}\n");
        Assert.Contains(BatchVerifier.Verify(Out).Problems, p => p.Kind == BatchProblemKind.Damaged && p.What.Contains("line 1"));
    }

    /// <summary>An error that says nothing explains no missing result.</summary>
    [Theory]
    [InlineData("""{"image":"b.png","error":5,"time":""}""")]
    [InlineData("""{"image":"b.png"}""")]
    public void Verify_ErrorLineWithoutItsText_IsDamagedAndNotMerged(string line)
    {
        File.Delete(Result("b.png"));
        File.Delete(Path.Combine(Out, "overlays", "b.png.png"));
        File.WriteAllText(Path.Combine(Out, "errors.jsonl"), line + "\n");
        Edit(Manifest, json => (json["counts"]!["done"], json["counts"]!["failed"]) = (2, 1));
        Assert.Equal((BatchProblemKind.Damaged, true), (Only().Kind, Only().What.Contains("line 1 is damaged: its 'error'")));
        var refused = Assert.Throws<BatchException>(() => new BatchMerger([Out]).Merge(_folder.File("set")));
        Assert.Equal(BatchError.Incomplete, refused.Error);
    }

    [SkippableFact]
    public void Verify_FolderThatCannotBeRead_IsNamedAndTheRestIsDone()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "a name that is no UTF-8");
        string results = Path.Combine(Out, "results"), left = Path.Combine(results, ".0123456789abcdef0123456789abcdef.tmp");
        NamelessFolder.In(results);
        try
        {
            File.WriteAllBytes(left, [1]);
            var problem = Assert.Single(BatchVerifier.Verify(Out, removeLeftovers: true).Problems);
            Assert.Equal((BatchProblemKind.Damaged, Path.Combine(results, NamelessFolder.Listed)), (problem.Kind, problem.Path));
            Assert.Contains("cannot be read and is passed over", problem.What);
            Assert.False(File.Exists(left));
        }
        finally
        {
            NamelessFolder.RemoveFrom(results);
        }
    }

    [Fact]
    public void Verify_Surplus_SaysWhat()
    {
        File.Copy(Result("b.png"), Result("x.png"));
        Assert.Equal((BatchProblemKind.Surplus, Result("x.png")), (Only().Kind, Only().Path));
        File.Delete(Result("x.png"));
        File.WriteAllText(Path.Combine(Out, "errors.jsonl"), """{"image":"x.png","error":"","time":""}""" + "\n"
            + """{"image":"a.png","error":"","time":""}""" + "\n{\"pict");
        var problems = BatchVerifier.Verify(Out).Problems;
        Assert.Contains(problems, p => p.Kind == BatchProblemKind.Surplus && p.What.Contains("'x.png'"));
        Assert.Contains(problems, p => p is { Kind: BatchProblemKind.Surplus, Path: "a.png" });
        Assert.Contains(problems, p => p.Kind == BatchProblemKind.Damaged && p.What.Contains("line 3"));
    }

    [Fact]
    public void Verify_Leftovers_AreNamedAndRemovedWhenAsked()
    {
        string left = Path.Combine(Out, "results", ".0123456789abcdef0123456789abcdef.tmp");
        File.WriteAllBytes(left, [1]);
        Assert.Equal((BatchProblemKind.Leftover, left), (Only().Kind, Only().Path));
        Assert.Empty(BatchVerifier.Verify(Out, removeLeftovers: true).Problems);
        Assert.False(File.Exists(left));
    }

    [Fact]
    public void Verify_Overlay_IsLookedAt()
    {
        string overlay = Path.Combine(Out, "overlays", "b.png.png");
        File.WriteAllText(overlay, "no image");
        Assert.Equal((BatchProblemKind.Damaged, overlay), (Only().Kind, Only().Path));
        File.Delete(overlay);
        Assert.Equal((BatchProblemKind.Missing, overlay), (Only().Kind, Only().Path));
        Directory.Delete(Path.Combine(Out, "overlays"), recursive: true);
        Assert.Equal(3, BatchVerifier.Verify(Out).Problems.Count(p => p.Kind == BatchProblemKind.Missing));
    }

    [Fact]
    public void Verify_InputsChanged_SaysSo()
    {
        File.AppendAllText(Path.Combine(Out, "inputs.jsonl"), """{"image":"d.png"}""" + "\n");
        Assert.Equal(2, BatchVerifier.Verify(Out).Problems.Count(p => p.Kind == BatchProblemKind.Inputs));
    }

    [Fact]
    public void Verify_NoBatch_SaysSo() => Assert.Contains("no batch", Assert.Throws<BatchException>(() => BatchVerifier.Verify(_folder.File("in"))).Message);

    [Fact]
    public void Verify_ImagesGone_StillChecksTheResults()
    {
        Directory.Delete(_folder.File("in"), recursive: true);
        var report = BatchVerifier.Verify(Out);
        Assert.Empty(report.Problems);
        Assert.Equal(0, report.ImagesSeen);
    }
}
