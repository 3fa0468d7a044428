using System.Text;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;

namespace SemanticSam.Formats.Results;

/// <summary>
/// The engine's own result JSON (<see cref="ResultJson"/>): one file an image, a folder of them, or a file with one object a
/// line as <c>segment --prompts</c> prints it. Lines that only say what failed are reported.
/// </summary>
internal sealed class ResultReader : AnnotationReader
{
    private readonly IReadOnlyList<string> _files;

    public ResultReader(string path, AnnotationReadOptions options) : base(path, options)
    {
        _files = FormatFiles.Json(path, AnnotationFormat.Result, Report);
        Count = IsLines(path) ? null : _files.Count;
    }

    private protected override IEnumerable<AnnotatedImage> Images()
    {
        foreach (string file in _files)
        {
            if (!IsLines(file))
            {
                if (Try(() => JsonText.Read(file, v => ReadImage(v, System.IO.Path.GetFileName(file))), "the file is left out") is { } image) yield return image;
                continue;
            }
            int number = 0;
            foreach (string line in File.ReadLines(file, Encoding.UTF8))
            {
                number++;
                if (string.IsNullOrWhiteSpace(line)) continue;
                string name = System.IO.Path.GetFileName(file);
                if (Try(() => JsonText.Read(Encoding.UTF8.GetBytes(line), name, $"line {number}", v => ReadImage(v, name)), "the line is left out") is { } image) yield return image;
            }
        }
    }

    private protected override string NameOf(AnnotatedImage image) => image.FileName;

    private AnnotatedImage ReadImage(JsonValues v, string file)
    {
        if (v.Has("error", out _)) throw v.Bad($"this image failed: {v.OptionalText("error")}");
        var image = ImageFields.ReadSize(v.Object("image"));
        return image with { Annotations = AnnotationList.Read(v, file, a => ReadAnnotation(a, image.Height, image.Width), Report) };
    }

    private static Annotation ReadAnnotation(JsonValues v, int height, int width)
    {
        var a = AnnotationFields.ReadNames(v, AnnotationFields.Read(v, new() { Mask = Segmentation.Read(v, height, width) }));
        return a with
        {
            // Here "level" is always one of the six: its "whole" and "part" are no roles.
            Level = v.OptionalText("level") is { } level ? AnnotationFields.Level(v, level) : null,
            Role = Annotation.RoleOf(a.Whole is not null, a.Part is not null),
            Score = a.Score ?? a.Part?.Score ?? a.Whole?.Score ?? a.PredictedIou,
        };
    }

    private static bool IsLines(string path) => path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".ndjson", StringComparison.OrdinalIgnoreCase);
}
