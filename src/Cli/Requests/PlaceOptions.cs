using System.CommandLine;
using SemanticSam.Engine;

namespace SemanticSam.Cli.Requests;

/// <summary>Options that say where to look or what for: shared by segment, parts and whole.</summary>
internal sealed class PlaceOptions
{
    public Option<string[]> Point { get; } = new("--point") { Description = "A pixel that belongs to what is wanted; may be repeated.", HelpName = "X,Y" };

    public Option<string[]> Negative { get; } = new("--negative") { Description = "A pixel that does not belong to it; may be repeated.", HelpName = "X,Y" };

    public Option<string[]> Box { get; } = new("--box")
    {
        Description = "A box around it; may be repeated, each around a thing of its own.", HelpName = "X1,Y1,X2,Y2",
    };

    public Option<string?> Mask { get; } = new("--mask")
    {
        Description = "A rough mask of it: a PNG, TIFF, BMP or GIF of the same size, white where it is.", HelpName = "FILE",
    };

    public Option<string[]> Text { get; } =
        new("--text") { Description = "Names, separated by commas: \"car, wheel, head of a horse, car: window\"; a name that holds a comma stands in double " +
        "quotes.", HelpName = "NAMES" };

    public Option<string[]> Level { get; } = new("--level")
    {
        Description = "Only these levels: scene, group, whole, part, subpart, detail (or 1 to 6).", HelpName = "LEVEL",
    };

    /// <summary>Those that say what is asked; the level only narrows the answer.</summary>
    public IEnumerable<Option> Questions => [Point, Negative, Box, Mask, Text];

    public IEnumerable<Option> All => [.. Questions, Level];

    public void AddTo(Command command)
    {
        foreach (var option in All)
        {
            // One value after each option, so that the next word may be an image; a negative number is a value ("-5,10" must reach our own message).
            option.AllowMultipleArgumentsPerToken = false;
            command.Options.Add(option);
        }
    }

    /// <exception cref="PromptException">A value is malformed.</exception>
    public PromptLine Read(ParseResult parsed, string image) => new()
    {
        Image = image,
        Groups = (IReadOnlyList<PointPrompt>)
        [
            .. (parsed.GetValue(Point) ?? []).Select(p => PromptText.Point(p, positive: true)),
            .. (parsed.GetValue(Negative) ?? []).Select(p => PromptText.Point(p, positive: false)),
        ] is { Count: > 0 } points ? [points] : [],
        Boxes = [.. (parsed.GetValue(Box) ?? []).Select(PromptText.Box)],
        MaskPath = parsed.GetValue(Mask),
        Text = Names(parsed.GetValue(Text)),
        Levels = parsed.GetValue(Level) is { Length: > 0 } levels
            ? [.. levels.SelectMany(l => l.Split(',', StringSplitOptions.TrimEntries)).Select(PromptText.Level)] : null,
    };

    private static IReadOnlyList<string> Names(string[]? texts)
    {
        if (texts is null || texts.Length == 0) return [];
        if (texts.All(string.IsNullOrWhiteSpace))
            throw new PromptException("--text is empty: name at least one thing, for instance --text \"car, wheel\".");
        return texts;
    }
}
