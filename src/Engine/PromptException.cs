using SemanticSam.Foundation;

namespace SemanticSam.Engine;

/// <summary>What is wrong with a prompt.</summary>
internal enum PromptError
{
    /// <summary>A value has the wrong form; the message says which is allowed.</summary>
    Malformed,

    /// <summary>It asks for nothing, or a name or a mask in it is empty.</summary>
    Empty,

    /// <summary>A point or a box does not lie within the image, or is not a number; or the mask is of another size.</summary>
    OutsideImage,

    /// <summary>Two things in it cannot go together.</summary>
    Contradictory,

    /// <summary>It asks by name a model that was trained without names.</summary>
    NamesNotSupported,

    /// <summary>It gives mask logits to, or wants them from, a model whose decoder takes none.</summary>
    LogitsNotSupported,

    /// <summary>It asks for a level that the model does not have.</summary>
    LevelNotSupported,

    /// <summary>The image itself is needed, and the session was opened from saved features without it.</summary>
    ImageNeeded,

    /// <summary>It says a place to a model that answers none.</summary>
    PlacesNotSupported,
}

/// <summary>A prompt that cannot be answered: outside the image, empty, contradictory, or of a kind that the model does not support.</summary>
public sealed class PromptException : SemanticSamException
{
    /// <summary>With a message that names the value and what is allowed.</summary>
    /// <param name="message">One line.</param>
    public PromptException(string message) : this(PromptError.Malformed, message)
    {
    }

    internal PromptException(PromptError error, string message, Exception? inner = null) : base(message, inner) => Error = error;

    /// <inheritdoc/>
    public override string Code => CodeOf("prompt", Error);

    internal PromptError Error { get; }
}
