namespace SemanticSam.Training.Tuning;

/// <summary>What a tuning will do, before it begins.</summary>
/// <param name="Images">Images that are learned from.</param>
/// <param name="Instances">Instances on them.</param>
/// <param name="Classes">Their names.</param>
/// <param name="Base">The model that is tuned.</param>
/// <param name="Parts">Numbers that are trained, part by part.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Epochs">Passes over the images.</param>
/// <param name="Views">Augmented views of an image whose features are kept; 0 for none.</param>
/// <param name="MemoryBytes">Of all weights, the optimizer and a step, roughly.</param>
/// <param name="CacheBytes">Of features on disk, when all views have been seen.</param>
/// <param name="CheckpointBytes">Of what is written at each checkpoint.</param>
internal sealed record TuningPlan(int Images, int Instances, IReadOnlyList<string> Classes, string Base, IReadOnlyList<(string Part, long Numbers)> Parts,
    long Steps, int Epochs, int Views, long MemoryBytes, long CacheBytes, long CheckpointBytes)
{
    /// <summary>Numbers that are trained.</summary>
    public long Numbers => Parts.Sum(p => p.Numbers);
}
