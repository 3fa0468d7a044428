using System.Runtime.InteropServices;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>Whatever is wrong with the files of a model is said as that: of files from elsewhere anything can be wrong.</summary>
internal static class ModelFault
{
    /// <summary>Loads something.</summary>
    /// <param name="source">The file or folder.</param>
    /// <param name="load">Loads it.</param>
    /// <exception cref="CheckpointException">It failed for a reason that lies in the files.</exception>
    public static T Guard<T>(string source, Func<T> load)
    {
        try
        {
            return load();
        }
        catch (Exception e) when (IsOfTheFiles(e))
        {
            throw new CheckpointException(source, $"it cannot be loaded: {e.Message.Split('\n')[0].Trim().TrimEnd('.')}.", inner: e);
        }
    }

    private static bool IsOfTheFiles(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => false, // there is nothing
        IOException or UnauthorizedAccessException => true,
        ArgumentException or InvalidOperationException and not ObjectDisposedException or FormatException or InvalidDataException
            or ArithmeticException => true,
        IndexOutOfRangeException or KeyNotFoundException or NullReferenceException or NotSupportedException or InvalidCastException => true,
        ExternalException => true, // of libtorch
        _ => false,
    };
}
