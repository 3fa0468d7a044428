using System.CommandLine;
using System.CommandLine.Parsing;
using SemanticSam.Cli.Output;
using SemanticSam.Engine;
using SemanticSam.Engine.Zoo;

namespace SemanticSam.Cli.Requests;

/// <summary>The options of <c>segment</c>, what they may not say together, and the request that they make.</summary>
internal sealed class SegmentSwitches
{
    private const string DefaultFolder = "out";

    private readonly Argument<string[]> _images = new("image")
    {
        Description = "JPEG, PNG, WebP, TIFF, BMP, GIF or ICO; for a batch several of them, folders, patterns such as 'photos/**/*.jpg', or @LIST.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> _everything = new("--everything") { Description = "Segment everything: a grid of clicks." };

    private readonly Option<int?> _grid = new Option<int?>("--points-per-side")
    {
        Description = "With --everything: clicks along each side, 1 to 128.", HelpName = "N",
    }.Within(1, 128);

    private readonly Option<int?> _crops = new Option<int?>("--crops")
    {
        Description = "With --everything: layers of crops, 0 to 4, each crop encoded by itself; finds small things, takes long. Default 0.",
        HelpName = "LAYERS",
    }.Within(0, 4);

    private readonly Option<int?> _memory = new Option<int?>("--max-memory")
    {
        Description = "With --everything: megabytes for clicks and masks in work. Default 512.", HelpName = "MB",
    }.Within(1, 1 << 30, " (MB)");

    private readonly Option<double?> _presence = new Option<double?>("--presence")
    {
        Description = "With --text: how sure the image has to be to show a name before masks of it are drawn, 0 to 1. Default: the model's own.",
        HelpName = "P",
    }.Probability();

    private readonly Option<string?> _features = new("--features")
    {
        Description = "What encoding the image gives: taken from this file if it is there, else written to it.", HelpName = "FILE",
    };

    private readonly Option<string?> _prompts = new("--prompts")
    {
        Description = "A file with one JSON object a line: many images and prompts in one run; '-' reads standard input.", HelpName = "FILE",
    };

    private readonly Option<string?> _output = new Option<string?>("--out")
    {
        Description = "Folder for overlay images and JSON files. Default: out, or none with --json or --prompts.", HelpName = "FOLDER",
    }.Check(folder => string.IsNullOrWhiteSpace(folder) ? "--out is empty: name a folder." : null);

    private readonly Option<string[]> _format = ResultFormats.Option();
    private readonly PlaceOptions _places = new();
    private readonly BatchSwitches _batch = new();
    private readonly PixelLimit _limit = new();
    private readonly CommonOptions _common = new();

    public void AddTo(Command command)
    {
        command.Arguments.Add(_images);
        foreach (var option in new Option[] { _everything, _grid, _crops, _memory, _presence, _features, _prompts, _output, _format })
            command.Options.Add(option);
        _places.AddTo(command);
        _batch.AddTo(command);
        _limit.AddTo(command);
        _common.AddTo(command);
        command.Validators.Add(Validate);
    }

    /// <summary>What the command line asks.</summary>
    /// <exception cref="PromptException">A prompt is malformed.</exception>
    public SegmentRequest Read(ParseResult parsed)
    {
        string[] images = parsed.GetValue(_images) ?? [];
        string? prompts = parsed.GetValue(_prompts);
        bool many = _batch.IsBatch(images, o => parsed.IsGiven(o)), json = parsed.GetValue(_common.Json);
        return new()
        {
            Images = images,
            Prompts = prompts,
            Question = prompts is null ? Question(parsed, many ? "" : images[0]) : null,
            Folder = parsed.GetValue(_output) ?? (many || !json && prompts is null ? DefaultFolder : null),
            Formats = ResultFormats.Read(parsed.GetValue(_format)),
            Features = parsed.GetValue(_features),
            Batch = many ? _batch.Read(parsed) : null,
            MaxPixels = _limit.Read(parsed),
            Model = _common.Read(parsed),
            Json = json,
            Quiet = parsed.GetValue(_common.Quiet),
        };
    }

    private PromptLine Question(ParseResult parsed, string image)
    {
        var line = _places.Read(parsed, image) with { PresenceThreshold = parsed.GetValue(_presence) };
        bool asked = _places.Questions.Any(parsed.IsGiven);
        if (!parsed.GetValue(_everything) && (asked || !FindsUnasked(parsed.GetValue(_common.Model)))) return line;
        var options = new EverythingOptions { PointsPerSide = parsed.GetValue(_grid), CropLayers = parsed.GetValue(_crops) ?? 0 };
        return line with { Everything = parsed.GetValue(_memory) is { } megabytes ? options with { MaxMemory = (long)megabytes << 20 } : options };
    }

    /// <summary>What does not go together. The first contradiction is enough: the others often follow from it.</summary>
    private void Validate(CommandResult result)
    {
        if (Contradiction(result) is { } problem) result.AddError(problem);
    }

    /// <summary>Whether a model finds instances without being asked for anything: a folder that tuning wrote.</summary>
    private static bool FindsUnasked(string? model)
    {
        try
        {
            return model is { Length: > 0 } && new ModelStore(ModelFolders.FromEnvironment()).Resolve(model) is var path && Directory.Exists(path)
                && PrompterFolder.Is(path);
        }
        catch (ModelNotFoundException)
        {
            return false; // which opening it will say
        }
    }

    private string? Contradiction(CommandResult result)
    {
        bool Given(Option option) => result.GetResult(option) is { Implicit: false };
        string[] images = result.GetValue(_images) ?? [];
        bool everything = Given(_everything) && result.GetValue(_everything), prompts = Given(_prompts), many = _batch.IsBatch(images, Given);
        if ((images.Length > 0 || Given(_batch.List)) == prompts) return "give either an image or --prompts FILE.";
        if (prompts && _places.All.Append(_everything).Append(_presence).FirstOrDefault(Given) is { } beside)
            return $"{beside.Name} cannot be used with --prompts; put it in the file.";
        if (!everything && new Option[] { _grid, _crops, _memory }.FirstOrDefault(Given) is { } alone) return $"{alone.Name} goes with --everything.";
        if (Given(_presence) && !Given(_places.Text)) return $"{_presence.Name} goes with {_places.Text.Name}.";
        if (Given(_features) && (many || prompts)) return "--features is of one image; leave it out for many.";
        if (Given(_format) && !many && !Given(_output) && (prompts || result.GetValue(_common.Json)))
            return "--format writes files: name their folder with --out.";
        if (prompts) return null;
        bool asked = _places.Questions.Any(Given);
        if (everything && asked) return "--everything cannot be combined with --point, --negative, --box, --mask or --text.";
        return everything || asked || FindsUnasked(result.GetValue(_common.Model)) ? null
            : "say what to segment: --text NAMES, --point X,Y, --box X1,Y1,X2,Y2, --mask FILE or --everything.";
    }
}
