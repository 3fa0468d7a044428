namespace SemanticSam.Formats;

/// <summary>From one format to another, image by image.</summary>
public static class FormatConversion
{
    /// <summary>Copies what the target can hold.</summary>
    /// <param name="reader">The source.</param>
    /// <param name="writer">The target; it is completed.</param>
    /// <param name="progress">Told the number of images done.</param>
    /// <param name="cancellation">Stops between two images; a target of one file then does not appear.</param>
    /// <exception cref="IOException">The target cannot be written, or what was written is gone at the end.</exception>
    public static void Run(AnnotationReader reader, AnnotationWriter writer, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(writer);
        int done = 0;
        foreach (var image in reader.Read(cancellation))
        {
            writer.Write(image);
            progress?.Report(++done);
        }
        cancellation.ThrowIfCancellationRequested();
        writer.Complete();
        writer.RequireOnDisk();
    }
}
