using SemanticSam.Foundation;

namespace SemanticSam.Imaging;

/// <summary>An image cannot be used. The message names the image and the reason; the types below tell the reasons apart.</summary>
public class ImageException : SemanticSamException
{
    /// <summary>A message for the user, one line.</summary>
    public ImageException(string message) : base(message) { }

    /// <summary>A message for the user, one line, and what caused it.</summary>
    public ImageException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>The file is missing, a folder, or may not be read.</summary>
public sealed class ImageUnreadableException(string message, Exception? inner = null) : ImageException(message, inner!);

/// <summary>The bytes are not an image of a known format, or a damaged one.</summary>
public class ImageFormatException(string message) : ImageException(message);

/// <summary>The bytes begin as an image and end before it is complete.</summary>
public sealed class ImageTruncatedException(string message) : ImageFormatException(message);

/// <summary>The image is larger than <see cref="ImageDecoderOptions"/> allows. Nothing was decoded.</summary>
public sealed class ImageTooLargeException(string message, long width, long height) : ImageException(message)
{
    /// <summary>Columns that the header declares.</summary>
    public long Width { get; } = width;

    /// <summary>Rows that the header declares.</summary>
    public long Height { get; } = height;
}

/// <summary>The image is a single pixel: there is nothing in it to segment.</summary>
public sealed class ImageTooSmallException : ImageException
{
    internal ImageTooSmallException(string message) : base(message) { }

    internal static void ThrowIf(int width, int height, string name)
    {
        if (width * (long)height < 2) throw new ImageTooSmallException($"{name} is {width} x {height} pixel: there is nothing in it to segment; at least 2 pixels are needed.");
    }
}

/// <summary>A mask has another size than the image that it is for.</summary>
public sealed class MaskSizeException(string message) : ImageException(message);
