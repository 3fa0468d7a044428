using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>
/// Settings of the C library that must be made before libtorch is loaded, each left alone where the environment has its own say.
/// </summary>
internal static class ProcessTuning
{
    private const int TrimThreshold = -1, MmapThreshold = -3;

    internal static void Apply()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            WaitBriefly();
            KeepFreedMemory();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library: everything works, a little slower.
        }
    }

    /// <summary>
    /// By default libgomp's threads spin for about a millisecond at the end of every parallel operator. Where another process wants
    /// the core, a small operator then takes hundreds of times its own time (measured: 7 ms instead of 0.02). It reads the
    /// environment of the C library, which Environment.SetEnvironmentVariable does not reach.
    /// </summary>
    private static void WaitBriefly()
    {
        if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null) setenv("GOMP_SPINCOUNT", "1000", 0);
    }

    /// <summary>
    /// Feature maps are allocated and freed for every operator. Above 32 MiB glibc would map and unmap each of them, and the page
    /// faults cost more than the arithmetic; freed memory stays with the process instead.
    /// </summary>
    private static void KeepFreedMemory()
    {
        if (Environment.GetEnvironmentVariable("MALLOC_MMAP_THRESHOLD_") is null) mallopt(MmapThreshold, 1 << 30);
        if (Environment.GetEnvironmentVariable("MALLOC_TRIM_THRESHOLD_") is null) mallopt(TrimThreshold, 1 << 30);
    }

    [DllImport("libc")]
    private static extern int setenv(string name, string value, int overwrite);

    [DllImport("libc")]
    private static extern int mallopt(int parameter, int value);
}
