using System.Runtime.InteropServices;

namespace SemanticSam.Server.Inference;

/// <summary>
/// Lets threads that compute give way to those that take requests. Both want all cores under load; a refusal or a health check, which takes a millisecond,
/// would otherwise wait until a computing thread's turn is over. Measured in docs/server.md.
/// </summary>
internal static partial class ThreadNiceness
{
    /// <summary>Of 19 steps down to the least; five leave a third of the weight of an ordinary thread.</summary>
    private const int Steps = 5;

    /// <summary>
    /// Lowers the calling thread; libtorch's threads that it starts, and others, inherit that on Linux. Where the system refuses, nothing changes.
    /// </summary>
    public static void LowerThisThread()
    {
        if (!OperatingSystem.IsLinux())
        {
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
            return;
        }
        try
        {
            _ = nice(Steps); // of the calling thread alone, there
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library: everything works, with refusals a little slower under load.
        }
    }

    [LibraryImport("libc")]
    private static partial int nice(int steps);
}
