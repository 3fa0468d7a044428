using System.Collections.Concurrent;
using SemanticSam.Imaging;

namespace SemanticSam.Training.Nano;

/// <summary>
/// Decoded photos, kept as long as there is room: a training sees each of them many times.
/// What does not fit is decoded anew each time. Safe for several threads.
/// </summary>
internal sealed class PhotoMemory
{
    private const int ShareOfMemory = 8;

    private readonly ConcurrentDictionary<string, RgbImage> _photos = new(StringComparer.Ordinal);
    private readonly long _most;
    private long _bytes;

    /// <param name="most">Bytes to keep at most; null for an eighth of the memory.</param>
    public PhotoMemory(long? most = null) => _most = most ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / ShareOfMemory;

    /// <summary>Bytes kept.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>A photo, which nobody may change.</summary>
    public RgbImage Get(string path)
    {
        if (_photos.TryGetValue(path, out var known)) return known;
        var photo = ImageDecoder.Decode(path, ImageDecoderOptions.Whole);
        long size = photo.Pixels.LongLength;
        if (Interlocked.Add(ref _bytes, size) > _most || !_photos.TryAdd(path, photo)) Interlocked.Add(ref _bytes, -size);
        return photo;
    }
}
