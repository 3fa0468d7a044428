using SemanticSam.Formats;
using SemanticSam.Masks;
using SemanticSam.Tests.Pure.Formats.Dialects;

namespace SemanticSam.Tests.Pure.Formats.Yolo;

public sealed class YoloWriterTests : DialectFolder
{
    private void Write(string file, params string[] names)
    {
        using var writer = AnnotationFiles.Create(Folder.File("set"), AnnotationFormat.Yolo);
        writer.Write(new()
        {
            FileName = file, Width = 8, Height = 6,
            Annotations = [.. names.Select(n => new Annotation { Mask = Rle.FromBox(6, 8, new(1, 1, 5, 4)), Whole = new(n) })],
        });
        writer.Complete();
    }

    private string[] Classes(string file) => [.. File.ReadAllLines(Folder.File($"set/labels/{file}")).Select(l => l.Split(' ')[0])];

    /// <summary>Labels name classes by number: those that an earlier run wrote must not come to mean something else.</summary>
    [Fact]
    public void Write_IntoASetThatIsThere_KeepsTheNumbersOfItsClasses()
    {
        Write("a.png", "cat", "dog");
        Write("b.png", "bird", "dog");
        Assert.Equal(["0", "1"], Classes("a.txt"));
        Assert.Equal(["2", "1"], Classes("b.txt"));
        Picture("set/images/a.png", 8, 6);
        Picture("set/images/b.png", 8, 6);
        var (images, problems) = Read(Folder.File("set"));
        Assert.DoesNotContain(problems, p => p.IsLoss);
        Assert.Equal(["a.png: cat dog", "b.png: bird dog"], images.Select(i =>
            $"{i.Split(' ')[0]}: {string.Join(' ', i[(i.IndexOf(": ", StringComparison.Ordinal) + 2)..].Split(" | ").Select(a => a.Split(' ')[0]))}"));
    }
}
