namespace SemanticSam.Imaging;

/// <summary>A picture cannot be used. The message names the picture and the reason; the types below tell the reasons apart.</summary>
public class ImageException : Exception
{
    /// <summary>A message for the user, one line.</summary>
    public ImageException(string message) : base(message) { }

    /// <summary>A message for the user, one line, and what caused it.</summary>
    public ImageException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>The file is missing, a folder, or may not be read.</summary>
public sealed class ImageUnreadableException(string message, Exception? inner = null) : ImageException(message, inner!);

/// <summary>The bytes are no picture of a known format, or a damaged one.</summary>
public class ImageFormatException(string message) : ImageException(message);

/// <summary>The bytes begin as a picture and end before it is complete.</summary>
public sealed class ImageTruncatedException(string message) : ImageFormatException(message);

/// <summary>The picture is larger than <see cref="ImageDecoderOptions"/> allows. Nothing was decoded.</summary>
public sealed class ImageTooLargeException(string message, long width, long height) : ImageException(message)
{
    /// <summary>Columns that the header declares.</summary>
    public long Width { get; } = width;

    /// <summary>Rows that the header declares.</summary>
    public long Height { get; } = height;
}

/// <summary>The picture is a single pixel: there is nothing in it to tell apart.</summary>
public sealed class ImageTooSmallException : ImageException
{
    internal ImageTooSmallException(string message) : base(message) { }

    internal static void ThrowIf(int width, int height, string name)
    {
        if (width * (long)height < 2) throw new ImageTooSmallException($"{name} is {width} x {height} pixel: there is nothing in it to segment; at least 2 pixels are needed.");
    }
}
