using SemanticSam.Engine;
using SemanticSam.Training.Evaluation.Protocols;

namespace SemanticSam.Tests.Training.Evaluation;

public class TrueNamesTests
{
    [Theory]
    [InlineData("sandal", "sandal", true)]
    [InlineData("shoe", "sandal", true)]
    [InlineData("clothing", "sandal", true)]
    [InlineData("sandal", "shoe", false)] // a shoe need not be a sandal
    [InlineData("hat", "sandal", false)]
    public void IsTrueOf_WiderNames_AreTrueAndNarrowerOnesAreNot(string label, string name, bool isTrue) => Assert.Equal(isTrue, new TrueNames(
    [
        new() { Name = "sandal", Wider = ["shoe"] }, new() { Name = "shoe", Wider = ["clothing"] }, new() { Name = "clothing" }, new() { Name = "hat" },
    ]).IsTrueOf(label, name));
}
