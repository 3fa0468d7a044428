using SemanticSam.Foundation;

namespace SemanticSam.Imaging;

/// <summary>Why an image cannot be used.</summary>
internal enum ImageError
{
    /// <summary>The file is missing, a folder, too large, or may not be read.</summary>
    Unreadable,

    /// <summary>The bytes are not an image of a known format, or a damaged one.</summary>
    Format,

    /// <summary>The bytes begin as an image and end before it is complete.</summary>
    Truncated,

    /// <summary>The image has more pixels than <see cref="ImageDecoderOptions"/> allows (nothing was decoded), or than the format to be written can
    /// hold.</summary>
    TooLarge,

    /// <summary>The image is a single pixel: there is nothing in it to segment.</summary>
    TooSmall,

    /// <summary>A mask has another size than the image that it is for.</summary>
    MaskSize,
}

/// <summary>An image cannot be used; the message names the image and the reason.</summary>
public sealed class ImageException : SemanticSamException
{
    internal ImageException(ImageError error, string message, Exception? inner = null) : base(message, inner) => Error = error;

    /// <inheritdoc/>
    public override string Code => CodeOf("image", Error);

    internal ImageError Error { get; }

    internal static void ThrowIfTooSmall(int width, int height, string name)
    {
        if (width * (long)height < 2)
            throw new ImageException(ImageError.TooSmall,
                $"{name} is {width} x {height} pixel: there is nothing in it to segment; at least 2 pixels are needed.");
    }
}
