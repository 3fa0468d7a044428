using SemanticSam.Foundation;

namespace SemanticSam.Server;

/// <summary>A server cannot be started as it is asked to be; the message says what is allowed.</summary>
internal sealed class ServerException : SemanticSamException
{
    internal ServerException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    /// <inheritdoc/>
    public override string Code => "server_cannot_start";
}
