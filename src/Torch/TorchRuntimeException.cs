using SemanticSam.Foundation;

namespace SemanticSam.Torch;

/// <summary>Why libtorch cannot be used.</summary>
internal enum TorchError
{
    /// <summary>There is none where it was looked for.</summary>
    NotFound,

    /// <summary>It is of a version that TorchSharp cannot work with.</summary>
    WrongVersion,

    /// <summary>It is there, and the system does not load it.</summary>
    CannotLoad,

    /// <summary>Another one is at work in this process already.</summary>
    AlreadyLoaded,

    /// <summary>It has no such device.</summary>
    NoSuchDevice,
}

/// <summary>libtorch cannot be loaded; the message says which one, why, and what helps.</summary>
internal sealed class TorchRuntimeException : SemanticSamException
{
    internal TorchRuntimeException(TorchError error, string message, Exception? inner = null) : base(message, inner) => Error = error;

    /// <inheritdoc/>
    public override string Code => CodeOf("torch", Error);

    internal TorchError Error { get; }
}
