using SemanticSam.Foundation;

namespace SemanticSam.Training.Tuning;

/// <summary>A model cannot be tuned as asked; the message says why and what to do.</summary>
internal sealed class TuningException(string message, Exception? inner = null) : SemanticSamException(message, inner)
{
    /// <inheritdoc/>
    public override string Code => "tuning_refused";
}
