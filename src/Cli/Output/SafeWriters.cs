using System.Text;
using SemanticSam.Foundation;

namespace SemanticSam.Cli.Output;

/// <summary>A standard stream of the process, whose faults are dealt with in one place.</summary>
/// <param name="inner">Where it goes.</param>
internal abstract class SafeWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => Inner.Encoding;

    protected TextWriter Inner => inner;

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

    public override void Flush() => Put(Inner.Flush);

    /// <summary>Writes, and deals with what comes of it.</summary>
    protected abstract void Put(Action write);
}

/// <summary>
/// Standard error: what is written is one line at a time and safe to show, whatever files brought into it; and that nobody takes it any more (a closed or
/// full error stream) ends nothing.
/// </summary>
/// <param name="inner">Where it goes.</param>
internal sealed class ErrorWriter(TextWriter inner) : SafeWriter(inner)
{
    /// <summary>Whether it is this process's own.</summary>
    public bool IsConsole => ReferenceEquals(Inner, Console.Error);

    public override void Write(char value) => Put(() => Inner.Write(value is '\n' or '\r' ? value.ToString() : MessageText.Escaped(value.ToString())));

    public override void Write(string? value) => Put(() => Inner.Write(MessageText.EscapedLines(value ?? "")));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine(string? value) => Put(() => Inner.WriteLine(MessageText.OneLine(value ?? "")));

    protected override void Put(Action write)
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
internal sealed class OutputWriter(TextWriter inner) : SafeWriter(inner)
{
    /// <summary>Whether it is this process's own.</summary>
    public bool IsConsole => ReferenceEquals(Inner, Console.Out);

    public override void Write(char value) => Put(() => Inner.Write(value));

    public override void Write(string? value) => Put(() => Inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Put(() => Inner.Write(buffer, index, count));

    public override void WriteLine(string? value) => Put(() => Inner.WriteLine(value));

    protected override void Put(Action write) => OutputException.Guard(write, "standard output");
}
