namespace SemanticSam.Formats.Json;

/// <summary>Files of JSON, one value a line.</summary>
internal static class JsonLineFiles
{
    /// <summary>Whether a file is called as such files are.</summary>
    public static bool Are(string path) => Path.GetExtension(path).ToLowerInvariant() is ".jsonl" or ".ndjson";
}
