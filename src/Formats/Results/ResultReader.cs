using System.Text;
using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Foundation;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Results;

/// <summary>
/// The engine's own result JSON (<see cref="ResultJson"/>): one file an image, a folder of them, or a file with one object a
/// line as <c>segment --prompts</c> prints it. Lines that only say what failed are reported.
/// </summary>
internal sealed class ResultReader : FilePerImageReader
{
    /// <summary>Characters of a line: the result of an image.</summary>
    private const int LongestLine = 128 << 20;

    public ResultReader(string path, AnnotationReadOptions options) : base(path, options, AnnotationFormat.Result)
    {
        if (IsLines(path)) Count = null;
    }

    private protected override IEnumerable<AnnotatedImage> ReadFile(string path)
    {
        if (!IsLines(path))
        {
            foreach (var image in base.ReadFile(path)) yield return image;
            yield break;
        }
        int number = 0;
        string name = System.IO.Path.GetFileName(path);
        using var text = new StreamReader(RegularFile.OpenRead(path), Encoding.UTF8);
        foreach (string? read in BoundedLines.Read(text, LongestLine))
        {
            number++;
            string line = read ?? "(a line that is too long)";
            if (string.IsNullOrWhiteSpace(line)) continue;
            if (Problems.Try(() => JsonText.Read(Encoding.UTF8.GetBytes(line), name, $"line {number}", Problems, v => ReadImage(v, path)),
                "the line is left out") is { } image)
                yield return image;
        }
    }

    private protected override AnnotatedImage ReadImage(JsonValues v, string path)
    {
        if (v.Has("error", out _)) throw v.Bad($"this image failed: {v.OptionalText("error")}");
        var image = ImageFields.ReadSize(v.Object("image"));
        return image with { Annotations = AnnotationList.Read(v, a => ReadAnnotation(a, image.Height, image.Width), Problems) };
    }

    private static Annotation ReadAnnotation(JsonValues v, int height, int width)
    {
        var a = Deserialize(v);
        Rle mask;
        try
        {
            mask = (a.Segmentation ?? throw v.Bad("key 'segmentation' is missing")).ToRle();
        }
        catch (FormatException e)
        {
            throw v.Bad(e.Message.TrimEnd('.'));
        }
        if ((mask.Height, mask.Width) != (height, width)
            ) throw v.Bad($"its mask is {mask.Height} x {mask.Width}, but its image is {height} x {width} (height x width)");
        var (whole, part) = (Name(v, a.Whole), Name(v, a.Part));
        return new()
        {
            Mask = mask,
            Id = a.Id,
            Parent = a.Parent,
            Whole = whole,
            Part = part,
            Role = Annotation.RoleOf(whole is not null, part is not null),
            Level = a.Level is { } level ? AnnotationFields.Level(v, level) : null,
            Score = part?.Score ?? whole?.Score ?? a.PredictedIou,
            PredictedIou = a.PredictedIou,
            StabilityScore = a.StabilityScore,
            Point = a.PointCoords is { Length: > 0 } points ? points is [[var x, var y]] ? (x, y) : throw v.Bad("point_coords has to be [[x, y]]") : null,
            Prompt = a.Prompt,
        };
    }

    private static ResultAnnotation Deserialize(JsonValues v)
    {
        try
        {
            return v.Element.Deserialize(ResultReadingContext.Default.ResultAnnotation)!; // an object, as JsonValues are
        }
        catch (JsonException e)
        {
            throw v.Bad(ResultSchema.WrongType(e));
        }
    }

    private static AnnotationName? Name(JsonValues v, ResultLabel? label) =>
        label is null ? null : label.Label is { } text ? new(text, label.Score) : throw v.Bad("a name without its key 'label'");

    private static bool IsLines(string path) => JsonLineFiles.Are(path);
}
