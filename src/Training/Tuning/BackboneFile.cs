using SemanticSam.Engine.Checkpoints;
using SemanticSam.Granularity.Nano;
using SemanticSam.Granularity.RsPrompter;

namespace SemanticSam.Training.Tuning;

/// <summary>A file with a residual network by torchvision's names, its classifier included or not.</summary>
internal sealed class BackboneFile : IDisposable
{
    private readonly ICheckpoint _file;
    private readonly StateDict _weights;

    private static readonly StrictLoaderOptions WithoutClassifier = new() { AllowedUnexpected = ["*num_batches_tracked", "fc.weight", "fc.bias"] };

    private BackboneFile(ICheckpoint file, StateDict weights, ResNetConfig config) => (_file, _weights, Config) = (file, weights, config);

    /// <summary>Sizes, read off names and shapes.</summary>
    public ResNetConfig Config { get; }

    /// <summary>Fills a ResNet-18 from a file, strictly but for the classifier.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointException">It is no ResNet-18 by torchvision's names.</exception>
    public static void Fill(ResNet18 network, string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"The file of the backbone '{path}' does not exist.");
        using var file = Checkpoint.Open(path);
        var weights = StateDict.From(file);
        if (!weights.ContainsKey("layer4.1.conv2.weight") || weights.ContainsKey("layer1.0.conv3.weight") || weights.ContainsKey("layer1.2.conv1.weight"))
            throw new CheckpointException(path, "it is no ResNet-18 by torchvision's names.");
        StrictLoader.Load(network, weights, WithoutClassifier);
    }

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointException">It is no residual network with bottlenecks.</exception>
    public static BackboneFile Open(string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"The file of the backbone '{path}' does not exist.");
        var file = Checkpoint.Open(path);
        try
        {
            var weights = StateDict.From(file);
            int[] depths = [.. Enumerable.Range(1, 4).Select(stage => weights.Keys.Where(k => k.StartsWith($"layer{stage}.", StringComparison.Ordinal))
                .Select(k => k.Split('.')[1]).Distinct().Count())];
            if (!weights.TryGetValue("conv1.weight", out var stem) || depths.Contains(0) || !weights.ContainsKey("layer1.0.conv3.weight"))
                throw new CheckpointException(path, "it is no residual network with bottlenecks by torchvision's names, such as ResNet-50.");
            return new(file, weights, new(stem.Shape[0], depths));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Fills a network of these sizes, strictly but for the classifier.</summary>
    /// <exception cref="CheckpointException">A tensor is missing or does not fit.</exception>
    public void Fill(ResNet network) => StrictLoader.Load(network, _weights, WithoutClassifier);

    public void Dispose() => _file.Dispose();
}
