using System.Text;
using System.Text.Json.Nodes;
using SemanticSam.Formats;
using SemanticSam.Formats.Results;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Formats.Results;

public sealed class ResultJsonTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static readonly MaskResult[] Results =
    [
        new()
        {
            Mask = Rle.FromBox(4, 6, new(1, 0, 4, 3)), PredictedIou = 0.123456789f, StabilityScore = float.NaN, Level = GranularityLevel.Subpart,
            Whole = new("Straße \"1\" <b> & 狗", 0.5f), Prompt = 2,
        },
        new()
        {
            Mask = Rle.FromBox(4, 6, new(2, 1, 3, 2)), PredictedIou = 0.00001234f, StabilityScore = 1, Part = new("wheel", float.NaN),
            Parent = 0, Point = (4.5, 6),
        },
    ];

    private static string Text(StepSeconds? seconds = null) => ResultJson.ToText("a b.jpg", 6, 4, new("nano", "00ff"), seconds, Results);

    /// <summary>Byte by byte: what is published in README must not change by an update of the serializer.</summary>
    [Fact]
    public void ToText_EveryKey_IsWrittenAsDocumented()
    {
        const string expected = """
            {"image":{"file_name":"a b.jpg","width":6,"height":4},"model":{"name":"nano","sha256":"00ff"},"seconds":{"load":0.1235,"encode":2,"decode":0},"annotations":[
            {"id":1,"segmentation":{"size":[4,6],"counts":"43134000V2"},"bbox":[1,0,3,3],"area":9,"predicted_iou":0.12346,"stability_score":null,"level":"subpart","level_index":5,"whole":{"label":"Straße \"1\" <b> & 狗","score":0.5},"part":null,"parent":null,"prompt":2},
            {"id":2,"segmentation":{"size":[4,6],"counts":"91>"},"bbox":[2,1,1,1],"area":1,"predicted_iou":1E-05,"stability_score":1,"level":null,"level_index":null,"whole":null,"part":{"label":"wheel","score":null},"parent":1,"prompt":null,"point_coords":[[4.5,6]]}]}
            """;
        // Run lengths have tests of their own; here they are what Rle writes.
        string text = expected.ReplaceLineEndings("").Replace("43134000V2", Results[0].Mask.ToCompressedString())
            .Replace("91>", Results[1].Mask.ToCompressedString());
        Assert.Equal(text, Text(new(0.12345678, 2, 0.000001)));
        Assert.DoesNotContain("seconds", Text());
    }

    [Fact]
    public void Schema_WhatIsWritten_HasNoFault()
    {
        var result = ResultSchema.Read(Encoding.UTF8.GetBytes(Text()), out string? fault);
        Assert.Null(fault);
        Assert.Null(ResultSchema.Find(result!));
    }

    public static TheoryData<string, Action<JsonNode>> Faults => new()
    {
        { "key 'image' is missing", j => j.AsObject().Remove("image") },
        { "key 'image' is missing", j => j["image"]!.AsObject().Remove("width") },
        { "key 'model' is missing", j => j["model"]!["sha256"] = null },
        { "key 'annotations' is missing", j => j["annotations"] = null },
        { "annotations has a value of the wrong kind", j => j["annotations"] = "none" },
        { "annotations[1].area has a value of the wrong kind", j => Mask(j, 1)["area"] = "much" },
        { "annotations[0].whole.score has a value of the wrong kind", j => Mask(j, 0)["whole"]!["score"] = true },
        { "image.width has a value of the wrong kind", j => j["image"]!["width"] = 6.5 },
        { "mask 1: it is null", j => j["annotations"]![0] = null },
        { "mask 2: its id is 3", j => Mask(j, 1)["id"] = 3 },
        { "mask 2: key 'id' is missing", j => Mask(j, 1).AsObject().Remove("id") },
        { "mask 1: it is 4 x 6, the image 6 x 4", j => Mask(j, 0)["segmentation"]!["size"] = new JsonArray(6, 4) },
        { "mask 1: Size is [4]; [height, width] is expected", j => Mask(j, 0)["segmentation"]!["size"] = new JsonArray(4) },
        { "mask 2: Key 'counts' is missing", j => Mask(j, 1)["segmentation"]!.AsObject().Remove("counts") },
        { "mask 2: its area is 2, its runs have 1", j => Mask(j, 1)["area"] = 2 },
        { "mask 1: its box is [1, 0, 3, 4], its runs have [1, 0, 3, 3]", j => Mask(j, 0)["bbox"] = new JsonArray(1, 0, 3, 4) },
        { "mask 2: its level_index is 5, without a level", j => Mask(j, 1)["level_index"] = 5 },
        { "mask 1: its stability_score is 1.5", j => Mask(j, 0)["stability_score"] = 1.5 },
        { "mask 1: its prompt is -1", j => Mask(j, 0)["prompt"] = -1 },
        { "mask 2: its parent is 3", j => Mask(j, 1)["parent"] = 3 },
        { "mask 2: its parent is 2", j => Mask(j, 1)["parent"] = 2 },
        { "its parents lead back to itself", j => Mask(j, 0)["parent"] = 2 },
    };

    private static JsonNode Mask(JsonNode json, int index) => json["annotations"]![index]!;

    [Theory]
    [MemberData(nameof(Faults))]
    public void Schema_Damaged_SaysWhatAndWhere(string expected, Action<JsonNode> damage)
    {
        var json = JsonNode.Parse(Text())!;
        damage(json);
        var result = ResultSchema.Read(Encoding.UTF8.GetBytes(json.ToJsonString()), out string? fault);
        Assert.Contains(expected, fault ?? ResultSchema.Find(result!));
    }

    [Fact]
    public void Schema_CutAnywhereOrFollowedBySomething_IsNotJson()
    {
        byte[] text = Encoding.UTF8.GetBytes(Text());
        for (int length = 0; length < text.Length; length += 11)
        {
            Assert.Null(ResultSchema.Read(text.AsSpan(0, length), out string? fault));
            Assert.StartsWith("it is not valid JSON", fault);
        }
        Assert.Null(ResultSchema.Read([.. text, .. "{}"u8], out _));
        Assert.NotNull(ResultSchema.Read([.. text, (byte)'\n'], out _));
    }

    [Theory]
    [InlineData("\"area\":1", "\"area\":\"x\"", "annotation 2: area has a value of the wrong kind")]
    [InlineData("\"point_coords\":[[4.5,6]]", "\"point_coords\":[[4.5]]", "annotation 2: point_coords has to be [[x, y]]")]
    [InlineData("{\"label\":\"wheel\",\"score\":null}", "{\"score\":1}", "annotation 2: a name without its key 'label'")]
    public void Read_OneBadMask_IsReportedAndTheOthersStay(string from, string to, string message)
    {
        string text = Text();
        Assert.Contains(from, text);
        var problems = new List<FormatProblem>();
        using var reader = AnnotationFiles.Open(_folder.Write("r.json", Encoding.UTF8.GetBytes(text.Replace(from, to))), null,
            new() { Problem = problems.Add });
        Assert.Equal(Results[0].Mask, Assert.Single(Assert.Single(reader.Read()).Annotations).Mask);
        Assert.Contains(message, Assert.Single(problems).ToString());
        Assert.Equal(FormatOutcome.LeftOut, problems[0].Outcome);
    }
}
