using System.Globalization;
using SemanticSam.Foundation;
using Spectre.Console;

namespace SemanticSam.Cli.Output;

/// <summary>How verbs print: tables for people, JSON for programs.</summary>
internal static class Printing
{
    private const int WidthWithoutTerminal = 1000;

    /// <summary>A console on a writer; a file or pipe gets plain text of a fixed width.</summary>
    public static IAnsiConsole Console(TextWriter writer)
    {
        bool terminal = writer is OutputWriter { IsConsole: true } && !System.Console.IsOutputRedirected;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = terminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!terminal) console.Profile.Width = WidthWithoutTerminal;
        return console;
    }

    /// <summary>Writes a line and hands it on at once; null writes nothing.</summary>
    /// <exception cref="OutputException">The line cannot be written, for instance because the disk under it is full.</exception>
    public static void Line(TextWriter? writer, string text)
    {
        if (writer is null) return;
        Guarded(() =>
        {
            // JSON stays the same: in its texts the escapes mean the characters.
            writer.WriteLine(MessageText.EscapedLines(text));
            writer.Flush();
        });
    }

    /// <summary>Prints; what goes wrong with that is an <see cref="OutputException"/>.</summary>
    public static void Guarded(Action print) => OutputException.Guard(() => Interruption.Uncut(print), "standard output");

    /// <summary>A text from a file as markup of a table.</summary>
    public static string Cell(string text) => Markup.Escape(MessageText.Escaped(MessageText.OneLine(text)));

    /// <summary>Bytes for people: 375.0 MB.</summary>
    public static string Bytes(long? bytes) => bytes switch
    {
        null => "?",
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:f2} GB"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:f1} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:f1} kB"),
    };
}
