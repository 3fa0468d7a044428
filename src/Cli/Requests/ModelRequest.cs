using System.Diagnostics;
using SemanticSam.Engine;
using SemanticSam.Engine.Zoo;
using TorchSharp;

namespace SemanticSam.Cli.Requests;

/// <summary>Which model is to compute, and where.</summary>
/// <param name="Name">A name or a path; null for the embedded model.</param>
/// <param name="Device">"cpu", "cuda" or "cuda:N".</param>
/// <param name="Threads">Threads for computing; null for all cores.</param>
internal sealed record ModelRequest(string? Name, string Device, int? Threads)
{
    /// <summary>A user's own vocabulary file; null for the model's.</summary>
    public VocabularyOption? Vocabulary { get; init; }

    /// <summary>What the embedded model's family convolves in.</summary>
    public ModelPrecision Precision { get; init; }

    /// <summary>What is wrong with the text of a device; null if nothing is.</summary>
    public static string? ProblemWith(string device) =>
        IndexOf(device) is null && device != "cpu" ? $"--device {device}: cpu, cuda or cuda:N are allowed." : null;

    /// <summary>Whether a name is that of the embedded model.</summary>
    public static bool NamesEmbedded(string name) =>
        name.Equals(ModelCatalog.DefaultName, StringComparison.OrdinalIgnoreCase) || name.Equals("nano", StringComparison.OrdinalIgnoreCase);

    /// <summary>Sets the threads and finds the device.</summary>
    /// <exception cref="UsageException">There is no such device.</exception>
    public torch.Device Apply()
    {
        if (Threads is { } threads) torch.set_num_threads(threads);
        if (IndexOf(Device) is not { } index) return torch.CPU;
        if (!torch.cuda.is_available())
            throw new UsageException($"--device {Device}: the libtorch in use finds no CUDA device; take --device cpu.");
        if (index >= torch.cuda.device_count())
            throw new UsageException($"--device {Device}: there are {torch.cuda.device_count()} CUDA devices, counted from 0.");
        return torch.device(Device);
    }

    /// <summary>Loads the model.</summary>
    public SegmentationModel Open()
    {
        // For what is neither asked for nor on a GPU nothing is to be set, and libtorch loads while the model's files are read.
        if (Threads is not null || Device != "cpu") Apply();
        var options = new ModelOptions
        {
            Device = Device, VocabularyFile = Vocabulary?.Path, ReplaceVocabulary = Vocabulary?.Use == VocabularyUse.Replace, Precision = Precision,
        };
        if (Name is null || NamesEmbedded(Name)) return SegmentationModel.Default(options);
        string path = new ModelStore(ModelFolders.FromEnvironment()).Resolve(Name);
        return Directory.Exists(path) ? SegmentationModel.Load(path, options) : SegmentationModel.LoadCheckpoint(path, options);
    }

    /// <summary>Loads the model and measures how long that takes.</summary>
    public (SegmentationModel Model, double Seconds) OpenTimed()
    {
        var watch = Stopwatch.StartNew();
        return (Open(), watch.Elapsed.TotalSeconds);
    }

    /// <summary>The number of a CUDA device; null for what is none.</summary>
    private static int? IndexOf(string device) => device switch
    {
        "cuda" => 0,
        _ when device.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(device[5..], out int index) && index >= 0 => index,
        _ => null,
    };
}
