using SemanticSam.Masks;

namespace SemanticSam.Tests.Pure.Masks;

public sealed class GranularityMapTests
{
    [Fact]
    public void SemanticSam_UserLevels_AreTheReferenceTokens() =>
        Assert.Equal([3, 2, 0, 4, 1, 5], GranularityMap.All.Select(GranularityMap.SemanticSam.TokenOf));

    [Fact]
    public void All_InOrder_AreIndexedOneToSix()
    {
        Assert.Equal([1, 2, 3, 4, 5, 6], GranularityMap.All.Select(l => (int)l));
        Assert.Equal(4, (int)GranularityMap.Parse("part"));
        Assert.Equal("part", GranularityMap.Name((GranularityLevel)4));
    }

    [Fact]
    public void LevelOf_EveryToken_InvertsTokenOf()
    {
        foreach (var map in new[] { GranularityMap.SemanticSam, GranularityMap.Sam })
            foreach (var level in map.Levels) Assert.Equal(level, map.LevelOf(map.TokenOf(level)));
    }

    [Fact]
    public void Sam_SingleMaskToken_HasNoLevel()
    {
        Assert.Null(GranularityMap.Sam.LevelOf(0));
        Assert.Equal([GranularityLevel.Whole, GranularityLevel.Part, GranularityLevel.Subpart], GranularityMap.Sam.Levels);
    }

    [Fact]
    public void TokenOf_LevelTheFamilyLacks_NamesWhatThereIs()
    {
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => GranularityMap.Sam.TokenOf(GranularityLevel.Scene));
        Assert.Contains("whole, part, subpart", e.Message);
        Assert.Equal(GranularityMap.Sam.TokenOf(GranularityLevel.Whole), GranularityMap.Sam.NearestTokenOf(GranularityLevel.Scene));
        Assert.Equal(GranularityMap.Sam.TokenOf(GranularityLevel.Subpart), GranularityMap.Sam.NearestTokenOf(GranularityLevel.Detail));
    }

    [Theory]
    [InlineData("PART", GranularityLevel.Part)]
    [InlineData(" 1 ", GranularityLevel.Scene)]
    public void Parse_NameOrIndex_GivesLevel(string text, GranularityLevel level) => Assert.Equal(level, GranularityMap.Parse(text));

    [Theory]
    [InlineData("parts")]
    [InlineData("7")]
    [InlineData("0")]
    [InlineData("")]
    [InlineData("Part, Whole")]
    [InlineData("scene, group")]
    [InlineData("+4")]
    public void Parse_Otherwise_NamesAllLevels(string text) =>
        Assert.Contains("part (4)", Assert.Throws<FormatException>(() => GranularityMap.Parse(text)).Message);
}
