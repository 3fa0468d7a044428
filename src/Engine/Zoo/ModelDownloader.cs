using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
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

/// <summary>A model could not be downloaded; the message says why, from where, and where to place the file by hand.</summary>
internal sealed class ModelDownloadException : SemanticSamException
{
    internal ModelDownloadException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    /// <inheritdoc/>
    public override string Code => "model_download_failed";
}

/// <summary>
/// Downloads model files: under a temporary name, resumed where an earlier attempt stopped, checked (size, SHA-256 where known, and that it
/// is a checkpoint at all), and only then given their name.
/// </summary>
/// <param name="client">Does the requests; null makes one that follows redirections.</param>
internal sealed class ModelDownloader(HttpClient? client = null)
{
    private const int MaxAttempts = 5, LargestNote = 1 << 16;
    /// <summary>What has to come within <see cref="StallTimeout"/>: 64 kB a minute.</summary>
    private const int LeastBytes = 1 << 16;

    private const long MaxBytes = 20L << 30;

    private static readonly Lazy<HttpClient> Shared = new(() => new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(20) })
    {
        Timeout = Timeout.InfiniteTimeSpan, // big files take long; a stalled connection is noticed below
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
    /// <exception cref="ModelDownloadException">There is no address or no network, the server refuses, or what came, or what is there already, is not the model.</exception>
    /// <exception cref="IOException">The folder cannot be written, or the disk is full.</exception>
    public async Task<DownloadResult> PullAsync(KnownModel model, string folder, IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default)
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
            using var transfer = new Transfer(this, model, address, file, part, final, progress);
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
            return Open?.Invoke(part) ?? new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
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
        throw new ModelDownloadException($"What {address} gave is not {model.FileName}: {wrong}. It was removed. Download the file in another way and place it at {final}.");
    }

    /// <summary>One download over as many connections as it takes.</summary>
    private sealed class Transfer(ModelDownloader owner, KnownModel model, Uri address, Stream file, string part, string final, IProgress<DownloadProgress>? progress) : IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly byte[] _buffer = new byte[1 << 17];
        private string? _tag;
        private long _done;
        private long? _total;

        public string Sha256() => Convert.ToHexStringLower(_hash.GetHashAndReset());

        public void Dispose() => _hash.Dispose();

        public async Task RunAsync(CancellationToken cancellation)
        {
            await TakeUpAsync(cancellation).ConfigureAwait(false);
            var pause = owner.RetryPause;
            for (int attempt = 1; ; attempt++)
            {
                long before = _done;
                var failure = await ConnectAsync(cancellation).ConfigureAwait(false);
                if (failure is null) break;
                bool moved = _done > before;
                if (attempt >= MaxAttempts || !moved) throw Unreachable(failure);
                await Task.Delay(pause, cancellation).ConfigureAwait(false);
                pause *= 2;
            }
            if (file is FileStream onDisk) onDisk.Flush(flushToDisk: true);
        }

        /// <summary>What an earlier attempt left counts only if it can be told to belong to the same file: by the server's tag or a known hash.</summary>
        private async Task TakeUpAsync(CancellationToken cancellation)
        {
            string tagFile = part + ".tag";
            _tag = File.Exists(tagFile) ? RegularFile.ReadAllText(tagFile, LargestNote) : null;
            if (file.Length == 0) return;
            if (_tag is null && model.Sha256 is null)
            {
                file.SetLength(0);
                return;
            }
            for (int read; (read = await file.ReadAsync(_buffer, cancellation).ConfigureAwait(false)) > 0; _done += read) _hash.AppendData(_buffer, 0, read);
        }

        /// <summary>One connection; null when the file is complete, else why it broke.</summary>
        private async Task<Exception?> ConnectAsync(CancellationToken cancellation)
        {
            using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            stall.CancelAfter(owner.StallTimeout);
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, address);
                if (_done > 0)
                {
                    request.Headers.Range = new(_done, null);
                    if (_tag is not null && EntityTagHeaderValue.TryParse(_tag, out var tag) && !tag.IsWeak) request.Headers.IfRange = new(tag);
                }
                using var response = await owner._client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token).ConfigureAwait(false);
                if (Accept(response)) return null;
                using var body = await response.Content.ReadAsStreamAsync(stall.Token).ConfigureAwait(false);
                return await ReceiveAsync(body, stall, cancellation).ConfigureAwait(false);
            }
            catch (HttpRequestException e)
            {
                return e;
            }
            catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
            {
                return new TimeoutException($"nothing came for {owner.StallTimeout.TotalSeconds:f0} s", e);
            }
        }

        /// <summary>Reads the status: true when nothing is left to receive.</summary>
        private bool Accept(HttpResponseMessage response)
        {
            switch (response.StatusCode)
            {
                case HttpStatusCode.PartialContent when response.Content.Headers.ContentRange is { From: { } from } range && from == _done:
                    _total = range.Length ?? _done + response.Content.Headers.ContentLength;
                    break;
                case HttpStatusCode.RequestedRangeNotSatisfiable when response.Content.Headers.ContentRange?.Length == _done:
                    return true;
                case HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.PartialContent:
                    Restart();
                    throw new HttpRequestException("the server has another file now; the next attempt starts afresh");
                case HttpStatusCode.OK:
                    Restart();
                    _total = response.Content.Headers.ContentLength;
                    break;
                default:
                    throw new ModelDownloadException(
                        $"{address} cannot be downloaded: the server answers {(int)response.StatusCode} {response.ReasonPhrase}. Download the file in " +
                        $"another way and place it at {final}.");
            }
            if (_total > MaxBytes || (model.Size is { } known && _total is { } total && total != known))
                throw new ModelDownloadException(
                    $"{address} would give {_total} bytes where {(model.Size is { } size ? $"the published file has {size}" : $"at most {MaxBytes} are allowed")}.");
            if (response.Headers.ETag is { IsWeak: false } tag) File.WriteAllText(part + ".tag", _tag = tag.ToString());
            return false;
        }

        private void Restart()
        {
            _done = 0;
            _tag = null;
            file.SetLength(0);
            _hash.GetHashAndReset();
        }

        private async Task<Exception?> ReceiveAsync(Stream body, CancellationTokenSource stall, CancellationToken cancellation)
        {
            long counted = _done;
            while (true)
            {
                int read;
                try
                {
                    read = await body.ReadAsync(_buffer, stall.Token).ConfigureAwait(false);
                }
                catch (IOException e)
                {
                    return e;
                }
                if (read == 0) return _total is { } total && _done < total ? new IOException($"the connection ended after {_done} of {total} bytes") : null;
                // A byte now and then is a stall as well: the limit is taken anew only when something came.
                if (_done + read - counted >= LeastBytes)
                {
                    counted = _done + read;
                    stall.CancelAfter(owner.StallTimeout);
                }
                if (_done + read > MaxBytes) throw new ModelDownloadException($"{address} gives more than the {MaxBytes} bytes that are allowed.");
                await WriteAsync(read, cancellation).ConfigureAwait(false);
                progress?.Report(new(_done, _total));
            }
        }

        private async Task WriteAsync(int count, CancellationToken cancellation)
        {
            try
            {
                await file.WriteAsync(_buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
            }
            catch (IOException e)
            {
                string why = AtomicFile.IsDiskFull(e) ? "the disk is full" : e.Message.TrimEnd('.');
                throw new IOException(
                    $"{part}: {why}, with {_done / 1e6:f0} MB{(_total is { } total ? $" of {total / 1e6:f0} MB" : "")} received. The next attempt goes on from there.", e);
            }
            _hash.AppendData(_buffer, 0, count);
            _done += count;
        }

        private ModelDownloadException Unreachable(Exception failure)
        {
            string kept = _done > 0 ? $" {_done / 1e6:f1} MB are kept, and the next attempt goes on from there." : "";
            return new($"{address} cannot be reached ({failure.Message.TrimEnd('.')}).{kept} Without a network, download the file in another way and place " +
                $"it at {final}.", failure);
        }
    }
}
