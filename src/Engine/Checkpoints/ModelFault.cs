using System.Runtime.InteropServices;
using SemanticSam.Foundation;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>Whatever is wrong with the files of a model is said as that: of files from elsewhere anything can be wrong.</summary>
internal static class ModelFault
{
    /// <summary>Loads something.</summary>
    /// <param name="source">The file or folder.</param>
    /// <param name="load">Loads it.</param>
    /// <param name="config">The file whose entries decide what is built, which is named where one of them does not allow it; null where there is none.</param>
    /// <exception cref="CheckpointException">It failed for a reason that lies in the files.</exception>
    public static T Guard<T>(string source, Func<T> load, string? config = null)
    {
        try
        {
            return load();
        }
        catch (Exception e) when (IsOfTheFiles(e))
        {
            bool isEntry = e is ArgumentException and not ArgumentNullException;
            throw new CheckpointException(isEntry ? config ?? source : source, $"it cannot be loaded: {What(e).Trim().TrimEnd('.')}.", inner: e);
        }
    }

    /// <summary>Words of .NET for what a program does wrong say nothing of the file that led to it.</summary>
    private static string What(Exception e)
    {
        if (e is ArgumentNullException or NullReferenceException or IndexOutOfRangeException or InvalidCastException)
            return "an entry is null, missing, or of another size than the others need";
        const string key = "Key: ";
        return e is ArgumentException { ParamName: "key" } && e.Message.IndexOf(key, StringComparison.Ordinal) is > 0 and var at
            ? $"the entry '{MessageText.Cut(MessageText.OfArgument(e)[(at + key.Length)..])}' stands twice" : MessageText.OfArgument(e, entry: true);
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
