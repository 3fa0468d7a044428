using System.CommandLine;
using SemanticSam.Cli.Output;
using SemanticSam.Formats;
using SemanticSam.Training.Data;

namespace SemanticSam.Cli.Requests;

/// <summary>Which annotated images a verb works on: a folder with splits, or annotations of any format with their images.</summary>
internal sealed class DataSwitches
{
    private readonly Option<string?> _data =
        new("--data") { Description = "A set of any format that convert reads, with the split or without splits; see docs/formats.md.", HelpName = "FOLDER" };

    private readonly Option<string> _split = new("--split") { Description = "Which split of --data.", DefaultValueFactory = _ => "val", HelpName = "NAME" };

    private readonly Option<string?> _annotations = new("--annotations")
    {
        Description = "Annotations of any format that is read, instead of --data.", HelpName = "FILE|FOLDER",
    };

    private readonly Option<string?> _folder = new("--image-folder")
    {
        Description = "Folder of the images of --annotations. Default: 'images' beside them, else the folder they lie in.", HelpName = "FOLDER",
    };

    private readonly Option<bool> _strict = CreateStrict();

    private readonly Option<string[]> _licenses = LicenseSwitch.Create("License classes to take");

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _data, _split, _annotations, _folder, _licenses, _strict }) command.Options.Add(option);
        command.Validators.Add(result =>
        {
            bool data = result.GetResult(_data) is { Implicit: false }, annotations = result.GetResult(_annotations) is { Implicit: false };
            if (data == annotations) result.AddError(data ? "--data and --annotations exclude each other."
                : "Say which images: --data FOLDER, or --annotations FILE.");
        });
    }

    /// <summary>The switch that refuses a set at its first fault.</summary>
    public static Option<bool> CreateStrict() =>
        new("--strict") { Description = "Refuse annotations at the first thing that is not as their format has it, instead of repairing or leaving it out." };

    /// <summary>Who is told of faults: nobody where the first one refuses the set.</summary>
    public static Action<FormatProblem>? Listener(ParseResult parsed, Option<bool> strict, ProblemLines problems) =>
        parsed.GetValue(strict) ? null : problems.Add;

    /// <summary>Who is told of faults in what is read; null where the first one refuses it.</summary>
    public Action<FormatProblem>? Listener(ParseResult parsed, ProblemLines problems) => Listener(parsed, _strict, problems);

    /// <summary>Reads the annotations; what is told of them is told by the caller's lines.</summary>
    /// <exception cref="AnnotationFileException">They cannot be read, or no image is left.</exception>
    public WholePartDataset Load(ParseResult parsed, ProblemLines problems)
    {
        var set = parsed.GetValue(_annotations) is { } annotations ? WholePartDataset.Load(annotations, ImageFolder(parsed), Listener(parsed, problems))
            : WholePartDataset.LoadSplit(parsed.GetValue(_data)!, parsed.GetValue(_split)!, Listener(parsed, problems));
        string named = parsed.GetValue(_annotations) ?? parsed.GetValue(_data)!;
        if (set.Images.Count == 0) throw Nothing("it has no image, or none that can be read");
        if (!parsed.IsGiven(_licenses)) return set;
        set = set.Where(LicenseSwitch.Read(parsed.GetValue(_licenses)).Takes);
        return set.Images.Count > 0 ? set : throw Nothing("none of its annotated images has a license that --licenses takes");

        AnnotationFileException Nothing(string why) => new(Path.GetFileName(Path.GetFullPath(named)), "", $"there is nothing to measure: {why}");
    }

    /// <summary>The folder of the images of <c>--annotations</c>.</summary>
    private string ImageFolder(ParseResult parsed) => parsed.GetValue(_folder) ?? DatasetLayout.ImagesOf(parsed.GetValue(_annotations)!);
}
