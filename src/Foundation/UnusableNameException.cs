namespace SemanticSam.Foundation;

/// <summary>
/// One file cannot be written because of its name: a folder or a device has it, a file stands where it needs a folder, or it is too long. Others can.
/// </summary>
internal sealed class UnusableNameException(string message, Exception? inner = null) : CannotWriteException(message, inner)
{
    private const int TooLongLinux = 36, TooLongMac = 63; // ENAMETOOLONG

    /// <summary>Why a file of this path cannot be; null where nothing is in the way.</summary>
    public static string? WhyNot(string path)
    {
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full)) return "there is a folder of that name";
        // A rename would take their place: /dev/null would be a file from then on, for whoever may do that.
        if (FileKinds.Of(full) == FileKind.Special || IsStream(full)) return "there is a pipe, a socket or a device of that name";
        for (string? folder = Path.GetDirectoryName(full); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
            if (File.Exists(folder)) return $"'{Path.GetFileName(folder)}', which it needs as a folder, is a file";
        return null;
    }

    /// <summary>Whether it is a name of a stream of some process, such as /dev/stdout, whatever that is at the moment.</summary>
    private static bool IsStream(string full) =>
        !OperatingSystem.IsWindows() && new FileInfo(full).LinkTarget is { } target && target.StartsWith("/proc/", StringComparison.Ordinal);

    /// <summary>Whether a failure is that of a name.</summary>
    public static bool IsTooLong(Exception e) =>
        e is PathTooLongException
            || e is IOException && ((OperatingSystem.IsLinux() && e.HResult == TooLongLinux) || (OperatingSystem.IsMacOS() && e.HResult == TooLongMac));
}
