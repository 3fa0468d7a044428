using System.Runtime.InteropServices;

namespace SemanticSam.Torch;

/// <summary>The end of a program that computed.</summary>
internal static class ProcessEnd
{
    /// <summary>
    /// Ends the process at once where libtorch was loaded, without its destructors: they free what the system is about to free, in a seventh of a second, and
    /// somebody waits for the result. To be called when all is written and nothing runs; returns where the process is to end as usual.
    /// </summary>
    /// <param name="code">The exit code.</param>
    public static void Exit(int code)
    {
        if (!TorchRuntime.IsLoaded || OperatingSystem.IsWindows()) return;
        try
        {
            Console.Out.Flush();
            Console.Error.Flush();
            ExitNow(code);
        }
        catch (Exception e) when (e is IOException or DllNotFoundException or EntryPointNotFoundException)
        {
            // As usual, then.
        }
    }

    [DllImport("libc", EntryPoint = "_exit")]
    private static extern void ExitNow(int code);
}
