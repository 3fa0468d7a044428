using CsCheck;
using SemanticSam.TextEncoder.Names;

namespace SemanticSam.Tests.TextEncoder.Names;

public sealed class ConceptParserTests
{
    [Theory]
    [InlineData("wheel of a car", "car", "wheel")]
    [InlineData("the wheel of the car", "car", "wheel")]
    [InlineData("car: wheel", "car", "wheel")]
    [InlineData("car:wheel", "car", "wheel")]
    [InlineData("car's wheel", "car", "wheel")]
    [InlineData("the car’s front wheel", "car", "front wheel")]
    [InlineData("horses' legs", "horses", "leg")]
    [InlineData("eye of the face of a man", "face", "eye")]
    [InlineData("handle of a cup of coffee", "cup of coffee", "handle")]
    [InlineData("Wheel  OF  a Car", "Car", "wheel")] // a known name in the spelling of its list
    public void Parse_PartOfAWhole_GivesBothNames(string text, string whole, string part)
    {
        var concept = Assert.Single(new ConceptParser().Parse(text));
        Assert.Equal((ConceptKind.PartOfWhole, whole, part), (concept.Kind, concept.Whole, concept.Part));
    }

    [Theory]
    [InlineData("wheel", nameof(ConceptKind.Part), null, "wheel")]
    [InlineData("the Wheels", nameof(ConceptKind.Part), null, "wheel")]
    [InlineData("car", nameof(ConceptKind.Whole), "car", null)]
    [InlineData("cars", nameof(ConceptKind.Whole), "car", null)]
    [InlineData("people", nameof(ConceptKind.Whole), "person", null)]
    [InlineData("policemen", nameof(ConceptKind.Whole), "policeman", null)]
    [InlineData("buses", nameof(ConceptKind.Whole), "bus", null)]
    [InlineData("butterflies", nameof(ConceptKind.Whole), "butterfly", null)]
    [InlineData("horses' legs", nameof(ConceptKind.PartOfWhole), "horses", "leg")] // "horse" is not in the list
    [InlineData("the wheels of cars", nameof(ConceptKind.PartOfWhole), "car", "wheel")]
    [InlineData("axolotl", nameof(ConceptKind.Any), "axolotl", "axolotl")]
    [InlineData("saddle", nameof(ConceptKind.Any), "saddle", "saddle")] // in both lists
    [InlineData("cup of coffee", nameof(ConceptKind.Any), "cup of coffee", "cup of coffee")]
    [InlineData("chests of drawers", nameof(ConceptKind.Any), "chests of drawers", "chests of drawers")]
    [InlineData("10:30", nameof(ConceptKind.Any), "10:30", "10:30")]
    [InlineData("猫", nameof(ConceptKind.Any), "猫", "猫")]
    public void Parse_OneName_IsKnownByTheLists(string text, string kind, string? whole, string? part)
    {
        var parser = new ConceptParser(new ConceptParserOptions { Wholes = ["car", "saddle", "person", "policeman", "bus", "butterfly"] });
        var concept = Assert.Single(parser.Parse(text));
        Assert.Equal((kind, whole, part), (concept.Kind.ToString(), concept.Whole, concept.Part));
    }

    [Fact]
    public void Parse_List_KeepsOrderAndDropsRepetitionsAndEmptyPlaces()
    {
        var concepts = new ConceptParser().Parse(" car,, person ;wheel of a car\n Car, \"the car: wheel\" ,");
        Assert.Equal(["car", "person", "wheel of a car"], concepts.Select(c => c.Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData(",;,")]
    [InlineData("car, !!!")]
    [InlineData("car:")]
    [InlineData(": wheel")]
    [InlineData("wheel of the ---")]
    public void Parse_NothingNamed_ThrowsOneClearLine(string text)
    {
        var e = Assert.Throws<ConceptException>(() => new ConceptParser().Parse(text));
        Assert.DoesNotContain('\n', e.Message);
        Assert.True(e.Message.Length > 20);
    }

    [Fact]
    public void Parse_TooLongOrTooMany_ThrowsNamingTheLimit()
    {
        Assert.Contains("120", Assert.Throws<ConceptException>(() => new ConceptParser().Parse(new string('x', 121))).Message);
        Assert.Contains("256", Assert.Throws<ConceptException>(() => new ConceptParser().Parse(string.Join(',', Enumerable.Range(0, 257)))).Message);
        Assert.Equal(256, new ConceptParser().Parse(string.Join(',', Enumerable.Range(0, 256))).Count);
    }

    [Fact]
    public void Parse_AnyText_GivesConceptsOrConceptException()
        => Gen.Char[" ,;:'abofthe\n\"-"].Array[0, 40].Sample(chars =>
        {
            try
            {
                var concepts = new ConceptParser().Parse(new string(chars));
                Assert.NotEmpty(concepts);
                Assert.All(concepts, c => Assert.False(string.IsNullOrWhiteSpace(c.Whole ?? c.Part)));
            }
            catch (ConceptException e)
            {
                Assert.NotEmpty(e.Message);
            }
        });
}
