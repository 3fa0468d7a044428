using SemanticSam.Formats;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Sentences;
using SemanticSam.Training.Nano;

namespace SemanticSam.Tests.Training.Nano;

public sealed class SurroundingsNamesTests
{
    /// <summary>A name belongs to surroundings if most of the images that show it do so by what was joined to the set.</summary>
    [Fact]
    public void Of_JoinedAnnotations_AreTheNamesThatTheSetHardlyKnows()
    {
        using var file = File.OpenRead(Path.Combine(Fixtures.RepoRoot, "models", "nano", "vocabulary.json"));
        var vocabulary = NameVocabulary.Read(file);
        AnnotatedImage[] set =
        [
            Image("car", "shirt of person"), Image("car", "shirt of person"), Image("building", "shirt of person"), Image("dog", "sky"), Image("ear of cat"),
            Image("ear of cat", "belt of person"),
        ];
        AnnotatedImage[] joined =
        [
            Image("car", "sky", "shirt of person"), Image("car", "sky", "building", "shirt of person"), Image("building", "shirt of person"),
            Image("dog", "sky", "grass"), Image("ear of cat"), Image("ear of cat", "ear of person", "neck of person", "belt of person", "shirt of person"),
        ];

        var found = SurroundingsNames.Of(new NanoNames(joined, vocabulary), set, vocabulary);
        string[] names = [.. found.Select(n => n.ToString())];

        Assert.Contains("sky", names); // one image of three
        Assert.Contains("grass", names);
        Assert.Contains("building", names); // one of two
        Assert.DoesNotContain("car", names);
        Assert.DoesNotContain("dog", names);
        Assert.Contains("neck", names);
        Assert.Contains("neck of person", names);
        Assert.Contains("ear of person", names); // of cats the set knows them, and the plain name with them
        Assert.DoesNotContain("ear of cat", names);
        Assert.DoesNotContain("ear", names);
        Assert.Contains("shirt of person", names); // mostly of the set, but the vocabulary says that it is learned apart
        Assert.DoesNotContain("shirt", names);
        Assert.DoesNotContain("clothing", names); // a wider name of theirs
        Assert.Contains("clothing of person", names);
        Assert.DoesNotContain("belt of person", names);
    }

    private static AnnotatedImage Image(params string[] shown) => new()
    {
        FileName = "image.jpg", Width = 8, Height = 8, Source = "some",
        Annotations = [.. shown.Select(s => s.Split(" of ")).Select(s => new Annotation
        {
            Mask = Rle.FromBox(8, 8, new BoxI(0, 0, 4, 4)), Whole = new(s[^1]), Part = s.Length > 1 ? new(s[0]) : null,
            Role = s.Length > 1 ? AnnotationRole.Part : AnnotationRole.Whole,
        })],
    };
}
