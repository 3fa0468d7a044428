using System.Text;
using System.Text.Json;
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
    [InlineData("upper lip", "mouth", null, nameof(NameMatch.Slice))]
    [InlineData("the bottom lips", "mouth", null, nameof(NameMatch.Slice))]
    [InlineData("a woman's upper lip", "mouth", "person", nameof(NameMatch.Slice))]
    [InlineData("lower lip of a person", "mouth", "person", nameof(NameMatch.Slice))]
    [InlineData("glasses", "glasses", null, nameof(NameMatch.Name))] // not several of "glass", a kind of cup
    [InlineData("a glass", "cup", null, nameof(NameMatch.Kind))]
    [InlineData("finger", "hand", null, nameof(NameMatch.Kind))] // the file has "fingers"
    [InlineData("cloud", "sky", null, nameof(NameMatch.Kind))]
    [InlineData("T shirts", "t-shirt", null, nameof(NameMatch.Name))]
    [InlineData("rear view mirror", "mirror", null, nameof(NameMatch.Synonym))]
    [InlineData("a pair of jeans", "jeans", null, nameof(NameMatch.Synonym))]
    [InlineData("a group of women", "person", null, nameof(NameMatch.Synonym))]
    [InlineData("pieces of furniture", "furniture", null, nameof(NameMatch.Synonym))]
    [InlineData("a photo of a dog", "dog", null, nameof(NameMatch.Synonym))]
    [InlineData("a cup of coffee", "cup", null, nameof(NameMatch.Kind))] // nobody asks for the coffee alone so
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
    [InlineData("part of a car")]
    [InlineData("statue of a man")]
    [InlineData("upper lip of a car")]
    public void Resolve_WhatIsNotThere_IsNull(string text) => Assert.Null(Shipped.Resolve(text));

    [Theory]
    [InlineData("wherry", "boat", null)]
    [InlineData("Norwich terriers", "dog", null)]
    [InlineData("trilby", "hat", null)]
    [InlineData("carnations", "flower", null)]
    [InlineData("a red car", "car", null)]
    [InlineData("big old wooden house", "building", null)]
    [InlineData("woman in a long dress", "person", null)]
    [InlineData("the wherry behind the bridge", "boat", null)]
    [InlineData("pineapple", "fruit", null)] // what is eaten, not the plant that bears it
    [InlineData("kiwis", "fruit", null)]
    [InlineData("peach", "fruit", null)]
    [InlineData("bell pepper", "food", null)]
    [InlineData("elm", "tree", null)]
    [InlineData("orchid", "flower", null)]
    [InlineData("flock of wrens", "bird", null)]
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
    [InlineData("sun")] // rarely somebody
    [InlineData("love")]
    [InlineData("file")] // rarely a cabinet
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

    [Theory]
    [InlineData("caps", "cap,hat")] // of its further meanings the plain name alone
    [InlineData("a bottle cap", "cap")]
    [InlineData("board", "skateboard,surfboard,snowboard")] // nothing of its own
    [InlineData("hat", "hat,hat of person")]
    [InlineData("brick walls", "wall,wall of building")] // of a room or in a garden, or of a house
    [InlineData("wall of a building", "wall of building")]
    [InlineData("wheel", "wheel")] // a part of several wholes
    [InlineData("window", "window,window of building")] // of buildings they were learned apart
    [InlineData("ears", "ear,ear of person")] // of people they were learned apart from those of animals
    [InlineData("ear of a dog", "ear of dog")]
    [InlineData("unobtainium", "")]
    public void Meanings_OfAWord_ComeInTheirOrder(string text, string names) =>
        Assert.Equal(names, string.Join(',', Shipped.Meanings(text).Select(m => m.FullName)));

    [Fact]
    public void With_SensesOfItsOwn_TakesThePlaceOfTheOthers()
    {
        using var json = new MemoryStream("""{"parts": [{"name": "lid"}], "senses": {"cap": ["lid"]}}"""u8.ToArray());
        var both = Shipped.With(NameVocabulary.Read(json));
        Assert.Equal(["cap", "lid"], both.Meanings("cap").Select(m => m.Entry.Name));
        Assert.Equal(["plate", "license plate"], both.Meanings("plate").Select(m => m.Entry.Name));
    }

    [Fact]
    public void Shipped_Senses_AreNamesAndOtherThanTheFirst()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Fixtures.RepoRoot, "models", "nano", "vocabulary.json")));
        foreach (var sense in json.RootElement.GetProperty("senses").EnumerateObject())
        {
            string[] names = [.. sense.Value.EnumerateArray().Select(n => n.GetString()!)];
            Assert.All(names, n => Assert.True((Shipped.Whole(n) ?? Shipped.Part(n)) is not null, n));
            Assert.Equal(names.Length + (Shipped.Resolve(sense.Name) is null ? 0 : 1), Shipped.Meanings(sense.Name).Count);
        }
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
    [InlineData("""{"senses": {"cap": null}}""")]
    [InlineData("""{"senses": {"cap": []}}""")]
    [InlineData("""{"senses": {"cap": [" "]}}""")]
    [InlineData("""{"slices": [null]}""")]
    [InlineData("""{"slices": [{"of": "mouth"}]}""")]
    [InlineData("""{"slices": [{"name": "lip"}]}""")]
    [InlineData("""{"slices": [{"name": "lip", "of": "mouth", "from": 0.5, "to": 0.5}]}""")]
    [InlineData("""{"slices": [{"name": "lip", "of": "mouth", "from": -0.1}]}""")]
    [InlineData("""{"slices": [{"name": "lip", "of": "mouth", "to": 1.5}]}""")]
    [InlineData("""{"slices": [{"name": "lip", "of": "mouth", "synonyms": [null]}]}""")]
    [InlineData("""{"slices": [{"name": "lip", "of": "mouth"}, {"name": "lip", "of": "mouth"}]}""")]
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
    public void With_AnotherVocabulary_KeepsSlicesAndTakesTheOthersFirst()
    {
        using var own = new MemoryStream("""
            {"slices": [{"name": "crown", "of": "hat", "to": 0.6}, {"name": "upper lip", "of": "mouth", "to": 0.3}]}
            """u8.ToArray());
        var both = Shipped.With(NameVocabulary.Read(own));
        Assert.Equal(("hat", 0, 0.6), Slice("crown"));
        Assert.Equal(("mouth", 0, 0.3), Slice("upper lip"));
        Assert.Equal(("mouth", 0.42, 1), Slice("lower lip"));

        (string, double, double) Slice(string text) => both.Resolve(text) is { Slice: { } slice } found ? (found.Entry.Name, slice.From, slice.To) : default;
    }

    /// <summary>A slice of nothing could not be answered.</summary>
    [Fact]
    public void Resolve_SliceOfAPartThatIsNotThere_IsNull()
    {
        using var own = new MemoryStream("""{"parts": [{"name": "nose"}], "slices": [{"name": "upper lip", "of": "mouth"}]}"""u8.ToArray());
        Assert.Null(NameVocabulary.Read(own).Resolve("upper lip"));
    }

    [Fact]
    public void Shipped_EverySlice_IsOfAPartAndNoNameOfAnythingElse()
    {
        Assert.All(Shipped.Slices, s => Assert.NotNull(Shipped.Part(s.Of)));
        Assert.All(Shipped.Slices.SelectMany(s => s.Synonyms.Prepend(s.Name)), w => Assert.Equal(NameMatch.Slice, Shipped.Resolve(w)!.Match));
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
