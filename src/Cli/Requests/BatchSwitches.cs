using System.CommandLine;
using SemanticSam.Engine.Batch;

namespace SemanticSam.Cli.Requests;

/// <summary>Options of <c>segment</c> that make it a batch.</summary>
internal sealed class BatchSwitches
{
    public Option<string?> List { get; } = new("--list")
    {
        Description = "A text file with one image a line; '-' reads standard input. @FILE in place of an image does the same.", HelpName = "FILE",
    };

    public Option<bool> Resume { get; } = new("--resume") { Description = "Continue the batch in --out: finished images are kept, failed ones tried again." };

    public Option<string?> Shard { get; } = new Option<string?>("--shard")
    {
        Description = "Do part I of N of the batch; 'semsam merge' joins the parts.", HelpName = "I/N",
    }
        .Check(text => ProblemWith(text!));

    public Option<bool> Overlays { get; } = new("--overlays") { Description = "A batch also writes overlay images." };

    public void AddTo(Command command)
    {
        command.Options.Add(List);
        command.Options.Add(Resume);
        command.Options.Add(Shard);
        command.Options.Add(Overlays);
    }

    /// <summary>Whether the command line asks for a batch and not for a single image or a stream of prompts.</summary>
    public bool IsBatch(IReadOnlyList<string> images, Func<Option, bool> isGiven) =>
        images.Count > 1 || images.Any(InputCollector.IsMany) || new Option[] { List, Resume, Shard, Overlays }.Any(isGiven);

    public BatchRequest Read(ParseResult parsed) => new(
        parsed.GetValue(List), parsed.GetValue(Resume) ? BatchStart.Resume : BatchStart.Afresh,
        parsed.GetValue(Shard) is { } shard ? Engine.Batch.Shard.Parse(shard) : Engine.Batch.Shard.Whole, parsed.GetValue(Overlays));

    private static string? ProblemWith(string shard)
    {
        try
        {
            _ = Engine.Batch.Shard.Parse(shard);
            return null;
        }
        catch (FormatException e)
        {
            return $"--shard: {e.Message}";
        }
    }
}

/// <summary>What makes a request a batch.</summary>
/// <param name="List">A file that names images; "-" for standard input, null for none.</param>
/// <param name="Start">Whether it starts or is resumed.</param>
/// <param name="Shard">Which part is done.</param>
/// <param name="Overlays">Whether overlays are written.</param>
internal sealed record BatchRequest(string? List, BatchStart Start, Shard Shard, bool Overlays);
