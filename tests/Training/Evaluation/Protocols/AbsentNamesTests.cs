using SemanticSam.Formats;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Data;
using SemanticSam.Training.Evaluation.Protocols;

namespace SemanticSam.Tests.Training.Evaluation.Protocols;

public sealed class AbsentNamesTests
{
    private readonly WholePartDataset _data = WholePartDataset.LoadSplit(Path.Combine(Fixtures.Own, "wholepart"), "val");

    [Fact]
    public void Choose_ImageThatSaysNothing_TakesWhatItHasNoneOf()
    {
        var image = _data.Images[0];
        var names = image.Annotations.Select(a => a.Category).ToHashSet();
        var chosen = AbsentNames.Choose(_data, image, 6, new Random(1)).ToArray();
        Assert.NotEmpty(chosen);
        Assert.All(chosen, n => Assert.DoesNotContain(n.Name, names));
    }

    /// <summary>A photo shows much that nobody annotated; what was looked for and is not there is said by its list.</summary>
    [Fact]
    public void Choose_ImageThatSaysWhatWasLookedFor_TakesNothingElse()
    {
        var image = _data.Images[0];
        string[] free = [.. AbsentNames.Choose(_data, image, 6, new Random(1)).Where(n => !n.IsPart).Select(n => n.Name)];
        AnnotationCategory[] missing = [.. _data.Categories.Where(c => c.Role != AnnotationRole.Part && free.Take(2).Contains(c.Name))];
        var chosen = AbsentNames.Choose(_data, image with { AbsentCategories = missing }, 6, new Random(1));
        Assert.Equal(missing.Select(c => (c.Name, false)).Order(), chosen.Order());
    }
}
