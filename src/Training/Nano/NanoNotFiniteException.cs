using SemanticSam.Foundation;

namespace SemanticSam.Training.Nano;

/// <summary>A training came upon a number that is not finite; its last state is on disk.</summary>
internal sealed class NanoNotFiniteException : SemanticSamException
{
    internal NanoNotFiniteException(string what, NanoBatch batch)
        : base($"The {what} of step {batch.Index} is not finite. Its images: {string.Join(", ", batch.Samples.Select(s => s.Image.FileName))}. "
            + "The weights before it are in the output folder; a lower learning rate, or the set without these images, may go on from them.") { }

    /// <inheritdoc/>
    public override string Code => "training_not_finite";
}
