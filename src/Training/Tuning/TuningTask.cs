using SemanticSam.Granularity.Sam;
using SemanticSam.Training.Objectives;
using static TorchSharp.torch;

namespace SemanticSam.Training.Tuning;

/// <summary>What is trained of a model, on what, and what comes of it.</summary>
internal abstract class TuningTask : IDisposable
{
    /// <summary>Everything that a training changes; its state is what is kept.</summary>
    public abstract nn.Module Trained { get; }

    /// <summary>Whether weights decay, and how much.</summary>
    public abstract double WeightDecay { get; }

    /// <summary>Numbers that are trained, part by part.</summary>
    public abstract IReadOnlyList<(string Part, long Numbers)> Parts { get; }

    /// <summary>Bytes that a step takes beyond weights and the optimizer's state, roughly.</summary>
    public abstract long StepBytes { get; }

    /// <summary>Bytes of one view's features on disk; 0 where none are kept.</summary>
    public abstract long ViewBytes { get; }

    /// <summary>The loss of some images.</summary>
    /// <param name="images">Each with the number of its view.</param>
    /// <param name="step">From 0; with the seed it decides everything that is left to chance.</param>
    /// <param name="report">Receives each loss.</param>
    /// <returns>A scalar, in the caller's dispose scope.</returns>
    /// <exception cref="Imaging.ImageException">A file cannot be decoded.</exception>
    public abstract Tensor Loss(IReadOnlyList<(int Image, long View)> images, long step, LossReport report);

    /// <summary>Told the images of the step after the one at work, each with the number of its view, so that files are decoded meanwhile.</summary>
    public virtual void Foresee(IReadOnlyList<(int Image, long View)> images) { }

    /// <summary>Writes what belongs to a model folder besides weights; once, at the beginning.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="anew">Whether a base model that lies there is of another tuning and written over; else it is the one that is gone on with.</param>
    public abstract void WriteSurroundings(string folder, bool anew);

    /// <summary>Writes the model.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="weights">Values of <see cref="Trained"/>'s state.</param>
    public abstract void WriteModel(string folder, IReadOnlyDictionary<string, Tensor> weights);

    public abstract void Dispose();

    /// <summary>Bytes that the way back through a SAM's vision transformer takes: some ten maps of its width a block, and the pairs of cells of global
    /// attention.</summary>
    protected static long EncoderBytes(SamConfig sam)
    {
        if (sam.Vit is not { } vit) return 0;
        long cells = (long)vit.Grid * vit.Grid;
        return vit.Depth * cells * vit.Width * 4 * 16 + vit.GlobalBlocks.Count * vit.Heads * cells * cells * 4 * 2;
    }

    /// <summary>Numbers of parameters that are trained, by the first parts of their names.</summary>
    protected static IReadOnlyList<(string, long)> Count(nn.Module module, int depth) =>
        [.. module.named_parameters().Where(p => p.parameter.requires_grad)
            .GroupBy(p => string.Join('.', p.name.Split('.').Take(depth))).Select(g => (g.Key, g.Sum(p => p.parameter.numel())))];
}
