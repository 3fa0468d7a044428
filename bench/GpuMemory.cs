using System.Diagnostics;
using System.Globalization;

namespace SemanticSam.Bench;

/// <summary>
/// Memory on the GPU, from the driver's own tool: libtorch keeps what it has once taken, so that what the process holds at the end is its peak.
/// </summary>
internal static class GpuMemory
{
    /// <summary>Bytes that this process holds on all GPUs; 0 where nvidia-smi is missing or does not tell.</summary>
    public static long OfThisProcess()
    {
        try
        {
            using var tool = Process.Start(
                new ProcessStartInfo("nvidia-smi", "--query-compute-apps=pid,used_memory --format=csv,noheader,nounits") { RedirectStandardOutput = true })!;
            string[] lines = tool.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            tool.WaitForExit();
            return lines.Select(l => l.Split(',', StringSplitOptions.TrimEntries))
                .Where(l => l.Length == 2 && l[0] == Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
                .Sum(l => long.TryParse(l[1], CultureInfo.InvariantCulture, out long megabytes) ? megabytes << 20 : 0);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return 0; // no such tool
        }
    }
}
