using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using SemanticSam.Foundation;

namespace SemanticSam.Engine.Zoo;

/// <summary>How a download connects.</summary>
/// <param name="Client">Does the requests.</param>
/// <param name="StallTimeout">How long the connection may give nothing, or next to nothing, before it counts as broken.</param>
/// <param name="RetryPause">Pause before a broken connection is taken up again; doubled each time.</param>
internal sealed record DownloadConnection(HttpClient Client, TimeSpan StallTimeout, TimeSpan RetryPause);

/// <summary>One download over as many connections as it takes.</summary>
/// <param name="connection">How to connect.</param>
/// <param name="model">What is downloaded.</param>
/// <param name="address">From where.</param>
/// <param name="file">Takes it; what it holds already may be what an earlier attempt received.</param>
/// <param name="part">Its path.</param>
/// <param name="final">The path that it gets when it is complete; for messages.</param>
/// <param name="progress">Told how far it is; may be null.</param>
internal sealed class DownloadTransfer(DownloadConnection connection, KnownModel model, Uri address, Stream file, string part, string final,
    IProgress<DownloadProgress>? progress) : IDisposable
{
    private const int MaxAttempts = 5, LargestNote = ModelDownloader.LargestNote;

    /// <summary>What has to come within <see cref="DownloadConnection.StallTimeout"/>: 64 kB a minute.</summary>
    private const int LeastBytes = 1 << 16;

    private const long MaxBytes = 20L << 30;

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
        var pause = connection.RetryPause;
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
        stall.CancelAfter(connection.StallTimeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (_done > 0)
            {
                request.Headers.Range = new(_done, null);
                if (_tag is not null && EntityTagHeaderValue.TryParse(_tag, out var tag) && !tag.IsWeak) request.Headers.IfRange = new(tag);
            }
            using var response = await connection.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token).ConfigureAwait(false);
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
            return new TimeoutException($"nothing came for {connection.StallTimeout.TotalSeconds:f0} s", e);
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
                $"{address} would give {_total} bytes where "
                    + $"{(model.Size is { } size ? $"the published file has {size}" : $"at most {MaxBytes} are allowed")}.");
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
                stall.CancelAfter(connection.StallTimeout);
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
                $"{part}: {why}, with {_done / 1e6:f0} MB{(_total is { } total ? $" of {total / 1e6:f0} MB" : "")} received. The next attempt goes on from " +
                    $"there.", e);
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
