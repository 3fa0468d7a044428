using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Bench;

/// <summary>
/// What benchmarks of networks share: the same calls on the CPU and, where there is one, on a GPU, which is waited for inside the measured call; and a
/// record of the peak memory and of the floor, which <see cref="CaseColumn"/> shows: operations over the matrix rate, or bytes over the bandwidth,
/// both measured beforehand in the same process.
/// </summary>
public abstract class DeviceBenchmark
{
    private Meter _meter = null!;

    public static IEnumerable<string> Devices => cuda.is_available() ? ["cpu", "cuda"] : ["cpu"];

    [ParamsSource(nameof(Devices))]
    public string Device { get; set; } = "cpu";

    protected Device On => torch.device(Device);

    /// <summary>Multiply-adds of one call.</summary>
    protected virtual double Macs => 0;

    /// <summary>Bytes that one call must read and write.</summary>
    protected virtual double Bytes => 0;

    /// <summary>What one call gives: images or prompts, and how many.</summary>
    protected abstract (double Count, string Unit) Yield { get; }

    protected abstract void Prepare();

    protected abstract void Release();

    [GlobalSetup]
    public void SetUp()
    {
        manual_seed(0);
        _meter = new Meter(On, Macs, Bytes);
        Prepare();
        Meter.ForgetPeak();
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        long peak = Device == "cpu" ? Meter.Peak() : GpuMemory.OfThisProcess();
        Release();
        var (count, unit) = Yield;
        new CaseRecord(count, unit, peak, _meter.Floor).Write(this);
    }

    /// <summary>Waits for the device; nothing on the CPU.</summary>
    protected void Wait()
    {
        if (Device != "cpu") cuda.synchronize();
    }

    /// <summary>The machine's rates, best of five.</summary>
    private sealed class Meter(Device device, double macs, double bytes)
    {
        /// <summary>Seconds that the work takes at the least; 0 when it is not told.</summary>
        public double Floor { get; } = Math.Max(macs > 0 ? macs / MatrixRate(device) : 0, bytes > 0 ? bytes / Bandwidth(device) : 0);

        /// <summary>Multiply-adds a second in fp32.</summary>
        private static double MatrixRate(Device device)
        {
            const int side = 2048;
            using var scope = NewDisposeScope();
            Tensor a = rand(side, side, device: device), b = rand(side, side, device: device);
            return Math.Pow(side, 3) / Best(device, () => matmul(a, b).Dispose());
        }

        /// <summary>Bytes read and written a second.</summary>
        private static double Bandwidth(Device device)
        {
            const int count = 1 << 26;
            using var scope = NewDisposeScope();
            Tensor from = zeros(count, device: device), to = zeros(count, device: device);
            return 2.0 * 4 * count / Best(device, () => to.copy_(from));
        }

        private static double Best(Device device, Action run)
        {
            double best = double.MaxValue;
            for (int i = 0; i < 6; i++)
            {
                var watch = Stopwatch.StartNew();
                run();
                if (device.type != DeviceType.CPU) cuda.synchronize();
                if (i > 0) best = Math.Min(best, watch.Elapsed.TotalSeconds);
            }
            return best;
        }

        /// <summary>Lets the process's peak begin anew, where the system can; what the benchmark before freed goes back, too.</summary>
        public static void ForgetPeak()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            try
            {
                if (!OperatingSystem.IsLinux()) return;
                malloc_trim(0);
                File.WriteAllText("/proc/self/clear_refs", "5");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or EntryPointNotFoundException or DllNotFoundException)
            {
                // then it counts from the start of the process
            }
        }

        [DllImport("libc")]
        private static extern int malloc_trim(nuint pad);

        /// <summary>Largest resident memory in bytes.</summary>
        public static long Peak()
        {
            string? line = OperatingSystem.IsLinux() ? File.ReadLines("/proc/self/status")
                .FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
            return line is null ? Process.GetCurrentProcess().PeakWorkingSet64
                : 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
    }
}
