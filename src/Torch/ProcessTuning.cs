using System.Runtime.InteropServices;

namespace SemanticSam.Torch;

/// <summary>Settings of the C library that a program makes before libtorch is loaded: <see cref="TorchRuntime.TuneProcess"/>.</summary>
internal static class ProcessTuning
{
    /// <summary>Makes the settings; does nothing on other systems than Linux.</summary>
    public static void Apply()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            WaitBriefly();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library: everything works, a little slower.
        }
    }

    /// <summary>
    /// By default OpenMP's threads spin at the end of every parallel operator until the others have come; where another process wants the core,
    /// a small operator then takes many times its own time. libgomp reads the environment of the C library, which
    /// Environment.SetEnvironmentVariable does not reach. Measured in docs/cli.md and docs/benchmarks.md:
    /// on a busy machine the default takes six times as long as this setting, on an idle one about as long.
    /// (Keeping freed memory by mallopt, which paid with libtorch 1.13, changes neither time nor peak with 2.10.)
    /// </summary>
    private static void WaitBriefly()
    {
        if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null) setenv("GOMP_SPINCOUNT", "10000", 0);
    }

    [DllImport("libc")]
    private static extern int setenv(string name, string value, int overwrite);
}
