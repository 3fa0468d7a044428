using System.Text;
using SemanticSam.Formats;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>Files as people have them, written into a folder and read; what comes out as one line an object.</summary>
public abstract class DialectFolder : IDisposable
{
    private protected TempFolder Folder { get; } = new();

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected string Write(string name, string text, Encoding? encoding = null) =>
        Folder.Write(name, (encoding ?? new UTF8Encoding(false)).GetBytes(text));

    private protected string Picture(string name, int width, int height) => Folder.Write(name, ImageEncoder.Png(new RgbImage(width, height)));

    /// <summary>"a.jpg 20x10: cat 24 [2,2,6,4] | ..." an image, and what was reported.</summary>
    private protected static (string[] Images, List<FormatProblem> Problems) Read(string path, AnnotationFormat? format = null,
        string? images = null, string? names = null,
        string? encoding = null, string? reference = null)
    {
        var problems = new List<FormatProblem>();
        using var reader = AnnotationFiles.Open(path, format,
            new() { Problem = problems.Add, Images = images, Names = names, Encoding = encoding, Reference = reference });
        return ([.. reader.Read().Select(Line)], problems);
    }

    private protected static AnnotationFileException Strict(string path, string? images = null) => Assert.Throws<AnnotationFileException>(() =>
    {
        using var reader = AnnotationFiles.Open(path, null, new() { Problem = _ => { }, Strict = true, Images = images });
        _ = reader.Read().ToList();
    });

    private static string Line(AnnotatedImage image) => $"{image.FileName} {image.Width}x{image.Height}: {string.Join(" | ", image.Annotations.Select(Line))}";

    private static string Line(Annotation a)
    {
        var (x, y, w, h) = a.Mask.BoxXywh;
        return FormattableString.Invariant(
            $"{a.FullName ?? "-"} {a.Mask.Area} [{x},{y},{w},{h}]{(a.Score is { } s ? $" {s:0.##}" : "")}{(a.Parent is { } p ? $" in {p}" : "")}");
    }
}
