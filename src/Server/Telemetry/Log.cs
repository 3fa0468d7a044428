using Microsoft.Extensions.Logging;

namespace SemanticSam.Server.Telemetry;

/// <summary>What a server writes into its log: never a key, never an image, never a name that was asked for.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Model {Name} ({Sha256}) is loaded")]
    public static partial void ModelLoaded(this ILogger logger, string name, string sha256);

    [LoggerMessage(2, LogLevel.Information, "Listening on {Address}")]
    public static partial void Listening(this ILogger logger, string address);

    [LoggerMessage(3, LogLevel.Information, "{Method} {Route} {Status} in {Milliseconds} ms")]
    public static partial void Answered(this ILogger logger, string method, string route, int status, double milliseconds);

    [LoggerMessage(4, LogLevel.Warning, "{Method} {Route} refused: {Reason}")]
    public static partial void Refused(this ILogger logger, string method, string route, string reason);

    [LoggerMessage(5, LogLevel.Error, "{Method} {Route} failed unexpectedly")]
    public static partial void Failed(this ILogger logger, Exception cause, string method, string route);

    [LoggerMessage(6, LogLevel.Information, "Stopping: what was taken on is finished first")]
    public static partial void Stopping(this ILogger logger);

    [LoggerMessage(7, LogLevel.Information, "{Route}: {Notice}")]
    public static partial void Noticed(this ILogger logger, string route, string notice);

    [LoggerMessage(8, LogLevel.Information, "{Route}: {Count} of {Names} names were taken otherwise than as they stand, or are not in the image")]
    public static partial void NamesNoticed(this ILogger logger, string route, int count, int names);

    [LoggerMessage(9, LogLevel.Information, "Warmed up in {Milliseconds} ms, requests in between counted")]
    public static partial void WarmedUp(this ILogger logger, double milliseconds);

    [LoggerMessage(10, LogLevel.Warning, "Warming up failed; first answers take a little longer")]
    public static partial void NotWarmedUp(this ILogger logger, Exception cause);
}
