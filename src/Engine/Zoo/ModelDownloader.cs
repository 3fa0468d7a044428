using SemanticSam.Engine.Checkpoints;
using SemanticSam.Foundation;

namespace SemanticSam.Engine.Zoo;

/// <summary>How far a download is.</summary>
/// <param name="Done">Bytes that are on this disk.</param>
/// <param name="Total">Bytes of the whole file; null when the server does not say.</param>
internal readonly record struct DownloadProgress(long Done, long? Total);

/// <summary>A downloaded model.</summary>
/// <param name="Path">Where the file is.</param>
/// <param name="Sha256">Its SHA-256, also recorded beside it in the format of sha256sum.</param>
/// <param name="Size">Bytes.</param>
/// <param name="AlreadyThere">True when it was on this disk before, so that nothing was downloaded.</param>
internal sealed record DownloadResult(string Path, string Sha256, long Size, bool AlreadyThere);

/// <summary>
/// Downloads model files: under a temporary name, resumed where an earlier attempt stopped, checked (size, SHA-256 where known, and that it
/// is a checkpoint at all), and only then given their name.
/// </summary>
/// <param name="client">Does the requests; null makes one that follows redirections.</param>
internal sealed class ModelDownloader(HttpClient? client = null)
{
    /// <summary>Bytes of the small files beside a model: its recorded hash, the server's tag.</summary>
    internal const int LargestNote = 1 << 16;

    private static readonly Lazy<HttpClient> Shared = new(() => new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(20) })
    {
        Timeout = Timeout.InfiniteTimeSpan, // big files take long; a stalled connection is noticed by DownloadTransfer
        DefaultRequestHeaders = { { "User-Agent", "semsam/0.1" } },
    });

    private readonly HttpClient _client = client ?? Shared.Value;

    /// <summary>How long the connection may give nothing, or next to nothing, before it counts as broken.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Pause before a broken connection is taken up again; doubled each time.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How the temporary file is opened; null for the usual way (tests inject a disk that fills up).</summary>
    internal Func<string, Stream>? Open { get; init; }

    /// <summary>Downloads a model into a folder.</summary>
    /// <param name="model">A model with an address.</param>
    /// <param name="folder">Where the file shall be; created if need be.</param>
    /// <param name="progress">Told how far it is; may be null.</param>
    /// <param name="cancellation">Stops; what was received stays for the next attempt.</param>
    /// <exception cref="ModelDownloadException">There is no address or no network, the server refuses, or what came, or what is there already, is not the
    /// model.</exception>
    /// <exception cref="IOException">The folder cannot be written, or the disk is full.</exception>
    public async Task<DownloadResult> PullAsync(KnownModel model, string folder, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string final = Path.Combine(Path.GetFullPath(folder), model.FileName);
        if (File.Exists(final)) return await FoundAsync(model, final, cancellation).ConfigureAwait(false);
        if (model.Address is not { } address) throw new ModelDownloadException($"No address is known for {model.Name}. Place its file at {final}.");
        if (address.Scheme != Uri.UriSchemeHttps && !address.IsLoopback) throw new ModelDownloadException($"{address} is not an https address.");
        string part = final + ".part";
        string sha256;
        Directory.CreateDirectory(Path.GetDirectoryName(final)!);
        try
        {
            await using var file = OpenPart(part, model);
            using var transfer = new DownloadTransfer(new(_client, StallTimeout, RetryPause), model, address, file, part, final, progress);
            await transfer.RunAsync(cancellation).ConfigureAwait(false);
            sha256 = transfer.Sha256();
        }
        catch
        {
            if (new FileInfo(part) is { Exists: true, Length: 0 } nothing) nothing.Delete();
            throw;
        }
        Check(model, address, part, sha256, final);
        File.Move(part, final);
        await RecordAsync(model, final, sha256, cancellation).ConfigureAwait(false);
        File.Delete(part + ".tag");
        return new(final, sha256, new FileInfo(final).Length, AlreadyThere: false);
    }

    private static Task RecordAsync(KnownModel model, string final, string sha256, CancellationToken cancellation) =>
        File.WriteAllTextAsync(final + ".sha256", $"{sha256}  {model.FileName}\n", cancellation);

    /// <summary>A file that is there must be the published one, or, where that is not known, the one that was recorded.</summary>
    private static async Task<DownloadResult> FoundAsync(KnownModel model, string final, CancellationToken cancellation)
    {
        string sha256 = FileHash.Sha256(final, cancellation: cancellation), record = final + ".sha256";
        string? recorded = File.Exists(record) ? RegularFile.ReadAllText(record, LargestNote).Split(' ')[0].Trim() : null;
        if ((model.Sha256 ?? recorded) is { } expected && expected != sha256)
            throw new ModelDownloadException(
                $"{final} is there, but it is not the file that {(model.Sha256 is null ? "was downloaded" : "was published")}: its SHA-256 is {sha256}, " +
                $"that one's is {expected}. Remove it and download it again.");
        if (recorded is null) await RecordAsync(model, final, sha256, cancellation).ConfigureAwait(false);
        return new(final, sha256, new FileInfo(final).Length, AlreadyThere: true);
    }

    private Stream OpenPart(string part, KnownModel model)
    {
        try
        {
            // Without a buffer: what is written is on its way to the disk, and closing has nothing left to fail with.
            return Open?.Invoke(part) ?? new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0,
                FileOptions.Asynchronous);
        }
        catch (IOException e)
        {
            throw new IOException($"{part}: cannot be opened for writing; perhaps another download of {model.Name} is running ({e.Message.TrimEnd('.')}).", e);
        }
    }

    /// <summary>What came must be the model: else it goes, so that a new attempt starts afresh.</summary>
    private static void Check(KnownModel model, Uri address, string part, string sha256, string final)
    {
        string? wrong = null;
        long size = new FileInfo(part).Length;
        if (model.Size is { } known && size != known) wrong = $"{size} bytes came where the published file has {known}";
        else if (model.Sha256 is { } hash && sha256 != hash) wrong = $"its SHA-256 is {sha256}, the published file's is {hash}";
        else
        {
            try
            {
                using var checkpoint = Checkpoint.Open(part);
            }
            catch (CheckpointException e)
            {
                wrong = e.What.TrimEnd('.');
            }
        }
        if (wrong is null) return;
        File.Delete(part);
        File.Delete(part + ".tag");
        throw new ModelDownloadException(
            $"What {address} gave is not {model.FileName}: {wrong}. It was removed. Download the file in another way and place it at {final}.");
    }
}
