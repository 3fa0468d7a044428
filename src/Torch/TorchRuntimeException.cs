using SemanticSam.Foundation;

namespace SemanticSam.Torch;

/// <summary>libtorch cannot be loaded; the message says which one, why, and what helps.</summary>
public sealed class TorchRuntimeException : SemanticSamException
{
    /// <summary>With a message.</summary>
    public TorchRuntimeException(string message) : base(message)
    {
    }

    /// <summary>With a message and what was behind it.</summary>
    public TorchRuntimeException(string message, Exception? inner) : base(message, inner)
    {
    }
}
