using System.Text;
using SemanticSam.Foundation;

namespace SemanticSam.Cli.Output;

/// <summary>
/// Standard error: what is written is one line at a time and safe to show, whatever files brought into it; and that nobody takes it any more (a closed or
/// full error stream) ends nothing.
/// </summary>
/// <param name="inner">Where it goes.</param>
internal sealed class ErrorWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Whether it is this process's own.</summary>
    public bool IsConsole => ReferenceEquals(inner, Console.Error);

    public override void Write(char value) => Put(() => inner.Write(value is '\n' or '\r' ? value.ToString() : MessageText.Escaped(value.ToString())));

    public override void Write(string? value) => Put(() => inner.Write(MessageText.EscapedLines(value ?? "")));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine(string? value) => Put(() => inner.WriteLine(MessageText.OneLine(value ?? "")));

    public override Task WriteAsync(string? value)
    {
        Write(value);
        return Task.CompletedTask;
    }

    public override Task WriteLineAsync(string? value)
    {
        WriteLine(value);
        return Task.CompletedTask;
    }

    public override void Flush() => Put(inner.Flush);

    private static void Put(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            // Nothing can be said any more.
        }
    }
}

/// <summary>
/// Standard output: that it is closed or full is an <see cref="OutputException"/> wherever it happens, also where a table or a help page is printed.
/// </summary>
/// <param name="inner">Where it goes.</param>
internal sealed class OutputWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Whether it is this process's own.</summary>
    public bool IsConsole => ReferenceEquals(inner, Console.Out);

    public override void Write(char value) => Put(() => inner.Write(value));

    public override void Write(string? value) => Put(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Put(() => inner.Write(buffer, index, count));

    public override void WriteLine(string? value) => Put(() => inner.WriteLine(value));

    public override Task WriteAsync(string? value)
    {
        Write(value);
        return Task.CompletedTask;
    }

    public override Task WriteLineAsync(string? value)
    {
        WriteLine(value);
        return Task.CompletedTask;
    }

    public override void Flush() => Put(inner.Flush);

    private static void Put(Action write) => OutputException.Guard(write, "standard output");
}
