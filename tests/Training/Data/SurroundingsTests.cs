using SemanticSam.Formats;
using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Sentences;

namespace SemanticSam.Tests.Training.Data;

/// <summary>The annotations in models/surroundings are what their page says; parts of people make the photos more than those with surroundings.</summary>
public sealed class SurroundingsTests
{
    [Theory]
    [InlineData("train", 2231)]
    [InlineData("val", 200)]
    [InlineData("val-clothes", 43)]
    public void Read_TheFile_IsWithoutFaultAndKnownToTheVocabulary(string name, int images)
    {
        var vocabulary = Vocabulary();
        var faults = new List<FormatProblem>();
        string file = Path.Combine(Fixtures.RepoRoot, "models", "surroundings", $"{name}.json");
        using var reader = AnnotationFiles.Open(file, options: new() { Problem = faults.Add });
        int count = 0;
        foreach (var image in reader.Read())
        {
            count++;
            var shown = image.Annotations.Select(a => a.Category!).ToList();
            Assert.Equal(shown.Count, shown.Distinct().Count()); // one mask a name
            Assert.Empty(shown.Intersect(image.AbsentCategories.Select(c => c.Name)));
            Assert.All(image.Annotations, a => Assert.Equal(("group", false), (a.Kind, a.Mask.IsEmpty)));
            Assert.All(image.Annotations, a => Assert.NotNull(a.Part is null ? vocabulary.Whole(a.Category!) : vocabulary.Part(a.Category!)));
            Assert.NotNull(image.License);
        }
        Assert.Equal(images, count);
        Assert.Empty(faults);
        Assert.All(reader.Categories, c => Assert.True(c.Role is not AnnotationRole.Stuff || vocabulary.Whole(c.Name)!.IsStuff, c.Name));
    }

    private static NameVocabulary Vocabulary()
    {
        using var file = File.OpenRead(Path.Combine(Fixtures.RepoRoot, "models", "nano", "vocabulary.json"));
        return NameVocabulary.Read(file);
    }
}
