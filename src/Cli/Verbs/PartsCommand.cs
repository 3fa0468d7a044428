using System.CommandLine;
using SemanticSam.Cli.Requests;
using SemanticSam.Engine;
using SemanticSam.Masks;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam parts</c>: what a thing consists of; <c>semsam whole</c>: what a thing belongs to.</summary>
internal static class PartsCommand
{
    public static Command CreateParts() => Create("parts", "The parts of what is at a point or in a box.", (session, prompt) => session.PartsOf(prompt));

    public static Command CreateWhole() => Create("whole", "The whole that a point or a box belongs to, and what lies between.", (session, prompt) => session.WholeOf(prompt));

    private static Command Create(string name, string description, Func<ImageSession, Prompt, IReadOnlyList<MaskResult>> ask)
    {
        var image = new Argument<string>("picture") { Description = "JPEG, PNG or WebP." };
        var output = new Option<string?>("--out") { Description = "Folder for the overlay picture and the JSON file. Default: out, or none with --json.", HelpName = "FOLDER" };
        var places = new PlaceOptions();
        var common = new CommonOptions();
        var command = new Command(name, description) { image, output };
        places.AddTo(command);
        common.AddTo(command);
        command.Does(async (parsed, cancellation) =>
        {
            var line = places.Read(parsed, parsed.GetValue(image)!);
            if (line is { Points: [], Box: null, MaskPath: null })
                throw new UsageException($"say of what: semsam {name} PICTURE --point X,Y (or --box, --mask).");
            string? folder = parsed.GetValue(output) ?? (parsed.GetValue(common.Json) ? null : "out");
            await SegmentCommand.RunOne(line, folder, parsed.GetValue(common.Json), parsed.GetValue(common.Quiet),
                () => SegmentCommand.OpenModel(parsed, common), parsed.InvocationConfiguration.Output, cancellation, ask);
            return ExitCodes.Ok;
        });
        return command;
    }
}
