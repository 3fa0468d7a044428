namespace SemanticSam.Server.Inference;

/// <summary>Too much is waiting.</summary>
internal sealed class BusyException(int retryAfter, string message = "The server has as many requests waiting as it takes on.") : Exception(message)
{
    /// <summary>Seconds after which it is worth trying again.</summary>
    public int RetryAfter => retryAfter;
}

/// <summary>An image was named by its id, and is not in the cache.</summary>
internal sealed class ImageUnknownException(string id)
    : Exception($"The image '{id}' is not here: it was never sent, or has made room for others. Send it again.");

/// <summary>Logits were named by a handle that is unknown.</summary>
internal sealed class LogitsUnknownException(string handle)
    : Exception($"The logits '{handle}' are not here: they belong to another image, or to an answer that is too long ago. Ask without them.");

/// <summary>The model could not be loaded.</summary>
internal sealed class ModelUnavailableException(Exception cause) : Exception($"The model could not be loaded: {cause.Message}", cause);
