using System.CommandLine;
using SemanticSam.Training.Data;

namespace SemanticSam.Cli.Requests;

/// <summary>Which annotated images a verb works on: a folder with splits, or annotations of any format with their images.</summary>
internal sealed class DataSwitches
{
    private readonly Option<string?> _data = new("--data") { Description = "Folder with images/SPLIT and annotations_SPLIT.json.", HelpName = "FOLDER" };

    private readonly Option<string> _split = new("--split") { Description = "Which split of --data.", DefaultValueFactory = _ => "val", HelpName = "NAME" };

    private readonly Option<string?> _annotations = new("--annotations")
    {
        Description = "Annotations of any format that is read, instead of --data.", HelpName = "FILE|FOLDER",
    };

    private readonly Option<string?> _folder = new("--image-folder")
    {
        Description = "Folder of the images of --annotations. Default: 'images' beside them, else the folder they lie in.", HelpName = "FOLDER",
    };

    private readonly Option<string[]> _licenses = LicenseSwitch.Create("License classes to take");

    /// <summary>The annotations; null where a folder with splits was named.</summary>
    public string? Annotations(ParseResult parsed) => parsed.GetValue(_annotations);

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _data, _split, _annotations, _folder, _licenses }) command.Options.Add(option);
        command.Validators.Add(result =>
        {
            bool data = result.GetResult(_data) is { Implicit: false }, annotations = result.GetResult(_annotations) is { Implicit: false };
            if (data == annotations) result.AddError(data ? "--data and --annotations exclude each other."
                : "Say which images: --data FOLDER, or --annotations FILE.");
        });
    }

    /// <summary>Reads the annotations.</summary>
    public WholePartDataset Load(ParseResult parsed)
    {
        var set = parsed.GetValue(_annotations) is { } annotations ? WholePartDataset.Load(annotations, ImageFolder(parsed))
            : WholePartDataset.LoadSplit(parsed.GetValue(_data)!, parsed.GetValue(_split)!);
        return parsed.IsGiven(_licenses) ? set.Where(LicenseSwitch.Read(parsed.GetValue(_licenses))) : set;
    }

    /// <summary>The folder of the images of <c>--annotations</c>.</summary>
    public string ImageFolder(ParseResult parsed) => parsed.GetValue(_folder) ?? ImageFolderOf(parsed.GetValue(_annotations)!);

    /// <summary>Where the images of annotations lie if nobody says.</summary>
    internal static string ImageFolderOf(string annotations)
    {
        string beside = Directory.Exists(annotations) ? annotations : Path.GetDirectoryName(Path.GetFullPath(annotations))!;
        string images = Path.Combine(beside, "images");
        return Directory.Exists(images) ? images : beside;
    }
}
