using System.Text;
using SemanticSam.Engine;
using SemanticSam.Foundation;

namespace SemanticSam.Cli.Requests;

/// <summary>A prompts file, line by line; empty lines and comments (# or //) are passed over.</summary>
internal sealed class PromptsReader : IDisposable
{
    /// <summary>Stands for a line that is too long to be kept.</summary>
    internal const string TooLong = "\0";

    private readonly StreamReader _reader;
    private readonly IAsyncEnumerator<string?> _lines;

    private PromptsReader(StreamReader reader, string folder)
    {
        (_reader, Folder) = (reader, folder);
        _lines = BoundedLines.ReadAsync(reader).GetAsyncEnumerator();
    }

    /// <summary>What paths in it are relative to.</summary>
    public string Folder { get; }

    /// <summary>Number of the line that was read last, from 1, empty ones included.</summary>
    public int Number { get; private set; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">Its path; "-" for standard input.</param>
    /// <exception cref="PromptException">It cannot be read.</exception>
    public static PromptsReader Open(string path)
    {
        if (path == "-") return new(new StreamReader(Console.OpenStandardInput(), Encoding.UTF8), Path.GetFullPath("."));
        if (Directory.Exists(path)) throw new PromptException($"the prompts file '{path}' is a folder.");
        if (!File.Exists(path)) throw new PromptException($"the prompts file '{path}' does not exist.");
        try
        {
            return new(new StreamReader(RegularFile.OpenRead(path), Encoding.UTF8), Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PromptException($"the prompts file '{path}' cannot be read: {e.Message}");
        }
    }

    /// <summary>The next line that asks something; null at the end.</summary>
    public async Task<string?> NextAsync(CancellationToken cancellation)
    {
        while (await _lines.MoveNextAsync().AsTask().WaitAsync(cancellation))
        {
            Number++;
            string line = _lines.Current ?? TooLong;
            if (!IsEmpty(line)) return line;
        }
        return null;
    }

    /// <summary>Whether nothing is asked: no text, or a comment.</summary>
    private static bool IsEmpty(string line)
    {
        var text = line.AsSpan().TrimStart("\uFEFF \t");
        return text.IsWhiteSpace() || text[0] == '#' || text.StartsWith("//");
    }

    public void Dispose() => _reader.Dispose();
}
