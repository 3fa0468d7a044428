using System.Diagnostics;
using System.Globalization;
using System.Text;
using SemanticSam.Foundation;

namespace SemanticSam.Training.Tuning;

/// <summary>The time of a tuning that has a limit, over all of its turns: each checkpoint keeps what is used up.</summary>
/// <param name="folder">Of the tuning.</param>
/// <param name="limit">In all.</param>
internal sealed class TuningClock(string folder, TimeSpan limit)
{
    private const string File = "seconds.txt";

    private readonly Stopwatch _now = new();
    private TimeSpan _before;

    /// <summary>Share of the time that is gone.</summary>
    public double Gone => (_before + _now.Elapsed) / limit;

    /// <summary>What is left of it.</summary>
    public TimeSpan Left => limit - limit * Math.Min(1, Gone);

    /// <summary>Goes on with what the last checkpoint says; without one that can be read nothing is used up yet.</summary>
    public void Resume() =>
        _before = System.IO.File.Exists(Path)
            && double.TryParse(RegularFile.ReadAllText(Path, RegularFile.LargestText), CultureInfo.InvariantCulture, out double seconds)
            && seconds >= 0 && seconds < 1e9
            ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;

    /// <summary>Forgets a tuning that was here before.</summary>
    public void Clear() => System.IO.File.Delete(Path);

    /// <summary>Lets the time run.</summary>
    public void Start() => _now.Start();

    /// <summary>Keeps what is used up.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save() =>
        AtomicFile.Write(Path, Encoding.ASCII.GetBytes((_before + _now.Elapsed).TotalSeconds.ToString("f1", CultureInfo.InvariantCulture)));

    private string Path => System.IO.Path.Combine(folder, File);
}
