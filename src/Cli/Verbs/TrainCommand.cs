using System.CommandLine;
using System.Globalization;
using SemanticSam.Cli.Requests;
using SemanticSam.Training.Nano.Teaching;
using SemanticSam.Training.Runs;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam train</c>: trains a model by one of the recipes.</summary>
internal sealed class TrainCommand
{
    private static readonly string[] Recipes = ["semantic-sam", "nano", "teach"];

    private readonly TrainSwitches _switches = new();

    public static Command Create()
    {
        var command = new TrainCommand();
        var verb = new Command("train", "Trains a model for clicks, boxes and names on images with masks of wholes and parts.");
        command._switches.AddTo(verb);
        verb.Validators.Add(result =>
        {
            if (result.GetResult(command._switches.Output) is { Tokens: [{ Value.Length: > 0 } folder] }
                    && Refusal(folder.Value, result.GetResult(command._switches.Resume) is { Implicit: false }) is { } why)
                result.AddError(why);
        });
        verb.Does((parsed, cancellation) => command.RecipeOf(parsed) switch
        {
            "nano" => new TrainNano(command._switches).Run(parsed, cancellation),
            "teach" => new TrainTeach(command._switches).Run(parsed, cancellation),
            _ => new TrainSemanticSam(command._switches).Run(parsed, cancellation),
        });
        return verb;
    }

    /// <summary>The recipe asked for; where none is, what the files that are named can only mean.</summary>
    private string RecipeOf(ParseResult parsed)
    {
        if (parsed.GetValue(_switches.Recipe) is { } named) return named;
        if (parsed.IsGiven(_switches.Backbone)) return "nano";
        if (parsed.GetValue(_switches.Init) is { } init) return TaughtModel.IsPacked(init) ? "teach" : "semantic-sam";
        throw new UsageException(
            "what is to be trained is open. Further names for a model: --init FOLDER with a model such as the embedded one, and --data with your images. "
            + "A model from a backbone that knows ImageNet: --backbone FILE --text FOLDER. A Semantic-SAM: --init FOLDER with a model of that kind. --recipe " +
                "NAME says it outright.");
    }

    /// <summary>What is wrong with the name of a recipe; null if nothing is.</summary>
    internal static string? ProblemWithRecipe(string? name) => name is null || Recipes.Contains(name) ? null
        : $"--recipe {name}: {string.Join(", ", Recipes)} are known.";

    /// <summary>Whether a training is in the folder decides whether it can start or be resumed.</summary>
    private static string? Refusal(string folder, bool resume)
    {
        string state = Path.Combine(folder, TrainingState.File);
        if (File.Exists(state) == resume) return null;
        return resume
            ? $"--resume: there is no training in '{folder}' to continue."
            : $"'{folder}' holds a training already: --resume continues it, another --out starts a new one.";
    }
}

/// <summary>The switches of <c>semsam train</c>. What is not given is the recipe's own.</summary>
internal sealed class TrainSwitches
{
    public Option<string?> Recipe { get; } = new Option<string?>("--recipe")
    {
        Description =
            "nano: from a backbone that knows ImageNet and a sentence encoder; semantic-sam: a Semantic-SAM, from --init or with its sizes from nothing; "
            + "teach: further names for --init, a model of the nano family. Default: nano with --backbone, teach where --init is a model folder of the nano " +
                "family, "
            + "semantic-sam where it is anything else.",
        HelpName = "NAME",
    }.Check(TrainCommand.ProblemWithRecipe);

    public Option<string> Data { get; } = new Option<string>("--data")
    {
        Description = "Folder with annotations_train.json and images/train; for teach also annotations of any format that is read.",
        HelpName = "FOLDER|FILE", Required = true,
    }.NotEmpty("folder");

    public Option<string?> ImageFolder { get; } = new("--image-folder")
    {
        Description = "teach: folder of the images. Default: 'images' beside the annotations, else the folder they lie in.", HelpName = "FOLDER",
    };

    public Option<int?> KeptAside { get; } = Number("--keep-aside",
        "teach: one image in N is not learned from but measured on; 0 for none. Default: 5.").Within(0, 1000);

    public Option<bool> WordsOnly { get; } = new("--words-only")
    {
        Description = "teach: the pixels' side stands still, so that nothing about known names can change.",
    };

    public Option<string> Output { get; } = new Option<string>("--out")
    {
        Description = "Folder for the model, metrics.jsonl and the state to resume from.", HelpName = "FOLDER", Required = true,
    }.NotEmpty("folder");

    public Option<string?> Init { get; } = new("--init")
    {
        Description = "What to start from: a model's folder (semantic-sam), weights, of which what they lack begins fresh (nano), the model to teach (teach).",
        HelpName = "FOLDER|FILE",
    };

    public Option<bool> Fresh { get; } = new("--fresh") { Description = "semantic-sam: take sizes and words of --init alone, with fresh weights." };

    public Option<string?> Backbone { get; } = new("--backbone") { Description = "nano: ImageNet's weights of the backbone, safetensors.", HelpName = "FILE" };

    public Option<string?> Text { get; } = new("--text")
    {
        Description = "nano: folder of the sentence encoder, with model.safetensors and vocab.txt.", HelpName = "FOLDER",
    };

    public Option<string?> Vocabulary { get; } = new("--vocabulary")
    {
        Description = "nano: names with synonyms and relations. Default: the embedded ones.", HelpName = "FILE",
    };

    public Option<bool> Strict { get; } = DataSwitches.CreateStrict();

    public Option<bool> Resume { get; } = new("--resume") { Description = "Continue the training in --out." };

    public Option<int?> Steps { get; } = Number("--steps", "Steps in all.").Within(1, int.MaxValue);

    public Option<double?> Hours { get; } = Positive("--hours",
        "nano: end after so many hours even if steps are left; the rates fall in time. Turns that --resume continues are counted.");

    public Option<int?> Batch { get; } = Number("--batch", "Images a step.").Within(1, 1 << 16);

    public Option<int?> Size { get; } = Number("--size", "Side of the square training images, a multiple of 32.")
        .Check(size => size < 64 || size % 32 != 0 ? $"--size {size}: a multiple of 32 of at least 64 is needed." : null);

    public Option<double?> Rate { get; } = Positive("--lr", "Largest learning rate (nano: of the heads).");

    public Option<double?> BackboneRate { get; } = Positive("--backbone-lr", "nano: largest learning rate of the backbone.");

    public Option<int?> WarmUp { get; } = Number("--warm-up", "Steps over which the learning rate rises.").Within(0, int.MaxValue);

    public Option<int?> Workers { get; } = Number("--workers", "nano: threads that prepare images.").Within(1, 256);

    public Option<int?> CheckpointEvery { get; } = Number("--checkpoint-every", "Steps between two checkpoints.").Within(1, int.MaxValue);

    public Option<int?> LogEvery { get; } = Number("--log-every", "Steps between two lines of metrics.").Within(1, int.MaxValue);

    public Option<int?> Seed { get; } = Number("--seed", "Decides order, samples and fresh weights.");

    public Option<string[]> Licenses { get; } = LicenseSwitch.Create("License classes to learn from");

    public CommonOptions Common { get; } = new();

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            Recipe, Data, ImageFolder, Output, Init, Fresh, Backbone, Text, Vocabulary, Resume, Steps, Hours, Batch, Size, Rate, BackboneRate, WarmUp, Workers,
                CheckpointEvery, LogEvery, Seed, Licenses, Strict, KeptAside, WordsOnly,
            Common.Device, Common.Threads, Common.Quiet,
        }) command.Options.Add(option);
    }

    /// <summary>Refuses switches that a recipe does not have.</summary>
    /// <exception cref="UsageException">One was given.</exception>
    public static void Refuse(ParseResult parsed, string recipe, params Option[] others)
    {
        if (others.FirstOrDefault(o => parsed.IsGiven(o)) is { } other) throw new UsageException($"{other.Name} has no meaning for --recipe {recipe}.");
    }

    private static Option<int?> Number(string name, string description) => new(name) { Description = description, HelpName = "N" };

    private static Option<double?> Positive(string name, string description) => new Option<double?>(name) { Description = description, HelpName = "X" }
        .Check(rate => rate > 0 && double.IsFinite(rate.Value) ? null : $"{name} {rate?.ToString(CultureInfo.InvariantCulture)}: a positive number is needed.");
}
