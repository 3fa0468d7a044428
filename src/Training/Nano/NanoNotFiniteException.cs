using SemanticSam.Training.Runs;

namespace SemanticSam.Training.Nano;

/// <summary>A loss or gradient of a batch is not finite; its images are named.</summary>
internal sealed class NanoNotFiniteException : TrainingNotFiniteException
{
    internal NanoNotFiniteException(string what, NanoBatch batch)
        : base($"The {what} of step {batch.Index} is not finite. Its images: {string.Join(", ", batch.Samples.Select(s => s.Image.FileName))}. "
            + "The weights before it are in the output folder; a lower learning rate, or the set without these images, may go on from them.") { }
}
