using System.CommandLine;
using SemanticSam.Cli.Requests;
using SemanticSam.Cli.Running;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam parts</c>: what a thing consists of; <c>semsam whole</c>: what a thing belongs to.</summary>
internal static class PartsCommand
{
    public static Command CreateParts() =>
        Create("parts", "The parts of what is at a point, in a box, or of the things of a name.", (session, prompt) => session.PartsOf(prompt));

    public static Command CreateWhole() => Create("whole", "The whole that a point, a box or the things of a name belong to, and what lies between.",
        (session, prompt) => session.WholeOf(prompt));

    private static Command Create(string name, string description, PlaceQuestion ask)
    {
        var image = new Argument<string>("image") { Description = "JPEG, PNG, WebP, TIFF, BMP, GIF or ICO." };
        var output = new Option<string?>("--out")
        {
            Description = "Folder for the overlay image and the JSON file. Default: out, or none with --json.", HelpName = "FOLDER",
        }
            .Check(folder => string.IsNullOrWhiteSpace(folder) ? "--out is empty: name a folder." : null);
        var places = new PlaceOptions();
        var limit = new PixelLimit();
        var common = new CommonOptions();
        var command = new Command(name, description) { image, output };
        places.AddTo(command);
        limit.AddTo(command);
        common.AddTo(command);
        command.Validators.Add(result =>
        {
            if (!places.Questions.Any(o => result.GetResult(o) is { Implicit: false }))
                result.AddError($"say of what: semsam {name} IMAGE --point X,Y (or --box, --mask, --text).");
        });
        command.Does((parsed, cancellation) =>
        {
            bool json = parsed.GetValue(common.Json);
            return SegmentOne.Run(new()
            {
                Question = places.Read(parsed, parsed.GetRequiredValue(image)),
                Ask = ask,
                Folder = parsed.GetValue(output) ?? (json ? null : "out"),
                MaxPixels = limit.Read(parsed),
                Model = common.Read(parsed),
                Json = json,
                Quiet = parsed.GetValue(common.Quiet),
            }, Streams.Of(parsed), cancellation);
        });
        return command;
    }
}
