using System.CommandLine;
using System.Globalization;
using SemanticSam.Training;
using SemanticSam.Training.Nano.Teaching;

namespace SemanticSam.Cli.Requests;

/// <summary>The switches of <c>semsam train</c>. What is not given is the recipe's own.</summary>
internal sealed class TrainSwitches
{
    private static readonly string[] Recipes = ["semantic-sam", "nano", "teach"];

    private readonly Option<string?> _recipe = new Option<string?>("--recipe")
    {
        Description =
            "nano: from a backbone that knows ImageNet and a sentence encoder; semantic-sam: a Semantic-SAM, from --init or with its sizes from nothing; "
            + "teach: further names for --init, a model of the nano family. Default: nano with --backbone, teach where --init is a model folder of the nano "
            + "family, semantic-sam where it is anything else.",
        HelpName = "NAME",
    }.Check(name => name is null || Recipes.Contains(name) ? null : $"--recipe {name}: {string.Join(", ", Recipes)} are known.");

    public Option<string> Data { get; } = new Option<string>("--data")
    {
        Description = "Folder with annotations_train.json and images/train; for teach also annotations of any format that is read.",
        HelpName = "FOLDER|FILE", Required = true,
    }.NotEmpty("folder");

    private readonly Option<string?> _imageFolder = new("--image-folder")
    {
        Description = "teach: folder of the images. Default: 'images' beside the annotations, else the folder they lie in.", HelpName = "FOLDER",
    };

    private readonly Option<int?> _keptAside = Number("--keep-aside",
        "teach: one image in N is not learned from but measured on; 0 for none. Default: 5.").Within(0, 1000);

    private readonly Option<bool> _wordsOnly = new("--words-only")
    {
        Description = "teach: the pixels' side stands still, so that nothing about known names can change.",
    };

    public Option<string> Output { get; } = new Option<string>("--out")
    {
        Description = "Folder for the model, metrics.jsonl and the state to resume from.", HelpName = "FOLDER", Required = true,
    }.NotEmpty("folder");

    private readonly Option<string?> _init = new("--init")
    {
        Description = "What to start from: a model's folder (semantic-sam); weights, of which what they lack begins fresh (nano); the model to teach, or nano "
            + "for the embedded one (teach).",
        HelpName = "FOLDER|FILE",
    };

    private readonly Option<bool> _fresh = new("--fresh") { Description = "semantic-sam: take sizes and words of --init alone, with fresh weights." };

    private readonly Option<string?> _backbone = new("--backbone")
    {
        Description = "nano: ImageNet's weights of the backbone, safetensors.", HelpName = "FILE",
    };

    private readonly Option<string?> _text = new("--text")
    {
        Description = "nano: folder of the sentence encoder, with model.safetensors and vocab.txt.", HelpName = "FOLDER",
    };

    private readonly Option<string?> _vocabulary = new("--vocabulary")
    {
        Description = "nano: names with synonyms and relations. Default: the embedded ones.", HelpName = "FILE",
    };

    private readonly Option<string?> _further = new("--further")
    {
        Description = "nano: further annotations of the same images, matched by file name: names that the set does not label.", HelpName = "FILE",
    };

    private readonly Option<string?> _surroundings = new("--surroundings")
    {
        Description = "nano: as --further, of surroundings (sky, grass, walls). Only a head of its own for them is trained; all that --init knows stays as it "
            + "is.",
        HelpName = "FILE",
    };

    public Option<bool> Strict { get; } = DataSwitches.CreateStrict();

    public Option<bool> Resume { get; } = new("--resume") { Description = "Continue the training in --out." };

    private readonly Option<int?> _steps = Number("--steps", "Steps in all.").Within(1, int.MaxValue);

    private readonly Option<double?> _hours = Positive("--hours",
        "nano: end after so many hours even if steps are left; the rates fall in time. Turns that --resume continues are counted.");

    private readonly Option<int?> _batch = Number("--batch", "Images a step.").Within(1, 1 << 16);

    private readonly Option<int?> _size = Number("--size", "Side of the square training images, a multiple of 32.")
        .Check(size => size < 64 || size % 32 != 0 ? $"--size {size}: a multiple of 32 of at least 64 is needed." : null);

    private readonly Option<double?> _rate = Positive("--lr", "Largest learning rate (nano: of the heads).");

    private readonly Option<double?> _backboneRate = Positive("--backbone-lr", "nano: largest learning rate of the backbone.");

    private readonly Option<int?> _warmUp = Number("--warm-up", "Steps over which the learning rate rises.").Within(0, int.MaxValue);

    private readonly Option<int?> _clicks = Number("--clicks",
        "nano: clicks that are learned from an image. Default: 6.").Within(1, 256);

    private readonly Option<int?> _workers = Number("--workers", "nano: threads that prepare images.").Within(1, 256);

    private readonly Option<int?> _checkpointEvery = Number("--checkpoint-every", "Steps between two checkpoints.").Within(1, int.MaxValue);

    private readonly Option<int?> _logEvery = Number("--log-every", "Steps between two lines of metrics.").Within(1, int.MaxValue);

    private readonly Option<int?> _seed = Number("--seed", "Decides order, samples and fresh weights.");

    private readonly Option<string[]> _licenses = LicenseSwitch.Create("License classes to learn from");

    public CommonOptions Common { get; } = new();

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _recipe, Data, _imageFolder, Output, _init, _fresh, _backbone, _text, _vocabulary, _further, _surroundings, Resume, _steps, _hours, _batch, _size,
            _rate, _backboneRate, _warmUp, _clicks, _workers, _checkpointEvery, _logEvery, _seed, _licenses, Strict, _keptAside, _wordsOnly,
            Common.Device, Common.Threads, Common.Quiet,
        }) command.Options.Add(option);
    }

    /// <summary>What is asked, as a recipe; values that are not given are the recipe's own.</summary>
    /// <exception cref="UsageException">Something that the recipe needs is missing, or something given has no meaning for it.</exception>
    public TrainingRecipe RecipeOf(ParseResult parsed)
    {
        var recipe = NameOf(parsed) switch { "nano" => Nano(parsed), "teach" => Teach(parsed), _ => SemanticSam(parsed) };
        return recipe with
        {
            Steps = parsed.GetValue(_steps) ?? recipe.Steps, Batch = parsed.GetValue(_batch) ?? recipe.Batch, Size = parsed.GetValue(_size) ?? recipe.Size,
            LearningRate = parsed.GetValue(_rate) ?? recipe.LearningRate, Seed = parsed.GetValue(_seed) ?? recipe.Seed,
            MetricsEvery = parsed.GetValue(_logEvery) ?? recipe.MetricsEvery,
            Licenses = LicenseSwitch.Read(parsed.GetValue(_licenses)),
        };
    }

    /// <summary>The recipe asked for; where none is, what the files that are named can only mean.</summary>
    private string NameOf(ParseResult parsed)
    {
        if (parsed.GetValue(_recipe) is { } named) return named;
        if (parsed.IsGiven(_backbone)) return "nano";
        if (parsed.GetValue(_init) is { } init) return IsEmbedded(init) || TaughtModel.IsPacked(init) ? "teach" : "semantic-sam";
        throw new UsageException("it is not clear what is to be trained. Further names for the embedded model: --init nano, and --data with your images; for "
            + "another model of its family: --init FOLDER. A model from a backbone that knows ImageNet: --backbone FILE --text FOLDER. A Semantic-SAM: "
            + "--init FOLDER with a model of that kind. --recipe NAME says it outright.");
    }

    /// <summary>A folder of that name goes before.</summary>
    private static bool IsEmbedded(string init) => ModelRequest.NamesEmbedded(init) && !Path.Exists(init);

    private TrainingRecipe Nano(ParseResult parsed)
    {
        Refuse(parsed, "nano", _imageFolder, _keptAside, _wordsOnly, _fresh);
        if (parsed.IsGiven(_surroundings) && !parsed.IsGiven(_init))
            throw new UsageException("--surroundings trains a head beside weights that know the rest: --init FILE.");
        if (parsed.IsGiven(_surroundings) && parsed.IsGiven(_clicks)) throw new UsageException("--clicks has no meaning with --surroundings.");
        var recipe = new NanoRecipe
        {
            Data = parsed.GetRequiredValue(Data), Output = parsed.GetRequiredValue(Output), Backbone = Needed(_backbone, "the backbone's weights"),
            TextEncoder = Needed(_text, "the folder of the sentence encoder"), Vocabulary = parsed.GetValue(_vocabulary),
            InitialWeights = parsed.GetValue(_init), FurtherAnnotations = parsed.GetValue(_further),
            Surroundings = parsed.GetValue(_surroundings), Resume = parsed.GetValue(Resume),
            TimeLimit = parsed.GetValue(_hours) is { } hours ? TimeSpan.FromHours(hours) : null,
        };
        return recipe with
        {
            BackboneRate = parsed.GetValue(_backboneRate) ?? recipe.BackboneRate, WarmUp = parsed.GetValue(_warmUp) ?? recipe.WarmUp,
            Clicks = parsed.GetValue(_clicks) ?? recipe.Clicks, Workers = parsed.GetValue(_workers) ?? recipe.Workers,
            CheckpointEvery = parsed.GetValue(_checkpointEvery) ?? recipe.CheckpointEvery,
        };

        string Needed(Option<string?> option, string what) =>
            parsed.GetValue(option) ?? throw new UsageException($"--recipe nano needs {what}: {option.Name}.");
    }

    private TrainingRecipe Teach(ParseResult parsed)
    {
        Refuse(parsed, "teach", _backbone, _vocabulary, _further, _surroundings, _backboneRate, _hours, _fresh, _warmUp, _clicks, _checkpointEvery, Resume);
        string init = parsed.GetValue(_init)
            ?? throw new UsageException("--recipe teach needs the model to teach: --init FOLDER, or --init nano for the embedded one.");
        string folder = parsed.GetRequiredValue(Output);
        bool embedded = IsEmbedded(init);
        if (!embedded && Path.GetFullPath(folder) == Path.GetFullPath(init))
            throw new UsageException($"--out {folder} is the model that is taught; name another folder, so that it can be gone back to.");
        var recipe = new TeachRecipe
        {
            Data = parsed.GetRequiredValue(Data), Output = folder, Model = embedded ? null : init, TextEncoder = parsed.GetValue(_text),
            ImageFolder = parsed.GetValue(_imageFolder), WordsOnly = parsed.GetValue(_wordsOnly),
        };
        return recipe with
        {
            KeepAside = parsed.GetValue(_keptAside) ?? recipe.KeepAside, Workers = parsed.GetValue(_workers) ?? recipe.Workers,
        };
    }

    private TrainingRecipe SemanticSam(ParseResult parsed)
    {
        Refuse(parsed, "semantic-sam", _backbone, _text, _vocabulary, _further, _surroundings, _backboneRate, _hours, _clicks, _workers, _imageFolder,
            _keptAside, _wordsOnly);
        var recipe = new SemanticSamRecipe
        {
            Data = parsed.GetRequiredValue(Data), Output = parsed.GetRequiredValue(Output), Fresh = parsed.GetValue(_fresh), Resume = parsed.GetValue(Resume),
            Model = parsed.GetValue(_init) ?? throw new UsageException("--recipe semantic-sam needs --init: the folder of a model to start from (with --fresh "
                + "only its sizes and words are taken). The embedded model is made by --recipe nano."),
        };
        return recipe with
        {
            WarmUp = parsed.GetValue(_warmUp) ?? recipe.WarmUp, CheckpointEvery = parsed.GetValue(_checkpointEvery) ?? recipe.CheckpointEvery,
        };
    }

    /// <summary>Refuses switches that a recipe does not have.</summary>
    /// <exception cref="UsageException">One was given.</exception>
    private static void Refuse(ParseResult parsed, string recipe, params Option[] others)
    {
        if (others.FirstOrDefault(o => parsed.IsGiven(o)) is { } other) throw new UsageException($"{other.Name} has no meaning for --recipe {recipe}.");
    }

    private static Option<int?> Number(string name, string description) => new(name) { Description = description, HelpName = "N" };

    private static Option<double?> Positive(string name, string description) => new Option<double?>(name) { Description = description, HelpName = "X" }
        .Check(rate => rate > 0 && double.IsFinite(rate.Value) ? null : $"{name} {rate?.ToString(CultureInfo.InvariantCulture)}: a positive number is needed.");
}
