using SemanticSam.Formats;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Data;
using SemanticSam.Training.Evaluation.Coco;

namespace SemanticSam.Tests.Training.Evaluation.Coco;

/// <summary>Annotations and detections as people have them: the figures are those of the plain files, and what is amiss is said.</summary>
public sealed class CocoDetectionsTests : IDisposable
{
    private const string Images = """
        "images": [{"id": 7, "file_name": "000000000139.jpg", "width": 100, "height": 80}, {"id": 8, "file_name": "b.jpg", "width": 100, "height": 80}],
        "categories": [{"id": 1, "name": "car"}, {"id": 2, "name": "dog"}]
        """;

    private const string Plain = """
        "annotations": [{"id": 1, "image_id": 7, "category_id": 1, "bbox": [10, 10, 20, 20], "area": 350, "segmentation": [[10, 10, 30, 10, 30, 30, 10, 30]]},
                        {"id": 2, "image_id": 8, "category_id": 2, "bbox": [50, 10, 40, 40], "area": 1600, "segmentation": [[50, 10, 90, 10, 90, 50, 50, 50]]}]
        """;

    private readonly TempFolder _folder = new();
    private readonly List<string> _said = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_PlainCoco_TakesBoxesAndAreasAsTheyAreWritten()
    {
        var set = Truth($"{{{Images}, {Plain}}}");
        Assert.Equal([7L, 8L], set.Images.Select(i => i.Id));
        Assert.Equal(350, set.Images[0].Truths[0].Area);
        Assert.Equal(400, set.Images[0].Truths[0].Mask!.Area);
        Assert.Equal(new CocoBox(10, 10, 20, 20), set.Images[0].Truths[0].Box);
        Assert.Empty(_said);
    }

    [Theory]
    [InlineData("NaN", "350", "")]
    [InlineData("[10, 10, 20, 20]", "[10, 10, 30, 30]", "two corners")]
    [InlineData("[10, 10, 20, 20]", "[20, 20, 20, 20]", "its center and its size")]
    [InlineData("[10, 10, 20, 20]", "[0.1, 0.125, 0.2, 0.25]", "shares of the image's sides")]
    [InlineData("\"id\": 1, \"image_id\"", "\"id\": \"x\", \"level\": 2, \"group\": \"g\", \"parent\": \"p\", \"score\": \"high\", \"image_id\"", "")]
    public void Of_OddCoco_IsTheSameSet(string plain, string odd, string said)
    {
        string text = $"{{{Images}, {Plain}}}";
        var set = Truth(plain == "NaN" ? text.Replace("350", "NaN", StringComparison.Ordinal) : text.Replace(plain, odd, StringComparison.Ordinal));
        Assert.Equal(new CocoBox(10, 10, 20, 20), set.Images[0].Truths[0].Box);
        Assert.Equal(400, set.Images[0].Truths[0].Mask!.Area);
        Assert.Equal(said.Length == 0 ? 0 : 1, _said.Count);
        Assert.All(_said, line => Assert.Contains(said, line));
    }

    [Theory]
    [InlineData("""[{"image_id": 7, "category_id": 1, "score": 0.9, "bbox": [10, 10, 20, 20]}]""", 7, 0)]
    [InlineData("""[{"image_id": "7", "category_id": "1", "score": "0.9", "bbox": [10, 10, 20, 20]}]""", 7, 0)]
    [InlineData("""[{"image_id": 139, "category_id": 2, "score": 0.9, "bbox": [10, 10, 20, 20]}]""", 7, 1, "the number in the name")]
    [InlineData("""[{"image_id": "b", "category_id": 2, "score": 0.9, "bbox": [10, 10, 20, 20]}]""", 8, 1)]
    [InlineData("""[{"image_id": "b.jpg", "category": "dog", "conf": 0.9, "bbox": [10, 10, 20, 20]}]""", 8, 1, "'category_id' is missing|")]
    [InlineData("""[{"image_id": 55, "file_name": "/home/x/b.jpg", "category_id": 2, "score": 0.9, "bbox": [10, 10, 20, 20], "area": NaN}]""", 8, 1)]
    public void Read_ListOfResults_FindsImageAndClass(string list, long image, int @class, string said = "|")
    {
        var found = Assert.Single(Read(list, Truth($"{{{Images}, {Plain}}}")));
        Assert.Equal((image, @class), (found.Image, found.Detection.Class));
        Assert.Equal(new CocoBox(10, 10, 20, 20), found.Detection.Box);
        Assert.All(_said, line => Assert.Contains(said, line));
    }

    [Fact]
    public void Read_LinesOfResults_AreAList() => Assert.Equal(2, Read("""
        {"image_id": 7, "category_id": 1, "score": 0.9, "bbox": [10, 10, 20, 20]}
        {"image_id": 8, "category_id": 2, "score": 0.8, "bbox": [10, 10, 20, 20]}
        """, Truth($"{{{Images}, {Plain}}}"), "found.jsonl").Count);

    [Fact]
    public void Read_EmptyList_HasFoundNothing() => Assert.Empty(Read("[]", Truth($"{{{Images}, {Plain}}}")));

    [Fact]
    public void Read_BadDetections_AreSaidAndTheOthersTaken()
    {
        var found = Read("""
            [{"image_id": 7, "category_id": 1, "score": 0.9, "bbox": [10, 10, 20, 20]}, {"image_id": 9, "category_id": 1, "score": 0.9, "bbox": [1, 1, 2, 2]},
             {"image_id": 7, "category_id": 0, "score": 0.9, "bbox": [1, 1, 2, 2]}, {"image_id": 7, "category_id": 1, "score": NaN, "bbox": [1, 1, 2, 2]},
             {"image_id": 7, "category_id": 1, "score": 0.9}, 5]
            """, Truth($"{{{Images}, {Plain}}}"));
        Assert.Single(found);
        Assert.Equal(5, _said.Count);
        Assert.Contains(_said, s => s.Contains("detection 2: image_id 9 is not among", StringComparison.Ordinal));
        Assert.Contains(_said, s => s.Contains("detection 3: category_id 0", StringComparison.Ordinal) && s.Contains("count from 0", StringComparison.Ordinal));
        Assert.Contains(_said, s => s.Contains("detection 4: score", StringComparison.Ordinal));
        Assert.Contains(_said, s => s.Contains("detection 5: it has neither", StringComparison.Ordinal));
        var nothing = Assert.Throws<AnnotationFileException>(() => Read("""
            [{"image_id": 91, "category_id": 1, "score": 0.9, "bbox": [1, 1, 2, 2]}, {"image_id": 92, "category_id": 1, "score": 0.9, "bbox": [1, 1, 2, 2]}]
            """, Truth($"{{{Images}, {Plain}}}")));
        Assert.Contains("nothing is left of 2", nothing.Message);
    }

    /// <summary>Programs that know no ids count the categories; then detections meet objects of their class.</summary>
    [Theory]
    [InlineData(1, 2, 0, 1, "counted from 0")]
    [InlineData(1, 7, 1, 2, "counted from 1")]
    [InlineData(0, 1, 1, 2, "counted from 1")]
    [InlineData(3, 9, 0, 1, "counted from 0")]
    [InlineData(1, 2, 1, 2, null)]
    public void Read_ClassesThatAreCounted_AreUnderstood(int carId, int dogId, int car, int dog, string? said)
    {
        string truth = $"{{{Images}, {Plain}}}".Replace("\"category_id\": 1", $"\"category_id\": {carId}")
            .Replace("\"category_id\": 2", $"\"category_id\": {dogId}")
            .Replace("{\"id\": 1, \"name\"", $"{{\"id\": {carId}, \"name\"").Replace("{\"id\": 2, \"name\"", $"{{\"id\": {dogId}, \"name\"");
        var found = Read($$"""
            [{"image_id": 7, "category_id": {{car}}, "score": 0.9, "bbox": [10, 10, 20, 20]},
             {"image_id": 8, "category_id": {{dog}}, "score": 0.8, "bbox": [50, 10, 40, 40]}]
            """, Truth(truth));
        Assert.Equal([(7L, 0), (8L, 1)], found.Select(f => (f.Image, f.Detection.Class)));
        Assert.Equal(said is null ? 0 : 1, _said.Count);
        if (said is not null) Assert.Contains(said, _said[0]);
    }

    /// <summary>What meets no more objects as a place than as an id is an id.</summary>
    [Fact]
    public void Read_ClassesThatMeetNothing_StayIds()
    {
        var found = Read("""
            [{"image_id": 7, "category_id": 1, "score": 0.9, "bbox": [10, 10, 20, 20]}, {"image_id": 7, "category_id": 0, "score": 0.9, "bbox": [70, 60, 5, 5]}]
            """, Truth($"{{{Images}, {Plain}}}"));
        Assert.Equal(0, Assert.Single(found).Detection.Class);
        Assert.Contains("category_id 0 is not among", Assert.Single(_said));
    }

    [Fact]
    public void Read_BoxesInShares_AreMultiplied()
    {
        var found = Read("""[{"image_id": 7, "category_id": 1, "score": 0.9, "bbox": [0.1, 0.125, 0.2, 0.25]}]""", Truth($"{{{Images}, {Plain}}}"));
        Assert.Equal(new CocoBox(10, 10, 20, 20), Assert.Single(found).Detection.Box);
        Assert.Contains("shares of the images' sides", Assert.Single(_said));
    }

    /// <summary>Of ids that are the numbers in names some are ids of other images: then all are numbers.</summary>
    [Fact]
    public void Read_NumbersOfNames_AreNotMixedWithIds()
    {
        string truth = $"{{{Images}, {Plain}}}".Replace("000000000139.jpg", "8.jpg").Replace("b.jpg", "9.jpg");
        var found = Read("""
            [{"image_id": 8, "category_id": 1, "score": 0.9, "bbox": [10, 10, 20, 20]},
             {"image_id": 9, "category_id": 2, "score": 0.8, "bbox": [50, 10, 40, 40]}]
            """, Truth(truth));
        Assert.Equal([7L, 8L], found.Select(f => f.Image));
        Assert.Contains("the number in the name", Assert.Single(_said));
        _said.Clear();
        found = Read("""[{"image_id": 8, "file_name": "8.jpg", "category_id": 1, "score": 0.9, "bbox": [10, 10, 20, 20]}]""", Truth(truth));
        Assert.Equal(7L, Assert.Single(found).Image);
        Assert.Contains("another image than file_name", Assert.Single(_said));
    }

    [Fact]
    public void Read_BoxesOfTwoCorners_AreTold()
    {
        var found = Read("[" + string.Join(',', Enumerable.Range(0, 4).Select(i =>
            $$"""{"image_id": 7, "category_id": 1, "score": 0.{{i}}, "bbox": [40, 30, {{90 + i}}, 70]}""")) + "]", Truth($"{{{Images}, {Plain}}}"));
        Assert.Equal([50, 51, 52, 53], found.Select(f => f.Detection.Box.Width));
        Assert.Contains("taken as corners", Assert.Single(_said));
    }

    [Fact]
    public void Read_AnnotationsWithScores_AreMatchedByNames()
    {
        // Ids are exchanged, as another program has counted them; names say what is meant.
        var found = Read("""
            {"images": [{"id": 8, "file_name": "000000000139.jpg", "width": 100, "height": 80}, {"id": 7, "file_name": "b.jpg", "width": 100, "height": 80}],
             "categories": [{"id": 2, "name": "car"}, {"id": 1, "name": "dog"}],
             "annotations": [{"id": 1, "image_id": 8, "category_id": 2, "score": 0.5, "bbox": [10, 10, 20, 20], "segmentation": [[10, 10, 30, 10, 30, 30]]},
                             {"id": 2, "image_id": 8, "category_id": 2, "bbox": [10, 10, 20, 20], "segmentation": [[10, 10, 30, 10, 30, 30]]}]}
            """, Truth($"{{{Images}, {Plain}}}"));
        Assert.Equal((7L, 0), found.Select(f => (f.Image, f.Detection.Class)).Single());
        Assert.Contains("no score", Assert.Single(_said));
    }

    [Fact]
    public void Of_MasksOfSomeAlone_IsSaidWhereBoxesAreMeasured()
    {
        var set = Truth($"{{{Images}, {Plain}}}");
        var found = Read("""
            [{"image_id": 7, "category_id": 1, "score": 0.9, "bbox": [10, 10, 20, 20]},
             {"image_id": 8, "category_id": 2, "score": 0.9, "segmentation": [[50, 10, 90, 10, 90, 50, 50, 50]]}]
            """, set);
        var summary = Assert.Single(CocoComparison.Of(set, found.ToLookup(f => f.Image, f => f.Detection), p => _said.Add(p.ToString())));
        Assert.Equal(CocoMeasure.Boxes, summary.Measure);
        Assert.Contains("1 of 2 detections have a box and no mask", Assert.Single(_said));
    }

    private CocoSet Truth(string json)
    {
        string path = _folder.File("truth.json");
        File.WriteAllText(path, json);
        return CocoSet.Of(WholePartDataset.Load(path, _folder.Path, p => _said.Add(p.ToString())), p => _said.Add(p.ToString()));
    }

    private List<(long Image, CocoDetection Detection)> Read(string text, CocoSet set, string name = "found.json")
    {
        string path = _folder.File(name);
        File.WriteAllText(path, text);
        return [.. CocoDetections.Read(path, set, p => _said.Add(p.ToString())).SelectMany(g => g.Select(d => (g.Key, d)))];
    }
}
