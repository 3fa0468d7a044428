using SemanticSam.Engine.Sessions.Nano;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Engine.Sessions.Nano;

public class NameChoiceTests
{
    private static readonly Dictionary<string, string[]> Wider = new()
    {
        ["loafer"] = ["shoe"], ["sandal"] = ["shoe"], ["shoe"] = ["clothing"], ["cat"] = ["animal"], ["dog"] = ["animal"],
    };

    private static readonly HashSet<string> All = ["loafer", "sandal", "shoe", "clothing", "cat", "dog", "animal", "hat"];

    [Theory]
    [InlineData("cat 0.5, animal 0.6", "cat", 0.5)] // nearly as well: the narrower one
    [InlineData("cat 0.4, animal 0.6", "animal", 0.6)] // hardly
    [InlineData("loafer 0.6, sandal 0.55, shoe 0.2", "shoe", 0.6)] // of two that are about as likely, what is true of both
    [InlineData("loafer 0.6, sandal 0.55", "shoe", 0.6)] // although it was not among those that fit
    [InlineData("loafer 0.6, sandal 0.5, shoe 0.55", "loafer", 0.6)] // clearly the likeliest of its kind
    [InlineData("cat 0.5, hat 0.45", "cat", 0.5)] // nothing is true of both
    [InlineData("shoe 0.5, loafer 0.42, sandal 0.41", "shoe", 0.5)]
    [InlineData("dog 0.6, cat 0.55, animal 0.1", "animal", 0.6)]
    public void Best_IsTheNarrowestNameThatIsClear(string fits, string expected, double score)
    {
        var best = NameChoice.Best(Parse(fits), Next, All)!.Value;
        Assert.Equal((expected, (float)score), (best.Label, best.Score));
    }

    [Fact]
    public void Best_NameThatMayNotBeSaid_IsNotSaid() =>
        Assert.Equal("loafer", NameChoice.Best(Parse("loafer 0.6, sandal 0.55"), Next, new HashSet<string> { "loafer", "sandal" })!.Value.Label);

    [Fact]
    public void Best_NothingFits_IsNull() => Assert.Null(NameChoice.Best([], Next, All));

    [Fact]
    public void Best_NamesThatAreWiderThanOneAnother_ComesToAnEnd() =>
        Assert.Contains(NameChoice.Best(Parse("a 0.6, b 0.6"), n => n == "a" ? ["b"] : ["a"], new HashSet<string> { "a", "b" })!.Value.Label,
            new[] { "a", "b" });

    [Fact]
    public void WiderNames_OfANarrowOne_AreAllAbove() => Assert.Equal(["shoe", "clothing"], WiderNames.Of("loafer", Next));

    private static string[] Next(string name) => Wider.GetValueOrDefault(name, []);

    private static IEnumerable<ScoredLabel> Parse(string fits) => fits.Split(", ").Select(f => f.Split(' '))
        .Select(f => new ScoredLabel(f[0], float.Parse(f[1], System.Globalization.CultureInfo.InvariantCulture)));
}
