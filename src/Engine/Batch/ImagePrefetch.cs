using System.Runtime.CompilerServices;
using System.Threading.Channels;
using SemanticSam.Imaging;

namespace SemanticSam.Engine.Batch;

/// <summary>An image that was read ahead: its pixels, or why there are none.</summary>
/// <param name="Items">What is asked of it.</param>
/// <param name="Image">Its pixels.</param>
/// <param name="Failure">Why there are none.</param>
/// <param name="Sha256">Of its file.</param>
internal sealed record FetchedImage(IReadOnlyList<BatchItem> Items, RgbImage? Image, Exception? Failure, string? Sha256 = null)
{
    /// <summary>What was assumed of it, a sentence each.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];
}

/// <summary>
/// Reads and decodes the next images while the current one is computed. What waits is bounded by number and by bytes; an image that
/// exceeds the bytes alone is read when nothing else waits.
/// </summary>
/// <param name="ahead">Images that may wait, at least 1.</param>
/// <param name="bytes">Bytes that waiting images may take, decoding included.</param>
/// <param name="maxPixels">Pixels of the largest image.</param>
internal sealed class ImagePrefetch(int ahead, long bytes, long maxPixels)
{
    /// <summary>What decoding takes a pixel: four of the codec's and three of ours.</summary>
    private const int DecodingBytesAPixel = 7, KeptBytesAPixel = 3;

    private readonly Lock _guard = new();
    private TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _held;

    /// <summary>The most bytes that were held at a time.</summary>
    public long Peak { get; private set; }

    /// <summary>The images in the order of their items; consecutive items of one image come together.</summary>
    public async IAsyncEnumerable<FetchedImage> Read(BatchInput input, IReadOnlyList<BatchItem> items, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var channel = Channel.CreateBounded<(FetchedImage Image, long Bytes)>(new BoundedChannelOptions(ahead) { SingleReader = true, SingleWriter = true });
        var filling = Task.Run(() => Fill(input, items, channel.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var (image, held) in channel.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                Give(-held); // from here on it is the reader's
                yield return image;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await filling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await filling.ConfigureAwait(false);
    }

    private async Task Fill(BatchInput input, IReadOnlyList<BatchItem> items, ChannelWriter<(FetchedImage, long)> writer, CancellationToken cancellation)
    {
        try
        {
            for (int i = 0; i < items.Count;)
            {
                int first = i;
                while (i < items.Count && items[i].Image == items[first].Image) i++;
                await writer.WriteAsync(await Fetch(input.PathOf(items[first]), [.. items.Skip(first).Take(i - first)], cancellation).ConfigureAwait(false),
                    cancellation).ConfigureAwait(false);
            }
            writer.Complete();
        }
        catch (Exception e)
        {
            writer.Complete(e);
        }
    }

    private async Task<(FetchedImage, long)> Fetch(string path, IReadOnlyList<BatchItem> items, CancellationToken cancellation)
    {
        long held = 0;
        try
        {
            var notices = new List<string>();
            // Results lie elsewhere than the images, perhaps on another machine: they call an image as the list does.
            var file = ImageFile.Open(path, new()
            {
                MaxPixels = maxPixels, Notice = notice => notices.Add(notice.Replace(path, items[0].Image, StringComparison.Ordinal)),
            });
            ImageException.ThrowIfTooSmall(file.Width, file.Height, path);
            long pixels = file.DecodedPixels;
            await Take(held = DecodingBytesAPixel * pixels + file.EncodedLength, cancellation).ConfigureAwait(false);
            var image = file.Decode();
            long kept = KeptBytesAPixel * (long)image.Width * image.Height;
            Give(kept - held);
            return (new(items, image, null, file.Sha256()) { Notices = notices }, kept);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Give(-held);
            return (new(items, null, e), 0);
        }
    }

    private async Task Take(long count, CancellationToken cancellation)
    {
        while (true)
        {
            Task room;
            lock (_guard)
            {
                if (_held == 0 || _held + count <= bytes)
                {
                    _held += count;
                    Peak = Math.Max(Peak, _held);
                    return;
                }
                room = _room.Task;
            }
            await room.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Changes what is held by less than zero: there is room again.</summary>
    private void Give(long change)
    {
        TaskCompletionSource room;
        lock (_guard)
        {
            _held += change;
            room = _room;
            _room = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        room.SetResult();
    }
}
