using System.Runtime.InteropServices;
using SemanticSam.Foundation;

namespace SemanticSam.Cli;

/// <summary>
/// Ctrl-C, SIGTERM and the end of a terminal: the work is told to stop between two of its steps. A step that takes longer than a person waits is not
/// waited for: the process then ends, though never in the middle of writing a result.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private static readonly Lock Writing = new();

    /// <summary>What listens while the process ends: a registration that is collected no longer does, and the next signal then kills.</summary>
    private static Interruption? _last;

    private const PosixSignal FileTooLarge = (PosixSignal)25; // SIGXFSZ, of Linux and macOS

    /// <summary>A file beyond the limit of the process (ulimit -f) is an error of that write, to be said; the signal would kill without a word.</summary>
    private static readonly PosixSignalRegistration? TooLarge =
        OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(FileTooLarge, context => context.Cancel = true);

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _signals;
    private readonly TextWriter _error;
    private int _ended;

    /// <summary>Listens from now on.</summary>
    /// <param name="error">Where the one line goes if the work does not stop by itself.</param>
    /// <param name="patience">How long the work has to stop by itself.</param>
    public Interruption(TextWriter error, TimeSpan patience)
    {
        (_error, Patience) = (error, patience);
        GC.KeepAlive(TooLarge);
        _signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop)];
    }

    /// <summary>How long the work has to stop by itself.</summary>
    public TimeSpan Patience { get; set; }

    /// <summary>Canceled by the signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Does what must not be cut in the middle: the process waits for it to end.</summary>
    public static void Uncut(Action write)
    {
        lock (Writing) write();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_source.IsCancellationRequested) return;
        _last = this;
        _source.Cancel();
        var last = new Thread(() =>
        {
            Thread.Sleep(Patience);
            if (Interlocked.Exchange(ref _ended, 1) != 0) return;
            Writing.Enter(); // never left: nothing is written any more
            AtomicFile.RemoveUnfinished();
            _error.WriteLine($"semsam: {Failures.OneLine(new OperationCanceledException())}");
            _error.Flush();
            EndProcess(ExitCodes.Interrupted);
        }) { IsBackground = true };
        last.Start();
    }

    public void Dispose()
    {
        Interlocked.Exchange(ref _ended, 1);
        // After a first signal the handlers stay until the process is gone: a second one while it ends would kill it, and its exit code with it.
        if (_source.IsCancellationRequested) return;
        foreach (var signal in _signals) signal.Dispose();
    }

    /// <summary>
    /// Ends the process while libtorch still computes on other threads. Everything was written and flushed before. Environment.Exit would
    /// run the C library's exit handlers, which destroy libtorch's global objects under those threads; the process could then crash or hang
    /// instead of returning its code. On Windows, ExitProcess ends the other threads first.
    /// </summary>
    private static void EndProcess(int code)
    {
        if (OperatingSystem.IsWindows()) Environment.Exit(code);
        else Exit(code);
    }

    [DllImport("libc", EntryPoint = "_exit")]
    private static extern void Exit(int code);
}
