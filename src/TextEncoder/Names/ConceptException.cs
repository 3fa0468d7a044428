using SemanticSam.Foundation;

namespace SemanticSam.TextEncoder.Names;

/// <summary>A text cannot be read as names of wholes and parts; the message quotes it and says what is allowed.</summary>
internal sealed class ConceptException : SemanticSamException
{
    internal ConceptException(string message) : base(message)
    {
    }

    /// <inheritdoc/>
    public override string Code => "name_malformed";
}
