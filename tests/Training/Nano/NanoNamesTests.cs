using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Sentences;
using SemanticSam.Training.Data;
using SemanticSam.Training.Nano;

namespace SemanticSam.Tests.Training.Nano;

public sealed class NanoNamesTests
{
    private static readonly DataCategory Car = Whole(1, "car"), Dog = Whole(2, "dog"), Pug = Whole(3, "pug"), Tree = Whole(4, "tree"), Sofa = Whole(5, "sofa"),
        CarWheel = Part(6, "wheel", "car"), BusWheel = Part(7, "wheel", "bus"), DogHead = Part(8, "head", "dog"), CowHorn = Part(9, "horn", "cow");

    private static readonly NanoNames Names = Create();

    [Fact]
    public void Shown_NarrowName_AnswersTheWiderOnesToo() => Assert.Equal(["animal", "dog", "pug"], Said(Names.Shown([Pug])));

    [Fact]
    public void Shown_Part_AnswersItsNameAndItsNameOfTheWhole() => Assert.Equal(["wheel", "wheel of car"], Said(Names.Shown([CarWheel])));

    [Fact]
    public void Absent_WhatMayBeThereUnlabelled_IsNotAsked()
    {
        var absent = Absent("streets", Car);
        Assert.Contains("dog", absent);
        Assert.Contains("wheel of bus", absent);
        Assert.Contains("horn", absent);
        Assert.DoesNotContain("car", absent);
        Assert.DoesNotContain("wheel", absent); // cars have wheels, labelled or not
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
    public void Absent_IncompleteSource_SaysNothing() => Assert.Empty(Absent("davis", Dog));

    private static string[] Absent(string source, params DataCategory[] shown)
    {
        bool[] absent = Names.Absent(source, shown);
        return [.. Names.Queries.Where(q => absent[q.Index]).Select(q => q.ToString())];
    }

    private static string[] Said(IEnumerable<int> queries) => [.. queries.Select(q => Names.Queries[q].ToString())];

    private static DataCategory Whole(long id, string name) => new(id, name, null, AnnotationLevel.Whole);

    private static DataCategory Part(long id, string name, string of) => new(id, name, of, AnnotationLevel.Part);

    private static NanoNames Create()
    {
        using var file = File.OpenRead(Path.Combine(Fixtures.RepoRoot, "models", "nano", "vocabulary.json"));
        string Images(params (string Source, DataCategory[] Shown)[] images)
        {
            int annotation = 0;
            var categories = images.SelectMany(i => i.Shown).Distinct().Select(c => $$"""{"id": {{c.Id}}, "name": "{{c.Name}}", "supercategory": "{{c.Supercategory}}", "level": "{{c.Level.ToString().ToLowerInvariant()}}"}""");
            var pictures = images.Select((i, k) => $$"""{"id": {{k}}, "file_name": "{{k}}.jpg", "width": 4, "height": 4, "source": "{{i.Source}}"}""");
            var masks = images.SelectMany((i, k) => i.Shown.Select(c =>
                $$"""{"id": {{annotation++}}, "image_id": {{k}}, "category_id": {{c.Id}}, "segmentation": {"size": [4, 4], "counts": [0, 16]}, "bbox": [0, 0, 4, 4], "area": 16, "iscrowd": 0, "level": "{{c.Level.ToString().ToLowerInvariant()}}"}"""));
            return $$"""{"images": [{{string.Join(',', pictures)}}], "categories": [{{string.Join(',', categories)}}], "annotations": [{{string.Join(',', masks)}}]}""";
        }
        string json = Images(("streets", [Car, CarWheel, BusWheel]), ("pets", [Dog, Pug, DogHead, CowHorn]), ("parks", [Tree, Dog]), ("davis", [Dog, Sofa]));
        return new NanoNames(WholePartDataset.Load(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json)), "test.json", ""), NameVocabulary.Read(file));
    }
}
