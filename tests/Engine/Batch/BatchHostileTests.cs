using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using SemanticSam.Engine;
using SemanticSam.Engine.Batch;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Batch;

/// <summary>Folders that somebody else made, and folders that change while a batch runs.</summary>
public sealed class BatchHostileTests(SmallModel shared) : IClassFixture<SmallModel>, IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SegmentationModel _model = shared.Model;

    public void Dispose() => _folder.Dispose();

    private string In => _folder.File("in");

    private string Out => _folder.File("out");

    private static readonly BatchOptions Options = new() { Description = new JsonObject { ["question"] = "one" } };

    private static Task<IReadOnlyList<MaskResult>> Ask(BatchItem item, ImageSession session, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<MaskResult>>([new MaskResult { Mask = Rle.FromBox(session.Height, session.Width, new(3, 4, 20, 20)), PredictedIou = 1 }]);

    private async Task<BatchProgress> Run(BatchStart start = BatchStart.Afresh, Action<BatchItem>? at = null, BatchOptions? options = null)
    {
        using var claimed = BatchFolder.Claim(Out, start);
        return await new BatchRun(BatchImages.Input(In), options ?? Options).Run(claimed, _model, (item, session, token) =>
        {
            at?.Invoke(item);
            return Ask(item, session, token);
        });
    }

    /// <summary>On a disk that takes "a.png" and "A.png" for one file (here a second name of the same file), a result never takes another's place.</summary>
    [SkippableFact]
    public async Task Run_ResultsThatWouldBeOneFile_SecondFails()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "names of one file, made by ln");
        BatchImages.Write(In, "A.png", "a.png", "b.png");
        string results = Path.Combine(Out, "results");
        var done = await Run(at: item =>
        {
            if (item.Key != "a.png") return;
            using var made = System.Diagnostics.Process.Start("ln", [Path.Combine(results, "A.png.json"), Path.Combine(results, "a.png.json")])!;
            made.WaitForExit();
        });
        Assert.Equal((2, 1), (done.Done, done.Failed));
        Assert.Contains("would take the place of that of 'A.png'", File.ReadAllText(Path.Combine(Out, "errors.jsonl")));
        Assert.Contains("\"A.png\"", File.ReadAllText(Path.Combine(results, "A.png.json")));
    }

    /// <summary>A batch whose inputs.jsonl is somebody else's, with the manifest to fit.</summary>
    private async Task ReplaceInputs(string from, string to)
    {
        BatchImages.Write(In, "a.png");
        await Run();
        string inputs = File.ReadAllText(Path.Combine(Out, "inputs.jsonl")), old = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(inputs)));
        string other = inputs.Replace(from, to);
        File.WriteAllText(Path.Combine(Out, "inputs.jsonl"), other);
        string manifest = Path.Combine(Out, "manifest.json");
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace(old, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(other)))));
    }

    [Theory]
    [InlineData("""{"image":"a.png","key":"../../escaped"}""")]
    [InlineData("""{"image":"a.png","key":"/tmp/escaped"}""")]
    [InlineData("""{"image":"a.png","key":""}""")]
    [InlineData("""{"image":"a.png","key":"x//y"}""")]
    [InlineData("""{"image":"a.png","key":"x/./y"}""")]
    [InlineData("""{"image":"../../../etc/passwd","key":"a"}""")]
    [InlineData("""{"image":"a.png","key":"x/../../y"}""")]
    public async Task MergeAndVerify_KeyThatLeadsOut_AreRefusedAndWriteNothing(string line)
    {
        await ReplaceInputs("""{"image":"a.png"}""", line);
        string to = _folder.File("deep/er/set");
        var refused = Assert.Throws<BatchException>(() => new BatchMerger([Out]).Merge(to, allowMissing: true));
        Assert.Equal(BatchError.Damaged, refused.Error);
        Assert.Contains("is not a path below a folder", refused.Message);
        Assert.False(Directory.Exists(_folder.File("deep")));
        Assert.Throws<BatchException>(() => BatchVerifier.Verify(Out));
    }

    [Fact]
    public async Task Merge_OneKeyTwice_IsRefused()
    {
        await ReplaceInputs("""{"image":"a.png"}""", "{\"image\":\"a.png\"}\n{\"image\":\"a.png\"}");
        Assert.Contains("stands twice", Assert.Throws<BatchException>(() => new BatchMerger([Out]).Merge(_folder.File("set"))).Message);
    }

    [Fact]
    public void Run_ItemsOfACaller_AreCheckedAlike()
    {
        BatchException Refusal(params BatchItem[] items) => Assert.Throws<BatchException>(() => new BatchRunner(In, items, Options));
        Assert.Contains("'../x'", Refusal(new BatchItem("../x", "a.png")).Message);
        Assert.Contains("'../a.png'", Refusal(new BatchItem("a", "../a.png")).Message);
        Assert.Contains("twice", Refusal(new BatchItem("a.png"), new BatchItem("a.png", "b.png")).Message);
    }

    [Fact]
    public async Task Merge_TruncatedResult_IsNotCopied()
    {
        BatchImages.Write(In, "a.png", "b.png");
        await Run();
        string result = Path.Combine(Out, "results", "a.png.json");
        File.WriteAllBytes(result, File.ReadAllBytes(result)[..50]);
        Assert.Contains("damaged: 'a.png'", Assert.Throws<BatchException>(() => new BatchMerger([Out]).Merge(_folder.File("set"))).Message);
        var (manifest, missing) = new BatchMerger([Out]).Merge(_folder.File("set"), allowMissing: true);
        Assert.Equal((1, 1), (manifest.Counts.Done, missing.Count));
        Assert.False(File.Exists(_folder.File("set/results/a.png.json")));
    }

    [SkippableFact]
    public async Task CleaningUp_NeverFollowsLinksNorTakesOthersNames()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a privilege there");
        BatchImages.Write(In, "a.png");
        await Run();
        string ours = $".{Guid.NewGuid():N}.tmp", elsewhere = _folder.File("elsewhere");
        Directory.CreateDirectory(elsewhere);
        File.WriteAllText(Path.Combine(elsewhere, ours), "somebody's");
        File.WriteAllText(Path.Combine(Out, "results", ".backup.tmp"), "somebody's, too");
        File.WriteAllText(Path.Combine(Out, "results", ours), "left");
        Directory.CreateSymbolicLink(Path.Combine(Out, "results", "link"), elsewhere);
        BatchVerifier.Verify(Out, removeLeftovers: true);
        await Run(BatchStart.Resume);
        Assert.True(File.Exists(Path.Combine(elsewhere, ours)));
        Assert.True(File.Exists(Path.Combine(Out, "results", ".backup.tmp")));
        Assert.False(File.Exists(Path.Combine(Out, "results", ours)));

        Directory.Move(Path.Combine(Out, "results"), _folder.File("moved"));
        Directory.CreateSymbolicLink(Path.Combine(Out, "results"), _folder.File("moved"));
        File.WriteAllText(_folder.File($"moved/{ours}"), "left");
        BatchVerifier.Verify(Out, removeLeftovers: true);
        Assert.True(File.Exists(_folder.File($"moved/{ours}"))); // a link at the top is not followed, either
    }

    [SkippableTheory]
    [InlineData("results/x")]
    [InlineData("timings.jsonl")]
    public async Task Run_LinkInAFolderFromElsewhere_IsNotWrittenThrough(string link)
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a privilege there");
        BatchImages.Write(In, "a.png", "x/b.png");
        await Run();
        string path = Path.Combine(Out, link), target = _folder.File("target");
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
            Directory.CreateDirectory(target);
            Directory.CreateSymbolicLink(path, target);
            Assert.Equal(1, (await Run(BatchStart.Resume)).Failed);
            Assert.Empty(Directory.GetFileSystemEntries(target));
            Assert.Contains("a link on the way", File.ReadAllText(Path.Combine(Out, "errors.jsonl")));
            return;
        }
        File.Delete(path);
        File.WriteAllText(target, "mine\n");
        File.CreateSymbolicLink(path, target);
        Assert.Equal(BatchError.CannotWrite, (await Assert.ThrowsAsync<BatchException>(() => Run(BatchStart.Resume))).Error);
        Assert.Equal("mine\n", File.ReadAllText(target));
    }

    /// <summary>What lies behind a link to somewhere else is not this batch's, neither when it is merged nor when it is resumed.</summary>
    [SkippableTheory]
    [InlineData("results")]
    [InlineData("overlays")]
    public async Task Run_FolderOfResultsThatIsALink_IsRefused(string name)
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a privilege there");
        BatchImages.Write(In, "a.png");
        await Run();
        string path = Path.Combine(Out, name), target = _folder.File("target");
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        Directory.CreateDirectory(target);
        Directory.CreateSymbolicLink(path, target);
        var refused = await Assert.ThrowsAsync<BatchException>(() => Run(BatchStart.Resume));
        Assert.Equal(BatchError.FolderInUse, refused.Error);
        Assert.Contains("is a link", refused.Message);
        Assert.Empty(Directory.GetFileSystemEntries(target));
    }

    [SkippableFact]
    public async Task Verify_LinksThatLoopAndMultiply_Ends()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a privilege there");
        BatchImages.Write(In, "a.png");
        await Run();
        foreach (string name in new[] { "la", "lb", "lc" }) Directory.CreateSymbolicLink(Path.Combine(Out, "results", name), ".");
        Directory.CreateSymbolicLink(Path.Combine(Out, "results", "root"), "/");
        Assert.Empty(BatchVerifier.Verify(Out).Problems);
        Assert.Equal(new(1, 1, 0, 0), await Run(BatchStart.Resume));
    }

    [Fact]
    public async Task Run_NamesThatCollide_FailAloneAndTheRestIsDone()
    {
        BatchImages.Write(In, "a.jpg", "a.jpg.json/x.jpg", "z.jpg");
        Assert.Equal(new(3, 0, 2, 1), await Run());
        Assert.True(File.Exists(Path.Combine(Out, "results", "z.jpg.json")));
        Assert.Contains("a.jpg.json", File.ReadAllText(Path.Combine(Out, "errors.jsonl")));
        Assert.Equal(new(3, 2, 0, 1), await Run(BatchStart.Resume));
    }

    [Fact]
    public async Task Run_ResultsFolderIsAFile_StopsAtOnce()
    {
        BatchImages.Write(In, "a.png", "b.png");
        using var claimed = BatchFolder.Claim(Out, BatchStart.Afresh);
        File.WriteAllText(Path.Combine(Out, "results"), "in the way");
        var stopped = await Assert.ThrowsAsync<BatchException>(() => new BatchRun(BatchImages.Input(In), Options).Run(claimed, _model, Ask));
        Assert.Equal(BatchError.CannotWrite, stopped.Error);
    }

    /// <summary>Files of the batch itself are no single image's: what stands in their way ends it.</summary>
    [SkippableTheory]
    [InlineData("inputs.jsonl")]
    [InlineData("manifest.json")]
    [InlineData("timings.jsonl")]
    [InlineData("sources.jsonl")]
    [InlineData("errors.jsonl")]
    public async Task Resume_FolderOrPipeInPlaceOfAFile_CannotWrite(string name)
    {
        BatchImages.Write(In, "a.png");
        await Run();
        string path = Path.Combine(Out, name);
        File.Delete(path);
        if (name == "manifest.json") Directory.Delete(Path.Combine(Out, "results"), recursive: true);
        Directory.CreateDirectory(path);
        Assert.Equal(BatchError.CannotWrite, (await Assert.ThrowsAsync<BatchException>(() => Run(BatchStart.Resume))).Error);
        if (!OperatingSystem.IsLinux() || name is not "inputs.jsonl") return;
        Directory.Delete(path);
        using (var made = System.Diagnostics.Process.Start("mkfifo", [path])!) made.WaitForExit();
        Assert.Equal(BatchError.CannotWrite, (await Assert.ThrowsAsync<BatchException>(() => Run(BatchStart.Resume))).Error);
    }

    [SkippableFact]
    public async Task Resume_FolderAmongTheResultsThatCannotBeRead_IsToldAndTheRestIsDone()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "a name that is no UTF-8");
        BatchImages.Write(In, "a.png", "b.png");
        await Run();
        string results = Path.Combine(Out, "results");
        File.Delete(Path.Combine(results, "b.png.json"));
        NamelessFolder.In(results);
        try
        {
            using var claimed = BatchFolder.Claim(Out, BatchStart.Resume);
            Assert.Equal(new(2, 1, 1, 0), await new BatchRun(BatchImages.Input(In), Options).Run(claimed, _model, Ask));
            Assert.Equal([Path.Combine(results, NamelessFolder.Listed)], claimed.Unreadable);
        }
        finally
        {
            NamelessFolder.RemoveFrom(results);
        }
    }

    [SkippableTheory]
    [InlineData("everything")]
    [InlineData("results")]
    [InlineData("renamed")]
    [InlineData("last")]
    [InlineData("inputs.jsonl")]
    public async Task Run_OutputTakenAwayMeanwhile_DoesNotEndWell(string what)
    {
        Skip.If(OperatingSystem.IsWindows(), "open files cannot be taken away there");
        BatchImages.Write(In, "a.png", "b.png", "c.png", "d.png");
        var stopped = await Assert.ThrowsAsync<BatchException>(() => Run(at: item =>
        {
            if (item.Key != (what == "last" ? "d.png" : "c.png")) return;
            switch (what)
            {
                case "everything": Directory.Delete(Out, recursive: true); break;
                case "renamed": Directory.Move(Out, _folder.File("elsewhere")); break;
                case "inputs.jsonl": File.Delete(Path.Combine(Out, what)); break;
                default: Directory.Delete(Path.Combine(Out, "results"), recursive: true); break;
            }
        }));
        Assert.Equal(BatchError.CannotWrite, stopped.Error);
        if (what is "everything" or "renamed") Assert.Contains("removed, renamed or exchanged", stopped.Message);
        if (what is "results") Assert.Contains("only 2 are there", stopped.Message);
        // And it can be resumed.
        Assert.Equal(4, (await Run(BatchStart.Resume)).Through);
        Assert.Empty(BatchVerifier.Verify(Out).Problems);
    }

    /// <summary>Wherever in the run it happens, what is told is what happened, in words of our own.</summary>
    [SkippableTheory]
    [InlineData("before the first file")]
    [InlineData("while an image fails")]
    [InlineData("after the last image")]
    public async Task Run_OutputFolderRemoved_SaysSoWhereverItHappens(string when)
    {
        Skip.If(OperatingSystem.IsWindows(), "open files cannot be taken away there");
        BatchImages.Write(In, "a.png", "b.png");
        using var claimed = BatchFolder.Claim(Out, BatchStart.Afresh);
        if (when == "before the first file") Directory.Delete(Out, recursive: true);
        var stopped = await Assert.ThrowsAsync<BatchException>(() => new BatchRun(BatchImages.Input(In), Options).Run(claimed, _model, (item, session, stop) =>
        {
            if (when != "while an image fails") return Ask(item, session, stop);
            Directory.Delete(Out, recursive: true);
            throw new InvalidOperationException("one image fails");
        }, new Direct(now =>
        {
            if (when == "after the last image" && now.Through == 2) Directory.Delete(Out, recursive: true);
        })));
        Assert.Equal(BatchError.CannotWrite, stopped.Error);
        Assert.Contains("removed, renamed or exchanged", stopped.Message);
        Assert.Contains("start the batch again", stopped.Message);
        Assert.False(Directory.Exists(Out)); // nor was it quietly made anew
    }

    private sealed class Direct(Action<BatchProgress> report) : IProgress<BatchProgress>
    {
        public void Report(BatchProgress value) => report(value);
    }

    [Fact]
    public async Task Resume_ImageExchangedForOneOfTheSameSize_IsComputedAgain()
    {
        BatchImages.Write(In, "a.png", "b.png");
        await Run();
        byte[] other = ImageEncoder.Png(BatchImages.Make(77, 72, 54)); // a.png is 72 x 54
        File.WriteAllBytes(Path.Combine(In, "a.png"), other);
        Assert.Contains("changed since", Assert.Single(BatchVerifier.Verify(Out).Problems).What);
        Assert.Equal(new(2, 1, 1, 0), await Run(BatchStart.Resume));
        Assert.Empty(BatchVerifier.Verify(Out).Problems);
        Assert.Equal(2, File.ReadAllLines(Path.Combine(Out, "sources.jsonl")).Length);
        Assert.Equal(new(2, 2, 0, 0), await Run(BatchStart.Resume));
    }

    [Fact]
    public async Task Resume_FolderOfAnEarlierVersion_KeepsItsResults()
    {
        BatchImages.Write(In, "a.png");
        await Run();
        File.Delete(Path.Combine(Out, "sources.jsonl"));
        Assert.Equal(new(1, 1, 0, 0), await Run(BatchStart.Resume));
        Assert.Equal(new(1, 1, 0, 0), await Run(BatchStart.Resume)); // and it is told from then on
        File.WriteAllBytes(Path.Combine(In, "a.png"), ImageEncoder.Png(BatchImages.Make(77, 72, 54)));
        Assert.Equal(new(1, 0, 1, 0), await Run(BatchStart.Resume));
    }

    [Fact]
    public void OfPrompts_ImageCalledLikeAnotherKey_GetsAKeyOfItsOwn()
    {
        string a = Path.GetFullPath("/x/a.jpg"), b = Path.GetFullPath("/x/a.jpg#2");
        var items = InputCollector.OfPrompts([("1", a), ("2", b), ("3", a), ("4", a), ("5", b)]).Items;
        Assert.Equal(["a.jpg", "a.jpg#2", "a.jpg#3", "a.jpg#4", "a.jpg#2#2"], items.Select(i => i.Key));
    }

    [Theory]
    [InlineData("""{"predicted_iou":0.5}""", """{"predicted_iou":"0.5"}""", "wrong kind")]
    [InlineData("\"parent\":null", "\"parent\":1", "its parent is 1")]
    [InlineData("\"level\":null", "\"level\":\"huge\"", "its level is 'huge'")]
    [InlineData("\"whole\":null", "\"whole\":{\"label\":null,\"score\":1}", "a name without its label")]
    [InlineData("\"width\":72", "\"width\":\"72\"", "wrong kind")]
    public async Task Verify_ValueOfTheWrongKind_IsNamed(string from, string to, string expected)
    {
        BatchImages.Write(In, "a.png");
        await Run();
        string result = Path.Combine(Out, "results", "a.png.json"), text = File.ReadAllText(result);
        string changed = from[0] == '{' ? text.Replace("\"predicted_iou\":1", "\"predicted_iou\":\"1\"") : text.Replace(from, to);
        Assert.NotEqual(text, changed);
        File.WriteAllText(result, changed);
        Assert.Contains(expected, Assert.Single(BatchVerifier.Verify(Out).Problems).What);
    }
}
