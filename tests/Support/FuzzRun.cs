using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit.Abstractions;

namespace SemanticSam.Tests.Support;

/// <summary>
/// Gives one input after the other to a reader: each has to end soon, in little memory, with what it holds or with the exception that says what is wrong.
/// An input that fails is kept, and its file named.
/// </summary>
/// <param name="log">Takes the figures.</param>
/// <param name="kind">What the inputs are.</param>
internal sealed class FuzzRun(ITestOutputHelper log, string kind)
{
    private const long Memory = 512L << 20;

    /// <summary>Of the processor; where nobody tells that, by the clock, in which a machine that does other work may take longer.</summary>
    private static readonly double Seconds = OperatingSystem.IsLinux() ? 1 : 5;

    /// <summary>Inputs of a slow run: a million, which takes hours, or what SEMSAM_FUZZ says.</summary>
    public static int Inputs => int.TryParse(Environment.GetEnvironmentVariable("SEMSAM_FUZZ"), out int inputs) ? inputs : 1_000_000;

    /// <summary>Runs.</summary>
    /// <param name="inputs">How many.</param>
    /// <param name="make">Makes the input of a number.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="refuses">Whether an exception says what is wrong.</param>
    public void Run(int inputs, Func<int, byte[]> make, Action<byte[]> read, Func<Exception, bool> refuses)
    {
        long atFirst = Environment.WorkingSet, allocated = 0;
        var (slowest, done, refused, reading) = (TimeSpan.Zero, 0, 0, TimeSpan.Zero);
        var began = Worked();
        for (int i = 0; i < inputs; i++)
        {
            byte[] input = make(i);
            long before = GC.GetAllocatedBytesForCurrentThread();
            var worked = Worked();
            try
            {
                read(input);
                done++;
            }
            catch (Exception e) when (refuses(e))
            {
                refused++;
            }
            catch (Exception e)
            {
                Fail(i, input, $"{e.GetType().Name}: {e.Message}", e.StackTrace);
            }
            var (taken, bytes) = (Worked() - worked, GC.GetAllocatedBytesForCurrentThread() - before);
            if (bytes > Memory || taken.TotalSeconds > Seconds) Fail(i, input, $"{bytes >> 20} MB, {taken.TotalSeconds:f1} s of the processor", null);
            if (taken > slowest) slowest = taken;
            reading += taken;
            allocated = Math.Max(allocated, bytes);
        }
        using var process = Process.GetCurrentProcess();
        double all = Math.Max((Worked() - began).TotalSeconds, 1e-3);
        log.WriteLine($"{kind}: {inputs} inputs, {done} read, {refused} refused; slowest {slowest.TotalMilliseconds:f0} ms of the processor, most allocated " +
            $"{allocated >> 20} MB; the process held {atFirst >> 20} MB before and {process.PeakWorkingSet64 >> 20} MB at most");
        log.WriteLine($"{kind}: {inputs / all:f0} inputs a second of the processor, {reading.TotalSeconds / all:p0} of it reading");
    }

    /// <summary>What this thread has computed; where nobody tells, time itself.</summary>
    private static TimeSpan Worked() => OperatingSystem.IsLinux() && clock_gettime(ThreadClock, out var time) == 0
        ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromTicks(time.Nanoseconds / 100) : Stopwatch.GetElapsedTime(0);

    private const int ThreadClock = 3;

    private struct Timespec
    {
        public nint Seconds, Nanoseconds;
    }

    [DllImport("libc")]
    private static extern int clock_gettime(int clock, out Timespec time);

    private void Fail(int number, byte[] input, string what, string? where)
    {
        string kept = Path.Combine(Path.GetTempPath(), $"semsam-fuzz-{string.Concat(kind.Where(char.IsLetterOrDigit))}-{number}");
        File.WriteAllBytes(kept, input);
        Assert.Fail($"input {number} of {kind}: {what} (kept as {kept})\n{where}");
    }
}
