using SemanticSam.Formats;
using SemanticSam.Tests.Pure.Formats.Dialects;

namespace SemanticSam.Tests.Pure.Formats;

public sealed class ProblemGroupsTests : DialectFolder
{
    [Fact]
    public void Add_ThousandsOfOneKind_ShowsFiveAndCountsTheRest()
    {
        var groups = new ProblemGroups();
        int shown = Enumerable.Range(0, 5000).Count(
            i => groups.Add(new("a.json", $"annotation {i}", $"segmentation[{i % 3}] has {i} numbers, here is '{i}'", FormatOutcome.LeftOut, "left out")));
        Assert.Equal((5, 5000, 5000, true), (shown, groups.Count, groups.Losses, groups.IsCut));
        Assert.Equal(["... and 4,995 more: segmentation… has … numbers, here is …; left out."], groups.Rest());
    }

    [Fact]
    public void Add_ManyKinds_StaysShort()
    {
        var groups = new ProblemGroups();
        int shown = 0;
        for (int i = 0; i < 5000; i++)
            if (groups.Add(new("a.json", "", $"fault of kind {(char)('a' + i % 26)}", FormatOutcome.Repaired, "mended"))) shown++;
        Assert.InRange(shown + groups.Rest().Count(), 20, 35);
        Assert.Equal((0, 5000), (groups.Losses, groups[FormatOutcome.Repaired]));
    }

    /// <summary>What one reader says of one fault is one kind, whatever it names.</summary>
    [Theory]
    [InlineData("it says that its image is 30 x 20, but the image is 60 x 40", "it says that its image is 5 x 7, but the image is 1 x 4")]
    [InlineData("the image's name 'D:\\a.jpg' is not a path", "the image's name '..\\b' is not a path")]
    [InlineData("segmentation.size is [9, 7], [height, width] is expected", "segmentation.size is [1, 2, 3], [height, width] is expected")]
    [InlineData("there is no image train/a-1.jpg, .png", "there is no image b.c/d.jpg, .png")]
    public void KindOf_OtherValues_IsTheSame(string one, string other) =>
        Assert.Equal(ProblemGroups.KindOf(new("a", "", one, FormatOutcome.Kept, "x")), ProblemGroups.KindOf(new("b", "", other, FormatOutcome.Kept, "x")));

    [Fact]
    public void Recognize_FormatsThatAreNotRead_AreNamed()
    {
        foreach (var (text, what) in new[]
        {
            ("<annotation><object><bndbox/></object></annotation>", "Pascal VOC"), ("{\"_via_img_metadata\": {}}", "VGG Image Annotator"),
            ("{\"type\": \"FeatureCollection\"}", "GeoJSON"),
        })
            Assert.Contains(what, Assert.Throws<AnnotationFileException>(() => AnnotationFiles.Recognize(Write("x.json", text))).Message);
        Assert.Contains("not valid JSON", Assert.Throws<AnnotationFileException>(() => AnnotationFiles.Recognize(Write("x.json", "{\"a\": nul}"))).Message);
    }
}
