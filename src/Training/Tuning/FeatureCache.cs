using System.Security.Cryptography;
using System.Text;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using static TorchSharp.torch;

namespace SemanticSam.Training.Tuning;

/// <summary>
/// Features of a frozen encoder on disk, in float16 (those beyond its range in float32): a file a view, keyed by the hashes of model and image. When the
/// limit is reached nothing more is kept: in a training that comes by every view in turn, what is dropped for a new one would be missed just as soon.
/// </summary>
/// <param name="folder">Where; it is made when the first view is kept.</param>
/// <param name="modelHash">Of the encoder's weights.</param>
/// <param name="mostBytes">Of all files in the folder.</param>
/// <param name="say">Told, once, when the disk is full.</param>
internal sealed class FeatureCache(string folder, string modelHash, long mostBytes, Action<string> say)
{
    private long _bytes = Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("*.safetensors").Sum(f => f.Length) : 0;
    private bool _full;

    /// <summary>Bytes that the folder holds.</summary>
    public long Bytes => _bytes;

    /// <summary>Features of a view: read, or made and kept.</summary>
    /// <param name="imageHash">Of the image's file.</param>
    /// <param name="view">What else decides what the encoder saw.</param>
    /// <param name="shapes">What the encoder gives; a file with anything else is damaged.</param>
    /// <param name="make">Makes them.</param>
    /// <returns>In the caller's dispose scope, float32 on the CPU or where they were made.</returns>
    public IReadOnlyList<Tensor> GetOrAdd(string imageHash, string view, IReadOnlyList<long[]> shapes, Func<IReadOnlyList<Tensor>> make)
    {
        string path = PathOf(imageHash, view);
        if (Read(path, shapes) is { } known) return known;
        var made = make();
        if (made.All(FiniteWeights.IsFinite)) Keep(path, made);
        return made;
    }

    /// <summary>Whether features of a view are there.</summary>
    public bool Has(string imageHash, string view) => File.Exists(PathOf(imageHash, view));

    private string PathOf(string imageHash, string view) => Path.Combine(folder,
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{modelHash}\n{imageHash}\n{view}"))) + ".safetensors");

    /// <summary>Null for what is not there, and for what is damaged: it is made anew and written over.</summary>
    private static List<Tensor>? Read(string path, IReadOnlyList<long[]> shapes)
    {
        if (!File.Exists(path)) return null;
        try
        {
            using var scope = NewDisposeScope();
            using var file = SafetensorsFile.Open(path);
            var stored = file.Tensors.OrderBy(t => t.Name, StringComparer.Ordinal).ToList();
            if (stored.Count != shapes.Count || !stored.Zip(shapes).All(p => p.First.DType.IsFloat() && p.First.Shape.SequenceEqual(p.Second))) return null;
            List<Tensor> read = [.. stored.Select(t => t.ToTensor().to(ScalarType.Float32))];
            if (!read.All(FiniteWeights.IsFinite)) return null;
            foreach (var tensor in read) tensor.MoveToOuterDisposeScope();
            return read;
        }
        catch (CheckpointException)
        {
            return null;
        }
    }

    private void Keep(string path, IReadOnlyList<Tensor> tensors)
    {
        long size = tensors.Sum(t => t.numel() * 2), before = LengthOf(path);
        if (_full || _bytes - before + size > mostBytes) return;
        try
        {
            using var scope = NewDisposeScope();
            Directory.CreateDirectory(folder);
            SafetensorsWriter.Write(path, tensors.Select((t, i) => (Name: $"{i:00}", Tensor: t)).ToDictionary(p => p.Name, p => p.Tensor),
                new SafetensorsWriterOptions { Floats = CheckpointDType.Float16 });
            _bytes += LengthOf(path) - before;
        }
        catch (IOException e)
        {
            _full = true;
            say($"features are not kept any more, each will be computed anew: {e.Message}");
        }
    }

    private static long LengthOf(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;
}
