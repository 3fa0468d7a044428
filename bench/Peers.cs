using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Sam;
using static TorchSharp.torch;

namespace SemanticSam.Bench;

/// <summary>
/// Weights and exported networks of the comparison with ONNX Runtime, a folder a model (what is larger than 2 GB is exported as many files): in
/// artifacts/peers below the current folder, or in the folder that SEMSAM_PEERS names.
/// </summary>
internal static class Peers
{
    private const string Variable = "SEMSAM_PEERS";
    private static readonly string[] All = ["mobile-sam", "vit-b", "vit-l", "vit-h"];

    private static string Folder => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given
        : Path.GetFullPath(Path.Combine("artifacts", "peers"));

    /// <summary>Models whose networks are there; all where none is, so that the failure says what to do.</summary>
    public static IReadOnlyList<string> Exported => All.Where(m => File.Exists(PathOf(m, "onnx"))).ToArray() is { Length: > 0 } there ? there : All;

    /// <summary>Tells processes of benchmarks, whose current folder is another one, where the networks lie.</summary>
    public static void Announce() => Environment.SetEnvironmentVariable(Variable, Path.GetFullPath(Folder));

    /// <summary>The exported network of a model.</summary>
    /// <exception cref="FileNotFoundException">It was not exported.</exception>
    public static string NetworkOf(string model) => Required(PathOf(model, "onnx"));

    /// <summary>Seeded random weights of image encoders, as export.py reads them.</summary>
    public static void Write(string folder, IEnumerable<string> models)
    {
        foreach (string name in models)
        {
            manual_seed(7);
            using var model = new SamModel(SamWork.Config(name));
            Randomize(model.ImageEncoder);
            string path = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, name)).FullName, "encoder.safetensors");
            SafetensorsWriter.Write(path, model.ImageEncoder.state_dict());
            Console.WriteLine($"wrote {path}");
        }
    }

    public static SamModel Load(string name)
    {
        var model = new SamModel(SamWork.Config(name));
        using var checkpoint = Checkpoint.Open(Required(PathOf(name, "safetensors")));
        StrictLoader.Load(model.ImageEncoder, checkpoint);
        model.Freeze();
        return model;
    }

    private static string PathOf(string model, string extension) => Path.Combine(Folder, model, $"encoder.{extension}");

    private static string Required(string path) => File.Exists(path) ? path
        : throw new FileNotFoundException($"There is no {path}; bench/peers/export.py says how it is made, {Variable} names another folder.");

    /// <summary>Positions and biases, which begin as zeros, get values too: else neither side would be seen to use them.</summary>
    private static void Randomize(nn.Module encoder)
    {
        using var still = no_grad();
        foreach (var (name, parameter) in encoder.named_parameters())
            if (name.Contains("pos", StringComparison.Ordinal) || name.EndsWith("biases", StringComparison.Ordinal)
                || name.EndsWith("bias", StringComparison.Ordinal))
                nn.init.normal_(parameter, 0, 0.02);
    }
}
