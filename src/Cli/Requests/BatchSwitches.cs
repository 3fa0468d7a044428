using System.CommandLine;
using SemanticSam.Engine.Batch;

namespace SemanticSam.Cli.Requests;

/// <summary>Options of <c>segment</c> that make it a batch.</summary>
internal sealed class BatchSwitches
{
    public Option<string?> List { get; } = new("--list") { Description = "A text file with one picture a line; '-' reads standard input. @FILE in place of a picture does the same.", HelpName = "FILE" };

    public Option<bool> Resume { get; } = new("--resume") { Description = "Go on with the batch in --out: finished pictures are kept, failed ones tried again." };

    public Option<string?> Shard { get; } = new("--shard") { Description = "Do part I of N of the batch; 'semsam merge' joins the parts.", HelpName = "I/N" };

    public Option<bool> Overlays { get; } = new("--overlays") { Description = "A batch also writes overlay pictures." };

    public void AddTo(Command command)
    {
        command.Options.Add(List);
        command.Options.Add(Resume);
        command.Options.Add(Shard);
        command.Options.Add(Overlays);
    }

    /// <summary>Whether the command line asks for a batch and not for a single picture or a stream of prompts.</summary>
    public bool IsBatch(ParseResult parsed, string[] pictures) =>
        pictures.Length > 1 || pictures.Any(InputCollector.IsMany) || parsed.GetValue(List) is not null || parsed.GetValue(Resume) || parsed.GetValue(Shard) is not null || parsed.GetValue(Overlays);

    public Shard Part(ParseResult parsed)
    {
        if (parsed.GetValue(Shard) is not { } text) return Engine.Batch.Shard.Whole;
        try
        {
            return Engine.Batch.Shard.Parse(text);
        }
        catch (FormatException e)
        {
            throw new UsageException($"--shard: {e.Message}");
        }
    }
}
