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

    [Theory]
    [InlineData("wherry", "boat", null)]
    [InlineData("Norwich terriers", "dog", null)]
    [InlineData("trilby", "hat", null)]
    [InlineData("tulips", "flower", null)]
    [InlineData("a red car", "car", null)]
    [InlineData("big old wooden house", "building", null)]
    [InlineData("woman in a long dress", "person", null)]
    [InlineData("the wherry behind the bridge", "boat", null)]
    [InlineData("affenpinscher's ear", "ear", "dog")]
    [InlineData("ear of a Norwich terrier", "ear", "dog")]
    [InlineData("tall woman's hair", "hair", "person")]
    public void Resolve_EnglishNounsAndPhrases_FindTheNameThatTheyAreAKindOf(string text, string name, string? whole)
    {
        Assert.Null(Shipped.Resolve(text)); // the file alone does not know it
        var found = Shipped.WithEnglish().Resolve(text);
        Assert.NotNull(found);
        Assert.Equal((name, whole), (found.Entry.Name, found.Whole));
    }

    [Theory]
    [InlineData("canis familiaris")]
    [InlineData("car roof")] // the vocabulary gives cars no roof, and a roof of something else is not meant
    [InlineData("roof of a car")]
    [InlineData("happiness")]
    [InlineData("red")]
    [InlineData("with a hat")]
    public void Resolve_WhatEnglishDoesNotSettle_IsNull(string text) => Assert.Null(Shipped.WithEnglish().Resolve(text));

    [Fact]
    public void EnglishNouns_EveryWord_IsOfANameOfTheVocabularyAndNotOneOfItsOwn()
    {
        var english = Shipped.WithEnglish();
        using var stream = typeof(NameVocabulary).Assembly.GetManifestResourceStream("SemanticSam.TextEncoder.nouns.txt")!;
        using var lines = new StreamReader(stream);
        int words = 0;
        while (lines.ReadLine() is { } line)
            foreach (string word in line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..].Split(", "))
            {
                words++;
                Assert.True(english.Resolve(word) is not null, word);
            }
        Assert.InRange(words, 15_000, 30_000);
    }

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
    [InlineData("""{"parts": [{"name": "a"}], "apart": [{"head": ["a"], "foot": ["a"]}]}""")]
    [InlineData("""{"apart": [{"head": null}]}""")]
    [InlineData("""{"apart": [{"head": [null]}]}""")]
    [InlineData("""{"apart": [null]}""")]
    [InlineData("""{"wholes": [null]}""")]
    public void Read_Damaged_SaysSo(string json) =>
        Assert.Throws<InvalidDataException>(() => NameVocabulary.Read(new MemoryStream(Encoding.UTF8.GetBytes(json))));

    [Theory]
    [InlineData("mouth", "shoe", true)]
    [InlineData("mouth", "sandal", true)] // a narrower name is where the wider one is
    [InlineData("eye", "mouth", true)] // both of the head, and apart there
    [InlineData("eye", "face", false)]
    [InlineData("shoe", "sandal", false)]
    [InlineData("skin", "face", false)] // no division has it
    [InlineData("mouth", "unobtainium", false)]
    public void AreApart_PartsOfDifferentPlaces_ShareNoPixel(string one, string other, bool apart)
    {
        Assert.Equal(apart, Shipped.AreApart(one, other));
        Assert.Equal(apart, Shipped.AreApart(other, one));
    }

    [Fact]
    public void With_AnotherVocabulary_KeepsWhatIsApart()
    {
        using var own = new MemoryStream("""{"parts": [{"name": "petal"}, {"name": "stem"}], "apart": [{"top": ["petal"], "below": ["stem"]}]}"""u8.ToArray());
        var both = Shipped.With(NameVocabulary.Read(own));
        Assert.True(both.AreApart("petal", "stem"));
        Assert.True(both.AreApart("mouth", "shoe"));
        Assert.False(both.AreApart("petal", "shoe"));
    }

    [Fact]
    public void Shipped_EveryWordOfDivisions_IsAPart()
    {
        using var file = File.OpenRead(Path.Combine(Fixtures.RepoRoot, "models", "nano", "vocabulary.json"));
        using var json = System.Text.Json.JsonDocument.Parse(file);
        foreach (var place in json.RootElement.GetProperty("apart").EnumerateArray().SelectMany(d => d.EnumerateObject()))
            Assert.All(place.Value.EnumerateArray(), name => Assert.NotNull(Shipped.Part(name.GetString()!)));
    }

    private static NameVocabulary Open()
    {
        using var file = File.OpenRead(Path.Combine(Fixtures.RepoRoot, "models", "nano", "vocabulary.json"));
        return NameVocabulary.Read(file);
    }
}
