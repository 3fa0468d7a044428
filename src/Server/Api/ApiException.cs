namespace SemanticSam.Server.Api;

/// <summary>A request that is not answered; the client's fault, with what is allowed.</summary>
internal sealed class ApiException(int status, string code, string message) : Exception(message)
{
    public int Status => status;

    /// <summary>Why, for programs.</summary>
    public string Code => code;

    public static ApiException Bad(string message) => new(400, "malformed", message);
}
