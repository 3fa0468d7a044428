using SemanticSam.Formats;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Sentences;
using SemanticSam.Training.Nano;

namespace SemanticSam.Tests.Training.Nano;

public sealed class NanoNamesTests
{
    private static readonly CategoryKey Car = Whole("car"), Dog = Whole("dog"), Pug = Whole("pug"), Tree = Whole("tree"), Sofa = Whole("sofa"),
        CarWheel = Part("wheel", "car"), BusWheel = Part("wheel", "bus"), DogHead = Part("head", "dog"), CowHorn = Part("horn", "cow");

    private static readonly NanoNames Names = Create();

    [Fact]
    public void Shown_NarrowName_AnswersTheWiderOnesToo() => Assert.Equal(["animal", "dog", "pug"], Said(Names.Shown([Pug])));

    [Fact]
    public void Shown_Part_AnswersItsNameAndItsNameOfTheWhole() => Assert.Equal(["wheel", "wheel of car"], Said(Names.Shown([CarWheel])));

    [Fact]
    public void Absent_WhatMayBeThereUnlabeled_IsNotAsked()
    {
        var absent = Absent("streets", Car);
        Assert.Contains("dog", absent);
        Assert.Contains("wheel of bus", absent);
        Assert.Contains("horn", absent);
        Assert.DoesNotContain("car", absent);
        Assert.DoesNotContain("wheel", absent); // cars have wheels, labeled or not
        Assert.DoesNotContain("wheel of car", absent);
        Assert.DoesNotContain("vehicle", absent);
        Assert.DoesNotContain("tree", absent); // common, and this source does not label trees
    }

    [Fact]
    public void Absent_NarrowerAndUnsureNames_AreNotAsked()
    {
        Assert.DoesNotContain("pug", Absent("pets", Dog)); // a dog may be a pug
        Assert.DoesNotContain("horn", Absent("pets", Dog)); // parts of animals are not asked where there is one
        Assert.Contains("sofa", Absent("pets", Dog));
        Assert.Contains("tree", Absent("parks", Dog)); // this source labels trees
    }

    [Fact]
    public void Absent_LookedFor_IsSureWhateverTheSourceLabels()
    {
        AnnotationCategory[] looked = [new(1, "tree"), new(2, "dog"), new(3, "car")];
        float[] Of(AnnotatedImage image) => Names.Absent(image, [Car]);
        int Query(string name) => Names.Queries.Single(q => q.ToString() == name).Index;
        float[] said = Of(Image("streets", Car) with { AbsentCategories = looked }), incomplete = Of(Image("davis", Car) with { AbsentCategories = looked });
        Assert.Equal((1, 1), (said[Query("tree")], incomplete[Query("tree")]));
        Assert.True(Of(Image("streets", Car))[Query("tree")] < 1); // common, and nobody looked
        Assert.Equal((1, 0), (incomplete[Query("dog")], incomplete[Query("car")])); // it is there, whatever is said
    }

    [Fact]
    public void Absent_PartLookedFor_IsSureBesideItsWhole()
    {
        CategoryKey person = Whole("person"), neck = Part("neck", "person"), ear = Part("ear", "person"), ofCat = Part("ear", "cat");
        var names = Create([Image("a", person, neck, ear, ofCat)]);
        AnnotationCategory[] looked = [new(1, "neck", "person", AnnotationRole.Part), new(2, "ear", "person", AnnotationRole.Part)];
        float[] none = names.Absent(Image("a", person) with { AbsentCategories = looked }, [person]);
        float[] one = names.Absent(Image("a", person, neck) with { AbsentCategories = looked }, [person, neck]);
        Assert.Equal((1, 1, 1), (none[Query("neck")], none[Query("neck of person")], none[Query("ear of person")]));
        Assert.Equal((0, 0, 1), (one[Query("neck")], one[Query("neck of person")], one[Query("ear of person")])); // it is there, whatever is said
        Assert.Equal(0, none[Query("ear")]); // of something else it may be there
        Assert.Equal(0, names.Absent(Image("a", person), [person])[Query("neck")]); // nobody looked

        int Query(string name) => names.Queries.Single(q => q.ToString() == name).Index;
    }

    [Fact]
    public void IsApart_LabeledPart_RulesOutOthersThere()
    {
        CategoryKey shoe = Part("shoe", "person"), mouth = Part("mouth", "person"), face = Part("face", "person");
        var names = Create([Image("a", shoe, mouth, face)]);
        int Query(string name) => names.Queries.Single(q => q.ToString() == name).Index;
        Assert.True(names.IsApart(shoe, Query("mouth")));
        Assert.False(names.IsApart(face, Query("mouth")));
        Assert.False(names.IsApart(shoe, Query("mouth of person"))); // of plain names alone
    }

    [Fact]
    public void Absent_IncompleteSource_SaysNothing() => Assert.Empty(Absent("davis", Dog));

    private static string[] Absent(string source, params CategoryKey[] shown)
    {
        float[] absent = Names.Absent(Image(source, shown), shown);
        return [.. Names.Queries.Where(q => absent[q.Index] >= 1).Select(q => q.ToString())];
    }

    private static string[] Said(IEnumerable<int> queries) => [.. queries.Select(q => Names.Queries[q].ToString())];

    private static CategoryKey Whole(string name) => new(name, null, false);

    private static CategoryKey Part(string name, string of) => new(name, of, true);

    private static NanoNames Create() =>
        Create([Image("streets", Car, CarWheel, BusWheel), Image("pets", Dog, Pug, DogHead, CowHorn), Image("parks", Tree, Dog), Image("davis", Dog, Sofa)]);

    private static NanoNames Create(IReadOnlyList<AnnotatedImage> images)
    {
        using var file = File.OpenRead(Path.Combine(Fixtures.RepoRoot, "models", "nano", "vocabulary.json"));
        return new NanoNames(images, NameVocabulary.Read(file));
    }

    private static AnnotatedImage Image(string source, params CategoryKey[] shown) => new()
    {
        FileName = "image.jpg", Width = 4, Height = 4, Source = source,
        Annotations = [.. shown.Select(k => new Annotation
        {
            Mask = Rle.Full(4, 4), Whole = new(k.IsPart ? k.Supercategory! : k.Name), Part = k.IsPart ? new(k.Name) : null,
            Role = k.IsPart ? AnnotationRole.Part : AnnotationRole.Whole,
        })],
    };
}
