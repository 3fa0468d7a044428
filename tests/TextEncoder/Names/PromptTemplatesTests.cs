using SemanticSam.Tests.Reference;
using SemanticSam.TextEncoder.Names;

namespace SemanticSam.Tests.TextEncoder.Names;

public sealed class PromptTemplatesTests
{
    [Theory]
    [InlineData("tree-merged", "tree", "tree")]
    [InlineData("wall-other-merged", "wall", "wall")]
    [InlineData("door-stuff", "door", "door")]
    [InlineData("floor-wood", "floor-wood", "wood floor")]
    [InlineData("first-aid-kit", "first-aid-kit", "first-aid-kit")]
    [InlineData("traffic light", "traffic light", "traffic light")]
    public void WithoutMarks_CocoNames_FollowTheReference(string name, string evaluation, string training)
    {
        Assert.Equal(evaluation, Vocabulary.WithoutMarks(name));
        Assert.Equal(training, TrainingNames.Of(name));
    }

    [Fact]
    public void Sentence_CommasAndPlus_AreTakenOut() => Assert.Equal("a photo of a b c d.", TrainingNames.Sentence("a photo of a {}.", "b, c+d"));

    [Fact]
    public void Fill_TemplateWithoutPlace_Throws() => Assert.Throws<ArgumentException>(() => PromptTemplates.Fill("a photo.", "cat"));

    [Fact]
    public void All_Templates_Are81AndDistinct()
    {
        Assert.Equal(81, PromptTemplates.All.Count);
        Assert.Equal(81, PromptTemplates.All.Distinct().Count());
        Assert.All(PromptTemplates.All, t => Assert.Contains("{}", t));
    }
}
