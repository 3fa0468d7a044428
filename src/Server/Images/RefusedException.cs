namespace SemanticSam.Server.Images;

/// <summary>An image that this server does not fetch or read.</summary>
internal sealed class RefusedException(string code, string message) : Exception(message)
{
    /// <summary>Why, for programs.</summary>
    public string Code => code;
}
