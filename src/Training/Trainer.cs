using SemanticSam.Torch;

namespace SemanticSam.Training;

/// <summary>
/// A training of a model: <see cref="Create"/> prepares what a recipe says, <see cref="RunAsync"/> does it. What is written has its name when it is complete,
/// so a run that is killed leaves the last checkpoint.
/// </summary>
/// <example>
/// <code>
/// var recipe = new TeachRecipe { Data = "annotations.json", Output = "models/taught" };
/// using var trainer = Trainer.Create(recipe);
/// await trainer.RunAsync();
/// </code>
/// </example>
public abstract class Trainer : IDisposable
{
    private protected Trainer() { }

    /// <summary>Steps done.</summary>
    public abstract long Step { get; }

    /// <summary>Reads the data and the weights to start from, and makes ready.</summary>
    /// <param name="recipe">
    /// What to train: <see cref="NanoRecipe"/>, <see cref="TeachRecipe"/> or <see cref="SemanticSamRecipe"/>.
    /// </param>
    /// <exception cref="ArgumentException">A number is out of range, no image passes the filter, or the model cannot be trained by this recipe.</exception>
    /// <exception cref="IOException">A file is missing; or the output folder holds a training already, or none although one is to be resumed.</exception>
    /// <exception cref="Foundation.SemanticSamException">Annotations or weights cannot be used, or the device is not there.</exception>
    public static Trainer Create(TrainingRecipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return recipe.Begin();
    }

    /// <summary>Trains, on another thread, until all is done or it is canceled.</summary>
    /// <param name="progress">Told of every step, on the thread that computes.</param>
    /// <param name="cancellation">Stops after the current step.</param>
    /// <returns>
    /// True when all is done. False when it was canceled: then what was reached is saved, to be resumed, but for a <see cref="TeachRecipe"/>, which writes
    /// nothing before its end.
    /// </returns>
    /// <exception cref="IOException">The output folder cannot be written.</exception>
    /// <exception cref="Foundation.SemanticSamException">A loss is not finite (code "training_not_finite"); what was saved before it is whole.</exception>
    public Task<bool> RunAsync(IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default) =>
        Task.Run(() =>
        {
            using var held = FinalizerDelay.Hold();
            return Run(progress, cancellation);
        }, CancellationToken.None);

    /// <summary>As <see cref="RunAsync"/>, on this thread.</summary>
    internal abstract bool Run(IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default);

    /// <summary>Lets go of networks and data.</summary>
    public abstract void Dispose();
}
