using SemanticSam.Foundation;

namespace SemanticSam.Engine.Zoo;

/// <summary>A model could not be downloaded; the message says why, from where, and where to place the file by hand.</summary>
internal sealed class ModelDownloadException : SemanticSamException
{
    internal ModelDownloadException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    /// <inheritdoc/>
    public override string Code => "model_download_failed";
}
