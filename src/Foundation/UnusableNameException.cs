namespace SemanticSam.Foundation;

/// <summary>One file cannot be written because of its name: a folder has it, a file stands where it needs a folder, or it is too long. Others can.</summary>
internal sealed class UnusableNameException(string message, Exception? inner = null) : IOException(message, inner)
{
    private const int TooLongLinux = 36, TooLongMac = 63; // ENAMETOOLONG

    /// <summary>Why a file of this path cannot be; null where nothing is in the way.</summary>
    public static string? WhyNot(string path)
    {
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full)) return "there is a folder of that name";
        for (string? folder = Path.GetDirectoryName(full); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
            if (File.Exists(folder)) return $"'{Path.GetFileName(folder)}', which it needs as a folder, is a file";
        return null;
    }

    /// <summary>Whether a failure is that of a name.</summary>
    public static bool IsTooLong(Exception e) =>
        e is PathTooLongException
            || e is IOException && ((OperatingSystem.IsLinux() && e.HResult == TooLongLinux) || (OperatingSystem.IsMacOS() && e.HResult == TooLongMac));
}
