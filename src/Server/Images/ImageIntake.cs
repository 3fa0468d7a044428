using System.Security.Cryptography;
using SemanticSam.Imaging;
using SemanticSam.Server.Telemetry;

namespace SemanticSam.Server.Images;

/// <summary>An image as it came: the bytes of its file with their hash, or the hash alone.</summary>
/// <param name="Id">SHA-256 of the file, lower-case hex.</param>
/// <param name="File">The file; null where the client gave its id.</param>
/// <param name="Name">What results call it.</param>
internal sealed record IncomingImage(string Id, ReadOnlyMemory<byte>? File, string Name)
{
    public static IncomingImage Of(ReadOnlyMemory<byte> file, string? name = null)
    {
        string id = Convert.ToHexStringLower(SHA256.HashData(file.Span));
        return new(id, file, name ?? id);
    }
}

/// <summary>The pixels of an image, and what was assumed of it.</summary>
/// <param name="Pixels">Upright.</param>
/// <param name="Notices">A sentence each; empty where nothing was assumed.</param>
internal sealed record DecodedImage(RgbImage Pixels, IReadOnlyList<string> Notices);

/// <summary>
/// Decodes images, few at a time and never one that the limits refuse: a decoded image takes many times the memory of its file, and waits for the model
/// in that size.
/// </summary>
internal sealed class ImageIntake(ServerOptions options, ServerMetrics metrics) : IDisposable
{
    private readonly SemaphoreSlim _places = new(2);

    /// <summary>Size of the upright image, from its header.</summary>
    /// <exception cref="ImageException">Not an image, or one beyond the limits.</exception>
    public (int Width, int Height) SizeOf(IncomingImage image)
    {
        var file = ImageFile.FromBytes(image.File!.Value, Limits(null), "The image");
        ImageException.ThrowIfTooSmall(file.Width, file.Height, "The image");
        return (file.Width, file.Height);
    }

    /// <summary>Decodes it and does something with the pixels, which count as taken until that is done.</summary>
    /// <exception cref="ImageException">Not an image, a damaged one, or one beyond the limits.</exception>
    public async Task<T> WithPixels<T>(IncomingImage image, Func<DecodedImage, Task<T>> use, CancellationToken cancellation)
    {
        SizeOf(image);
        await _places.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await use(metrics.Timed(Step.Read, default, () => Decode(image.File!.Value))).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    private DecodedImage Decode(ReadOnlyMemory<byte> file)
    {
        var notices = new List<string>();
        var pixels = ImageDecoder.Decode(file, Limits(notices.Add), "The image");
        return new(pixels, notices);
    }

    private ImageDecoderOptions Limits(Action<string>? notice) =>
        new() { MaxPixels = options.MaxPixels, MaxFileBytes = options.MaxBodyBytes, LeastShare = ImageDecoderOptions.ShownShare, Notice = notice };

    public void Dispose() => _places.Dispose();
}
