using SemanticSam.Foundation;

namespace SemanticSam.Training.Runs;

/// <summary>A training came upon a number that is not finite; its last state is on disk.</summary>
internal class TrainingNotFiniteException(string message) : SemanticSamException(message)
{
    /// <inheritdoc/>
    public override string Code => "training_not_finite";
}
