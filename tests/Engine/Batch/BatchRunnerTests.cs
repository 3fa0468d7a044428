using System.Text.Json;
using System.Text.Json.Nodes;
using SemanticSam.Engine;
using SemanticSam.Engine.Batch;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Batch;

public sealed class BatchRunnerTests(SmallModel shared) : IClassFixture<SmallModel>, IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SegmentationModel _model = shared.Model;

    public void Dispose() => _folder.Dispose();

    private string In => _folder.File("in");

    private string Out(string name = "out") => _folder.File(name);

    private static BatchOptions Options(Shard? shard = null, bool overlays = false, string word = "one") => new()
    {
        Description = new JsonObject { ["question"] = word },
        Shard = shard ?? Shard.Whole,
        Overlays = overlays ? _ => null : null,
    };

    /// <summary>A cheap question whose answer follows from the image's size.</summary>
    private static Task<IReadOnlyList<MaskResult>> Ask(BatchItem item, ImageSession session, CancellationToken cancellation)
    {
        var mask = Rle.FromBox(session.Height, session.Width, new(3, 4, session.Width / 2, session.Height / 2));
        return Task.FromResult<IReadOnlyList<MaskResult>>(
            [new MaskResult { Mask = mask, PredictedIou = 0.75f, StabilityScore = 1, Level = GranularityLevel.Whole }]);
    }

    private async Task<BatchProgress> Run(string folder, BatchOptions? options = null, BatchStart start = BatchStart.Afresh, Func<BatchItem, ImageSession,
        CancellationToken, Task<IReadOnlyList<MaskResult>>>? ask = null, CancellationToken cancellation = default)
    {
        using var claimed = BatchFolder.Claim(folder, start);
        return await new BatchRun(BatchImages.Input(In), options ?? Options()).Run(claimed, _model, ask ?? Ask, null, cancellation);
    }

    [Fact]
    public async Task Run_Folder_GivesAResultAnImageAndAManifest()
    {
        BatchImages.Write(In, "a.png", "x/a.png", "y/a.png");
        Assert.Equal(new(3, 0, 3, 0), await Run(Out(), Options(overlays: true)));
        var report = BatchVerifier.Verify(Out());
        Assert.Empty(report.Problems);
        Assert.Equal((3L, 3, new BatchCounts(3, 3, 0)), (report.Masks, report.ImagesSeen, report.Counts));
        Assert.Equal((3, 3, 0), (report.Assigned, report.Done, report.Failed));
        Assert.Equal(_model.Sha256, report.Manifest.Model.Sha256);
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Out(), "results", "x", "a.png.json")));
        Assert.Equal("x/a.png", json.RootElement.GetProperty("image").GetProperty("file_name").GetString());
        Assert.False(json.RootElement.TryGetProperty("seconds", out _)); // would differ from run to run
        Assert.Equal(73, ImageDecoder.Decode(Path.Combine(Out(), "overlays", "x", "a.png.png")).Width);
        Assert.Equal(3, File.ReadAllLines(Path.Combine(Out(), "timings.jsonl")).Length);
        Assert.False(File.Exists(Path.Combine(Out(), "errors.jsonl")));
    }

    [Fact]
    public async Task Run_ResultsAmongTheImages_AreNotInput()
    {
        BatchImages.Write(In, "a.png", "b.png");
        string results = Path.Combine(In, "results");
        var runner = new BatchRunner([In], Options(overlays: true)); // overlays are images, too
        Assert.Equal(new(2, 0, 2, 0), await runner.Run(results, _model, Ask));
        Assert.Equal(new(2, 2, 0, 0), await runner.Run(results, _model, Ask));
        Assert.Empty(BatchVerifier.Verify(results).Problems);
    }

    [Fact]
    public async Task Run_ItemsOfACallersOwn_GiveAResultAKey()
    {
        BatchImages.Write(In, "a.png");
        var runner = new BatchRunner(In, [new("first", "a.png", "1"), new("second", "a.png", "2")], Options());
        var asked = new List<string?>();
        Assert.Equal(new(2, 0, 2, 0), await runner.Run(Out(), _model, (item, session, stop) =>
        {
            asked.Add(item.Prompt);
            return Ask(item, session, stop);
        }));
        Assert.Equal(["1", "2"], asked);
        Assert.Equal(["first.json", "second.json"], Directory.GetFiles(Path.Combine(Out(), "results")).Select(Path.GetFileName).Order());
        var missing = new BatchRunner([_folder.File("nowhere")], Options());
        Assert.Equal("batch_input", (await Assert.ThrowsAsync<BatchException>(() => missing.Run(Out("other"), _model, Ask))).Code);
    }

    [Fact]
    public async Task Run_BadImages_GetErrorLinesAndStopNothing()
    {
        BatchImages.Write(In, "a.png", "b.png", "c.png", "d.png");
        File.WriteAllText(Path.Combine(In, "a.png"), "no image");
        File.WriteAllBytes(Path.Combine(In, "c.png"), ImageEncoder.Png(new RgbImage(1, 1)));
        Assert.Equal(new(4, 0, 2, 2), await Run(Out()));
        var errors = File.ReadAllLines(Path.Combine(Out(), "errors.jsonl")).Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        Assert.Equal(["a.png", "c.png"], errors.Select(e => e.GetProperty("image").GetString()));
        Assert.Contains("1 x 1", errors[1].GetProperty("error").GetString());
        Assert.Equal(DateTimeKind.Utc, errors[0].GetProperty("time").GetDateTime().Kind);
        Assert.Empty(BatchVerifier.Verify(Out()).Problems);
    }

    [Fact]
    public async Task Run_ResumedAfterAFailureWasMended_DropsItsErrorLine()
    {
        BatchImages.Write(In, "a.png", "b.png", "c.png");
        byte[] good = File.ReadAllBytes(Path.Combine(In, "b.png"));
        File.WriteAllText(Path.Combine(In, "a.png"), "no image");
        File.WriteAllText(Path.Combine(In, "b.png"), "no image");
        Assert.Equal(new(3, 0, 1, 2), await Run(Out()));
        File.WriteAllBytes(Path.Combine(In, "b.png"), good);
        Assert.Equal(new(3, 1, 1, 1), await Run(Out(), start: BatchStart.Resume));
        Assert.Contains("a.png", Assert.Single(File.ReadAllLines(Path.Combine(Out(), "errors.jsonl"))));
        Assert.Equal(new(3, 2, 0, 1), await Run(Out(), start: BatchStart.Resume));
        Assert.Empty(BatchVerifier.Verify(Out()).Problems);
    }

    [Fact]
    public async Task Run_AnswerThrows_FailsThatItemOnly()
    {
        BatchImages.Write(In, "a.png", "b.png");
        Assert.Equal(new(2, 0, 1, 1),
            await Run(Out(), ask: (item, session, stop) => item.Key == "a.png" ? throw new InvalidOperationException("too hard") : Ask(item, session, stop)));
        Assert.Contains("too hard", File.ReadAllText(Path.Combine(Out(), "errors.jsonl")));
    }

    [Fact]
    public async Task Run_CanceledAndResumed_EqualsAnUndisturbedOne()
    {
        BatchImages.Write(In, "a.png", "b.png", "c.png", "d.png", "e.png");
        await Run(Out("whole"), Options(overlays: true));
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Run(Out(), Options(overlays: true), ask: (item, session, _) =>
        {
            if (item.Key == "c.png") stop.Cancel();
            return Ask(item, session, default);
        }, cancellation: stop.Token));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(Out(), "results")).Length);
        Assert.Equal(new(5, 2, 3, 0), await Run(Out(), Options(overlays: true), BatchStart.Resume));
        Assert.Equal(BatchImages.Content(Out("whole")), BatchImages.Content(Out()));
    }

    [Fact]
    public async Task Run_ResumedOnDamage_ComputesItAgain()
    {
        BatchImages.Write(In, "a.png", "b.png", "c.png");
        await Run(Out(), Options(overlays: true));
        var whole = BatchImages.Content(Out());
        string result = Path.Combine(Out(), "results", "a.png.json");
        File.WriteAllText(result, File.ReadAllText(result)[..100]); // as a failing disk may leave it
        File.Delete(Path.Combine(Out(), "overlays", "b.png.png"));
        File.WriteAllBytes(Path.Combine(Out(), "results", ".0123456789abcdef0123456789abcdef.tmp"), [1]);
        File.AppendAllText(Path.Combine(Out(), "timings.jsonl"), "{\"pict");
        Assert.Equal(new(3, 1, 2, 0), await Run(Out(), Options(overlays: true), BatchStart.Resume));
        Assert.Equal(whole, BatchImages.Content(Out()));
        Assert.All(File.ReadAllLines(Path.Combine(Out(), "timings.jsonl")), l => JsonDocument.Parse(l).Dispose());
    }

    [Fact]
    public async Task Run_ResumedOnWhatVerifyCallsDamaged_LeavesNothingThatItNames()
    {
        BatchImages.Write(In, "a.png", "b.png", "c.png");
        await Run(Out(), Options(overlays: true));
        File.WriteAllText(Path.Combine(Out(), "overlays", "a.png.png"), "no image");
        File.WriteAllBytes(Path.Combine(In, "b.png"), ImageEncoder.Png(BatchImages.Make(7, 90, 60))); // another image under its name
        Assert.NotEmpty(BatchVerifier.Verify(Out()).Problems);
        Assert.Equal(new(3, 1, 2, 0), await Run(Out(), Options(overlays: true), BatchStart.Resume));
        Assert.Empty(BatchVerifier.Verify(Out()).Problems);
    }

    [Fact]
    public async Task Claim_FolderOfAnotherBatch_NamesTheDifference()
    {
        BatchImages.Write(In, "a.png");
        await Run(Out());
        Assert.Equal(BatchError.AlreadyStarted, (await Assert.ThrowsAsync<BatchException>(() => Run(Out()))).Error);
        Assert.Contains("question \"two\" now, \"one\" there",
            (await Assert.ThrowsAsync<BatchException>(() => Run(Out(), Options(word: "two"), BatchStart.Resume))).Message);
        Assert.Contains("shard 1/2 now, 1/1 there",
            (await Assert.ThrowsAsync<BatchException>(() => Run(Out(), Options(new Shard(1, 2)), BatchStart.Resume))).Message);
        string path = Path.Combine(Out(), "manifest.json");
        string manifest = File.ReadAllText(path);
        File.WriteAllText(path, manifest.Replace(_model.Sha256, new string('0', 64)));
        Assert.Contains($"model small ({_model.Sha256}) now, small (000000",
            (await Assert.ThrowsAsync<BatchException>(() => Run(Out(), start: BatchStart.Resume))).Message);
        File.WriteAllText(path, manifest.Replace("\"version\": \"", "\"version\": \"9."));
        Assert.Contains("version", (await Assert.ThrowsAsync<BatchException>(() => Run(Out(), start: BatchStart.Resume))).Message);
        File.WriteAllText(path, manifest);
        BatchImages.Write(In, "a.png", "b.png");
        Assert.Contains("input 2 items", (await Assert.ThrowsAsync<BatchException>(() => Run(Out(), start: BatchStart.Resume))).Message);
        File.Delete(path);
        Assert.Contains("no manifest.json", (await Assert.ThrowsAsync<BatchException>(() => Run(Out(), start: BatchStart.Resume))).Message);
    }

    [Fact]
    public async Task Claim_FolderInUse_IsRefused()
    {
        BatchImages.Write(In, "a.png");
        using (BatchFolder.Claim(Out(), BatchStart.Afresh))
            Assert.Contains("another process", Assert.Throws<BatchException>(() => BatchFolder.Claim(Out(), BatchStart.Resume)).Message);
        await Run(Out(), start: BatchStart.Resume);
        Assert.False(File.Exists(Path.Combine(Out(), ".lock")));
    }

    [Fact]
    public async Task Run_NameOfAResultIsAFolder_FailsAlone()
    {
        BatchImages.Write(In, "a.png", "b.png");
        Directory.CreateDirectory(Path.Combine(Out(), "results", "b.png.json", "in the way"));
        File.WriteAllText(Path.Combine(Out(), "manifest.json"), "x");
        File.Delete(Path.Combine(Out(), "manifest.json"));
        Assert.Throws<BatchException>(() => BatchFolder.Claim(Out(), BatchStart.Afresh)); // results without a manifest
        Directory.Delete(Path.Combine(Out(), "results"), recursive: true);
        using var claimed = BatchFolder.Claim(Out(), BatchStart.Afresh);
        Directory.CreateDirectory(Path.Combine(Out(), "results", "b.png.json"));
        Assert.Equal(new(2, 0, 1, 1), await new BatchRun(BatchImages.Input(In), Options()).Run(claimed, _model, Ask));
        Assert.Contains("there is a folder of that name", File.ReadAllText(Path.Combine(Out(), "errors.jsonl")));
        Assert.True(File.Exists(Path.Combine(Out(), "results", "a.png.json")));
    }

    [Fact]
    public async Task Merge_AllShards_EqualsAnUndividedRun()
    {
        BatchImages.Write(In, "a.png", "b.png", "x/a.png", "x/b.png", "y.png");
        File.WriteAllText(Path.Combine(In, "b.png"), "no image");
        await Run(Out("whole"), Options(overlays: true));
        string[] shards = [Out("1"), Out("2"), Out("3")];
        for (int i = 0; i < 3; i++) await Run(shards[i], Options(new Shard(i + 1, 3), overlays: true));
        Assert.All(shards, s => Assert.Empty(BatchVerifier.Verify(s).Problems));
        var (manifest, missing) = new BatchMerger([shards[2], shards[0], shards[1]]).Merge(Out("merged"));
        Assert.Empty(missing);
        Assert.Equal(new BatchCounts(5, 4, 1), manifest.Counts);
        Assert.Equal(BatchImages.Content(Out("whole")), BatchImages.Content(Out("merged")));
        Assert.Empty(BatchVerifier.Verify(Out("merged")).Problems);
        Assert.Equal(new(5, 4, 0, 1), await Run(Out("merged"), Options(overlays: true), BatchStart.Resume)); // a merged set is a batch like any other
    }

    [Fact]
    public async Task Merge_WhatDoesNotBelongTogether_SaysWhy()
    {
        BatchImages.Write(In, "a.png", "b.png", "c.png", "d.png", "e.png");
        await Run(Out("1"), Options(new Shard(1, 3)));
        await Run(Out("2"), Options(new Shard(2, 3)));
        await Run(Out("2 again"), Options(new Shard(2, 3)));
        await Run(Out("3 of 4"), Options(new Shard(3, 4)));
        await Run(Out("other"), Options(new Shard(3, 3), word: "two"));
        string Refusal(params string[] shards) => Assert.Throws<BatchException>(() => new BatchMerger([.. shards.Select(Out)]).Merge(Out("merged"))).Message;
        Assert.Contains("shard 3/3", Refusal("1", "2"));
        Assert.Contains("overlap", Refusal("1", "2", "2 again"));
        Assert.Contains("question", Refusal("1", "other"));
        Assert.Contains("3 shards", Refusal("1", "3 of 4"));
        Assert.Contains("no batch", Refusal("1", "absent"));
        File.Delete(Path.Combine(Out("2"), "results", "b.png.json"));
        Assert.Contains("1 of 2 items of shard 2/3", Refusal("1", "2"));
        Assert.False(Directory.Exists(Out("merged")));
        var (manifest, missing) = new BatchMerger([Out("1"), Out("2")]).Merge(Out("merged"), allowMissing: true);
        Assert.Equal((2, 3), (missing.Count, manifest.Counts.Done));
        Assert.Equal(2, BatchVerifier.Verify(Out("merged")).Problems.Count(p => p.Kind == BatchProblemKind.Missing));
        Assert.Throws<BatchException>(() => new BatchMerger([Out("1"), Out("2")]).Merge(Out("merged"), allowMissing: true)); // not empty any more
        Assert.Equal(new(5, 3, 2, 0), await Run(Out("merged"), start: BatchStart.Resume));
        Assert.Empty(BatchVerifier.Verify(Out("merged")).Problems);
    }
}
