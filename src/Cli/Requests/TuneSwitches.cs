using System.CommandLine;
using System.Globalization;
using SemanticSam.Training.Runs;
using SemanticSam.Training.Tuning;

namespace SemanticSam.Cli.Requests;

/// <summary>The options of <c>tune</c>.</summary>
internal sealed class TuneSwitches
{
    /// <summary>Methods by the names that users type.</summary>
    private static readonly (string Name, TuningMethod Method)[] Methods =
    [
        ("rsprompter-anchor", TuningMethod.Anchor), ("rsprompter-query", TuningMethod.Query), ("sam-seg-maskrcnn", TuningMethod.MaskRcnn),
        ("sam-seg-mask2former", TuningMethod.Mask2Former), ("sam-det", TuningMethod.Detector), ("sam-cls", TuningMethod.Classifier),
        ("sam-parser", TuningMethod.Parser), ("lora", TuningMethod.LowRank),
    ];

    private readonly Argument<string> _method = new("method") { Description = string.Join(", ", Methods.Select(m => m.Name)) + "." };

    private readonly Option<string> _data = new Option<string>("--data")
    {
        Description = "Annotations of any format that is read (see: semsam convert), such as a COCO file.", HelpName = "PATH", Required = true,
    }.NotEmpty("file or folder");

    private readonly Option<string> _images = new Option<string>("--images") { Description = "Folder of the images.", HelpName = "FOLDER", Required = true }
        .NotEmpty("folder");

    private readonly Option<string> _model = new Option<string>("--model")
    {
        Description = "What is tuned: sam-vit-b, sam-vit-l, sam-vit-h, mobile-sam, nano (the embedded model), a file, or a folder of the embedded family.",
        HelpName = "NAME|PATH", Required = true,
    }.NotEmpty("model");

    private readonly Option<string> _output = new Option<string>("--out")
    {
        Description = "Folder for the model, metrics.jsonl, the features kept and the state to resume from.", HelpName = "FOLDER", Required = true,
    }.NotEmpty("folder");

    private readonly Option<bool> _resume = new("--resume") { Description = "Continue the tuning in --out." };

    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Say what would be trained, how much memory and disk it takes, and stop." };

    private readonly Option<int?> _epochs = new Option<int?>("--epochs") { Description = "Passes over all images. Default: the method's own.", HelpName = "N" }
        .Within(1, 1_000_000);

    private readonly Option<double?> _hours = new Option<double?>("--hours")
    {
        Description = "End after so many hours even if epochs are left; the rate falls in time. Turns that --resume continues are counted.", HelpName = "X",
    }.Check(hours => hours is > 0 and <= 100_000 ? null
        : $"--hours {hours?.ToString(CultureInfo.InvariantCulture)}: a number above 0 is needed, 100000 at most.");

    private readonly Option<int?> _masks = new Option<int?>("--masks")
    {
        Description =
            "Most regions or queries of an image whose masks are drawn in a step. Default: all that stand for an instance, as the authors do.",
            HelpName = "N",
    }.Within(1, 1024);

    private readonly Option<double[]> _scales = new("--scales")
    {
        Description = "Smallest and largest scale that views are drawn at. Default: 0.1 2, as the authors do.", HelpName = "X", Arity = new(2, 2),
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<bool> _turns = new("--turns")
    {
        Description = "Views are turned by quarters, too: for images that have no above, such as those of satellites and microscopes.",
    };

    private readonly Option<int> _batch = Number("--batch", "Images a step.", 1).Within(1, 1024);

    private readonly Option<double?> _rate = new Option<double?>("--lr") { Description = "Largest learning rate. Default: the method's own.", HelpName = "X" }
        .Check(rate => rate > 0 && double.IsFinite(rate.Value) ? null : $"--lr {rate?.ToString(CultureInfo.InvariantCulture)}: a positive number is needed.");

    private readonly Option<int> _seed = Number("--seed", "Decides order, views and fresh weights.", 0);

    private readonly Option<int?> _views = new Option<int?>("--views")
    {
        Description = "Augmented views of an image whose features are kept on disk; 0 draws a new one in each step. Default: 8 for SAM, 0 for nano.",
        HelpName = "N",
    }.Within(0, 1000);

    private readonly Option<double> _cache = new Option<double>("--cache")
    {
        Description = "Gigabytes of features that are kept.", HelpName = "GB", DefaultValueFactory = _ => 20,
    }
        .Check(size => size is >= 0 and <= 1e6 ? null : $"--cache {size.ToString(CultureInfo.InvariantCulture)}: 0 to 1000000 GB are allowed.");

    private readonly Option<int?> _every =
        new Option<int?>("--checkpoint-every") { Description = "Steps between two checkpoints. Default: an epoch, at most 250.", HelpName = "N" }
        .Within(1, int.MaxValue);

    private readonly Option<int> _queries = Number("--queries", "With a query method: most instances of an image.", 70).Within(1, 1000);

    private readonly Option<int?> _size =
        new Option<int?>(
        "--image-size") { Description = "Side of the square image, a multiple of 64. Default: 768 for nano, 512 with --adapters, else the model's own. Not " +
        "for mobile-sam.", HelpName = "N" }
        .Check(size => size is null || (size >= 128 && size % 64 == 0) ? null : $"--image-size {size}: a multiple of 64 of at least 128 is needed.");

    private readonly Option<int?> _crop = new Option<int?>("--crop")
    {
        Description = "With nano: learn from pieces of N pixels of images that are seen at --image-size. A step costs what one at N pixels does.",
        HelpName = "N",
    }.Check(side => side is null || (side >= 128 && side % 64 == 0) ? null : $"--crop {side}: a multiple of 64 of at least 128 is needed.");

    private readonly Option<string?> _backbone = new("--backbone")
    {
        Description = "File of a network that was trained on ImageNet, by torchvision's names: with sam-det a ResNet-50, with sam-cls a ResNet-18.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _adapters = new("--adapters")
    {
        Description = "With a SAM and a method that finds instances: the image encoder is trained by low-rank adapters (--rank, --alpha, --layers) instead " +
            "of being frozen.",
    };

    private readonly Option<int> _rank = Number("--rank", "With lora or --adapters: numbers between an adapter's two matrices.", 16).Within(1, 1024);

    private readonly Option<double> _alpha = new("--alpha")
    {
        Description = "With lora or --adapters: over the rank what an adapter's answer is multiplied by.", HelpName = "X", DefaultValueFactory = _ => 32,
    };

    private readonly Option<string[]> _targets = new("--layers")
    {
        Description = $"With lora or --adapters: layers that get adapters, of {string.Join(", ", TuningOptions.AdaptableLayers)}. Default: qkv.",
        HelpName = "NAMES", AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<bool> _released =
        new("--as-released") { Description = "With sam-parser: train what the script released with the paper trains, the whole neck." };

    private readonly CommonOptions _common = new();

    /// <summary>A command with these options.</summary>
    public Command CreateCommand(string name, string description)
    {
        var command = new Command(name, description) { _method };
        foreach (var option in new Option[]
        {
            _data, _images, _model, _output, _resume, _dryRun, _epochs, _hours, _batch, _rate, _seed, _views, _scales, _turns, _cache, _every, _masks, _queries,
            _size, _crop, _backbone, _adapters, _rank, _alpha, _targets, _released,
            _common.Device, _common.Threads, _common.Quiet,
        }) command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_method) is { Tokens: [{ } method] } && Find(method.Value) is null)
                result.AddError($"'{method.Value}' is no method; there are {string.Join(", ", Methods.Select(m => m.Name))}.");
            if (result.GetResult(_output) is { Tokens: [{ Value.Length: > 0 } folder] } && result.GetResult(_resume) is not { Implicit: false }
                    && result.GetResult(_dryRun) is not { Implicit: false } && File.Exists(Path.Combine(folder.Value, TrainingState.File)))
                result.AddError($"'{folder.Value}' holds a tuning already: --resume continues it, another --out starts a new one.");
        });
        return command;
    }

    /// <summary>What was asked for.</summary>
    public TuneRequest Read(ParseResult parsed) => new(parsed.GetRequiredValue(_data), parsed.GetRequiredValue(_images), parsed.GetRequiredValue(_model),
        parsed.GetRequiredValue(_output), parsed.GetValue(_resume), parsed.GetValue(_dryRun), parsed.GetValue(_common.Quiet),
        _common.Read(parsed), new TuningOptions
        {
            Method = Find(parsed.GetRequiredValue(_method))!.Value,
            Epochs = parsed.GetValue(_epochs),
            TimeLimit = parsed.GetValue(_hours) is { } hours ? TimeSpan.FromHours(hours) : null,
            Batch = parsed.GetValue(_batch),
            Masks = parsed.GetValue(_masks),
            Scales = parsed.GetValue(_scales) is [var least, var most] ? new(least, most) : ScaleRange.Released,
            Turns = parsed.GetValue(_turns),
            Rate = parsed.GetValue(_rate),
            Seed = parsed.GetValue(_seed),
            Views = parsed.GetValue(_views),
            MostCache = (long)(parsed.GetValue(_cache) * (1L << 30)),
            CheckpointEvery = parsed.GetValue(_every),
            Queries = parsed.GetValue(_queries),
            ImageSize = parsed.GetValue(_size),
            Crop = parsed.GetValue(_crop),
            AsReleased = parsed.GetValue(_released),
            Backbone = parsed.GetValue(_backbone),
            Adapters = parsed.GetValue(_adapters),
            Rank = parsed.GetValue(_rank),
            Alpha = parsed.GetValue(_alpha),
            AdaptedLayers = parsed.GetValue(_targets) is { Length: > 0 } targets
                ? [.. targets.SelectMany(t => t.Split(',', StringSplitOptions.RemoveEmptyEntries))] : ["qkv"],
        });

    private static TuningMethod? Find(string name) =>
        Methods.Where(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(m => (TuningMethod?)m.Method).FirstOrDefault();

    private static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => value };
}

/// <summary>A tuning as asked for.</summary>
internal sealed record TuneRequest(string Data, string Images, string Model, string Output, bool Resume, bool DryRun, bool Quiet,
    ModelRequest Where, TuningOptions Options);
