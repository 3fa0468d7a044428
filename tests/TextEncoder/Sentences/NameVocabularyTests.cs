using System.Text;
using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Sentences;

namespace SemanticSam.Tests.TextEncoder.Sentences;

public sealed class NameVocabularyTests
{
    private static readonly NameVocabulary Shipped = Open();

    [Theory]
    [InlineData("sofa", "sofa", null, nameof(NameMatch.Name))]
    [InlineData("couch", "sofa", null, nameof(NameMatch.Synonym))]
    [InlineData("Couches", "sofa", null, nameof(NameMatch.Synonym))]
    [InlineData("the dogs", "dog", null, nameof(NameMatch.Name))]
    [InlineData("people", "person", null, nameof(NameMatch.Synonym))]
    [InlineData("persons", "person", null, nameof(NameMatch.Name))]
    [InlineData("poodle", "dog", null, nameof(NameMatch.Kind))]
    [InlineData("wheel", "wheel", null, nameof(NameMatch.Name))]
    [InlineData("wheel of a car", "wheel", "car", nameof(NameMatch.Name))]
    [InlineData("car wheel", "wheel", "car", nameof(NameMatch.Name))]
    [InlineData("the car's wheels", "wheel", "car", nameof(NameMatch.Name))]
    [InlineData("the car\u2019s wheels", "wheel", "car", nameof(NameMatch.Name))]
    [InlineData("automobile tyre", "wheel", "car", nameof(NameMatch.Synonym))]
    [InlineData("rudder of a plane", "tail", "airplane", nameof(NameMatch.Synonym))]
    [InlineData("head of a cow", "head", "cow", nameof(NameMatch.Name))]
    public void Resolve_WhatPeopleType_FindsTheName(string text, string name, string? whole, string match)
    {
        var found = Shipped.Resolve(text);
        Assert.NotNull(found);
        Assert.Equal((name, whole, match), (found.Entry.Name, found.Whole, found.Match.ToString()));
    }

    [Theory]
    [InlineData("unobtainium")]
    [InlineData("")]
    [InlineData("horn of a laptop")]
    public void Resolve_WhatIsNotThere_IsNull(string text) => Assert.Null(Shipped.Resolve(text));

    [Fact]
    public void Shipped_EveryWordOfRelations_IsAName()
    {
        foreach (var entry in Shipped.Wholes.Concat(Shipped.Parts))
            foreach (string other in entry.IsA.Concat(entry.Unsure)
                ) Assert.True(Shipped.Whole(other) is not null || Shipped.Part(other) is not null, $"{entry.Name}: {other}");
    }

    [Fact]
    public void Shipped_HeldOutWords_AreNowhereElse()
    {
        var taught = Shipped.Wholes.Concat(Shipped.Parts).SelectMany(e => e.Synonyms.Concat(e.Kinds).Append(e.Name)).ToHashSet();
        Assert.DoesNotContain(Shipped.Wholes.Concat(Shipped.Parts).SelectMany(e => e.HeldOut), taught.Contains);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"wholes": [{"name": "a"}, {"name": "a"}], "parts": []}""")]
    [InlineData("""{"wholes": [{"synonyms": ["b"]}], "parts": []}""")]
    public void Read_Damaged_SaysSo(string json) =>
        Assert.Throws<InvalidDataException>(() => NameVocabulary.Read(new MemoryStream(Encoding.UTF8.GetBytes(json))));

    private static NameVocabulary Open()
    {
        using var file = File.OpenRead(Path.Combine(Fixtures.RepoRoot, "models", "nano", "vocabulary.json"));
        return NameVocabulary.Read(file);
    }
}
