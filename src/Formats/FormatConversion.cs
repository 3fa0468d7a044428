namespace SemanticSam.Formats;

/// <summary>From one format to another, picture by picture.</summary>
public static class FormatConversion
{
    /// <summary>Copies what the target can hold.</summary>
    /// <param name="reader">The source.</param>
    /// <param name="writer">The target; it is completed.</param>
    /// <param name="progress">Told the number of pictures done.</param>
    /// <param name="cancellation">Stops between two pictures; a target of one file then does not appear.</param>
    public static void Run(AnnotationReader reader, AnnotationWriter writer, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(writer);
        int done = 0;
        foreach (var picture in reader.Read(cancellation))
        {
            writer.Write(picture);
            progress?.Report(++done);
        }
        cancellation.ThrowIfCancellationRequested();
        writer.Complete();
    }
}
