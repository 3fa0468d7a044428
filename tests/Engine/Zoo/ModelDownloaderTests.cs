using System.Security.Cryptography;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Zoo;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Zoo;

public sealed class ModelDownloaderTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly byte[] _content;
    private readonly FileServer _server;
    private readonly ModelDownloader _downloader = new() { RetryPause = TimeSpan.FromMilliseconds(1), StallTimeout = TimeSpan.FromSeconds(5) };

    public ModelDownloaderTests()
    {
        var values = new byte[300_000];
        new Random(5).NextBytes(values);
        SafetensorsWriter.Write(_folder.File("source"), [CheckpointTensor.FromMemory("w", CheckpointDType.UInt8, [values.Length], values)]);
        _content = File.ReadAllBytes(_folder.File("source"));
        _server = new FileServer(_content);
    }

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    private string Cache => _folder.File("cache");

    private string Final => Path.Combine(Cache, "file.safetensors");

    private string Sha256 => Convert.ToHexStringLower(SHA256.HashData(_content));

    private KnownModel Model(string? sha256 = null, long? size = null) => new("test", ModelFamily.Sam, "ViT-B", "file.safetensors", "MIT", "")
    {
        Address = _server.Address, Sha256 = sha256, Size = size,
    };

    private void AssertComplete(DownloadResult result)
    {
        Assert.Equal((Final, Sha256, (long)_content.Length), (result.Path, result.Sha256, result.Size));
        Assert.Equal(_content, File.ReadAllBytes(Final));
        Assert.Equal($"{Sha256}  file.safetensors\n", File.ReadAllText(Final + ".sha256"));
        Assert.Equal(["file.safetensors", "file.safetensors.sha256"], Directory.GetFiles(Cache).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Pull_WholeFile_IsThereWithItsHash()
    {
        var seen = new List<DownloadProgress>();
        AssertComplete(await _downloader.PullAsync(Model(Sha256, _content.Length), Cache, new Recorder(seen)));
        Assert.Equal(new DownloadProgress(_content.Length, _content.Length), seen[^1]);
        Assert.True((await _downloader.PullAsync(Model(), Cache)).AlreadyThere);
        Assert.Single(_server.Asked);
    }

    [Fact]
    public async Task Pull_ConnectionCutTwice_GoesOnWhereItStopped()
    {
        (_server.CutAfter, _server.Cuts) = (100_000, 2);
        AssertComplete(await _downloader.PullAsync(Model(), Cache));
        Assert.Equal(3, _server.Asked.Count);
        Assert.True(_server.Asked[1] > 0 && _server.Asked[2] > _server.Asked[1]);
    }

    [Fact]
    public async Task Pull_AfterAnInterruptedOne_GoesOnWhereItStopped()
    {
        (_server.CutAfter, _server.Cuts) = (100_000, 1);
        using var stop = new CancellationTokenSource();
        var recorder = new Recorder([], _ => stop.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _downloader.PullAsync(Model(), Cache, recorder, stop.Token));
        long kept = new FileInfo(Final + ".part").Length;
        Assert.True(kept > 0 && !File.Exists(Final));
        AssertComplete(await _downloader.PullAsync(Model(), Cache));
        Assert.Equal(kept, _server.Asked[^1]);
    }

    [Fact]
    public async Task Pull_FileChangedMeanwhile_StartsAfresh()
    {
        Directory.CreateDirectory(Cache);
        File.WriteAllBytes(Final + ".part", new byte[1000]);
        File.WriteAllText(Final + ".part.tag", "\"other\"");
        AssertComplete(await _downloader.PullAsync(Model(), Cache));
    }

    [Fact]
    public async Task Pull_RemainsWithoutTagOrHash_AreNotTrusted()
    {
        Directory.CreateDirectory(Cache);
        File.WriteAllBytes(Final + ".part", new byte[1000]);
        AssertComplete(await _downloader.PullAsync(Model(), Cache));
        Assert.Equal([0L], _server.Asked);
    }

    [Fact]
    public async Task Pull_ServerWithoutRanges_StartsAfresh()
    {
        _server.Ranges = false;
        (_server.CutAfter, _server.Cuts) = (100_000, 1);
        AssertComplete(await _downloader.PullAsync(Model(), Cache));
    }

    [Fact]
    public async Task Pull_CompletePart_IsOnlyCheckedAndRenamed()
    {
        Directory.CreateDirectory(Cache);
        File.WriteAllBytes(Final + ".part", _content);
        AssertComplete(await _downloader.PullAsync(Model(Sha256), Cache));
        Assert.Equal([(long)_content.Length], _server.Asked);
    }

    [Fact]
    public async Task Pull_WrongHash_IsRemovedAndRefused()
    {
        var error = await Assert.ThrowsAsync<ModelDownloadException>(() => _downloader.PullAsync(Model(new string('0', 64)), Cache));
        Assert.Contains("SHA-256", error.Message);
        Assert.Contains(Final, error.Message);
        Assert.Empty(Directory.GetFiles(Cache));
    }

    [Fact]
    public async Task Pull_WrongSize_IsRefusedBeforeItIsFetched()
        => Assert.Contains("has 7", (await Assert.ThrowsAsync<ModelDownloadException>(() => _downloader.PullAsync(Model(size: 7), Cache))).Message);

    [Fact]
    public async Task Pull_WebPageInsteadOfTheFile_IsRefused()
    {
        _server.Content = "<!doctype html><title>Sign in</title>"u8.ToArray();
        Assert.Contains("web page", (await Assert.ThrowsAsync<ModelDownloadException>(() => _downloader.PullAsync(Model(), Cache))).Message);
        Assert.Empty(Directory.GetFiles(Cache));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(403)]
    [InlineData(500)]
    public async Task Pull_ServerRefuses_SaysTheStatusAndThePlace(int status)
    {
        _server.Status = status;
        var error = await Assert.ThrowsAsync<ModelDownloadException>(() => _downloader.PullAsync(Model(), Cache));
        Assert.Contains($"answers {status}", error.Message);
        Assert.Contains(Final, error.Message);
    }

    [Fact]
    public async Task Pull_NoNetwork_SaysWhereToPlaceTheFile()
    {
        var model = Model() with { Address = new Uri($"http://127.0.0.1:{FileServer.FreePort()}/file.safetensors") };
        var error = await Assert.ThrowsAsync<ModelDownloadException>(() => _downloader.PullAsync(model, Cache));
        Assert.Contains("cannot be reached", error.Message);
        Assert.Contains(model.Address.ToString(), error.Message);
        Assert.Empty(Directory.GetFiles(Cache));
        Assert.Contains(Final, error.Message);
    }

    [Fact]
    public async Task Pull_Redirected_Follows()
    {
        _server.Redirections = 3;
        AssertComplete(await _downloader.PullAsync(Model(), Cache));
    }

    [Fact]
    public async Task Pull_RedirectedAndCut_ResumesThroughTheRedirection()
    {
        (_server.CutAfter, _server.Cuts, _server.Redirections) = (100_000, 1, 1);
        var recorder = new Recorder([], p => _server.Redirections = p.Done < 100_000 ? 1 : _server.Redirections);
        AssertComplete(await _downloader.PullAsync(Model(), Cache, recorder));
        Assert.True(_server.Asked[^1] > 0);
    }

    [Fact]
    public async Task Pull_DiskFull_SaysHowFarAndGoesOnLater()
    {
        var error = await Assert.ThrowsAsync<IOException>(() => new ModelDownloader { Open = path => new FullDisk(path, 150_000) }.PullAsync(Model(), Cache));
        Assert.Contains("the disk is full", error.Message);
        Assert.Contains(Final + ".part", error.Message);
        long kept = new FileInfo(Final + ".part").Length;
        Assert.InRange(kept, 1, 150_000);
        AssertComplete(await _downloader.PullAsync(Model(), Cache));
        Assert.Equal(kept, _server.Asked[^1]);
    }

    [Fact]
    public async Task Pull_FileThereIsAnother_SaysSo()
    {
        await _downloader.PullAsync(Model(), Cache);
        File.AppendAllText(Final, "x");
        var error = await Assert.ThrowsAsync<ModelDownloadException>(() => _downloader.PullAsync(Model(), Cache)); // against the record
        Assert.Contains("was downloaded", error.Message);
        error = await Assert.ThrowsAsync<ModelDownloadException>(() => _downloader.PullAsync(Model(Sha256), Cache)); // against what is known
        Assert.Contains(Sha256, error.Message);
        File.WriteAllBytes(Final, _content);
        File.Delete(Final + ".sha256");
        Assert.True((await _downloader.PullAsync(Model(), Cache)).AlreadyThere);
        Assert.True(File.Exists(Final + ".sha256"));
    }

    [Fact]
    public async Task Pull_WithoutAddressOrOverPlainHttp_IsRefused()
    {
        await Assert.ThrowsAsync<ModelDownloadException>(() => _downloader.PullAsync(Model() with { Address = null }, Cache));
        await Assert.ThrowsAsync<ModelDownloadException>(
            () => _downloader.PullAsync(Model() with { Address = new Uri("http://example.org/file.safetensors") }, Cache));
    }

    [Fact]
    public async Task Pull_WhileAnotherRuns_SaysSo()
    {
        Directory.CreateDirectory(Cache);
        using var other = new FileStream(Final + ".part", FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        Assert.Contains("another download", (await Assert.ThrowsAsync<IOException>(() => _downloader.PullAsync(Model(), Cache))).Message);
    }

    private sealed class Recorder(List<DownloadProgress> seen, Action<DownloadProgress>? then = null) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value)
        {
            seen.Add(value);
            then?.Invoke(value);
        }
    }

    /// <summary>A file on a disk that has room for so many bytes.</summary>
    private sealed class FullDisk(string path, long room) : FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0)
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position + buffer.Length > room)
                throw new IOException("No space left on device", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28);
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
