using SemanticSam.Formats;
using SemanticSam.Tests.Pure.Formats.Dialects;

namespace SemanticSam.Tests.Pure.Formats.Yolo;

/// <summary>Numbers of tracks, and those of instances, beside outlines: read as corners they spoil these.</summary>
public sealed class YoloTracksTests : DialectFolder
{
    private const string A = "0.1 0.2 0.3 0.2 0.3 0.6 0.2 0.6 0.1 0.6", B = "0.4 0.2 0.6 0.2 0.6 0.6 0.5 0.6 0.4 0.6",
        C = "0.7 0.2 0.9 0.2 0.9 0.6 0.8 0.6 0.7 0.6",
        QuadA = "0.1 0.2 0.3 0.2 0.3 0.6 0.1 0.6", QuadB = "0.4 0.2 0.6 0.2 0.6 0.6 0.4 0.6",
        ReadA = "cat 441 [10,10,21,21]", ReadB = "cat 441 [40,10,21,21]", ReadC = "dog 441 [70,10,21,21]";

    private (string[] Images, List<FormatProblem> Problems) ReadFiles(params string[] files)
    {
        for (int i = 0; i < files.Length; i++)
        {
            Picture($"set/images/{(char)('a' + i)}.png", 100, 50);
            Write($"set/labels/{(char)('a' + i)}.txt", files[i]);
        }
        Write("set/data.yaml", "names: [cat, dog]");
        var (images, problems) = Read(Folder.File("set"));
        return ([.. images.Select(i => i[(i.IndexOf(':') + 2)..])], problems);
    }

    [Theory]
    [InlineData($"0 {A} 0.91 1\n0 {B} 0.9 2\n1 {C} 0.8 14", $"{ReadA} 0.91 | {ReadB} 0.9 | {ReadC} 0.8")]
    [InlineData($"0 {A} 0.91 0\n0 {B} 0.9 1\n1 {C} 1 2", $"{ReadA} 0.91 | {ReadB} 0.9 | {ReadC} 1")]
    [InlineData($"0 {A} 1\n0 {B} 2\n1 {C} 3", $"{ReadA} | {ReadB} | {ReadC}")]
    [InlineData($"0 {QuadA} 0.91 1\n0 {QuadB} 0.9 2", $"{ReadA} 0.91 | {ReadB} 0.9")]
    [InlineData($"0 {QuadB} 0.9 7", $"{ReadB} 0.9")]
    [InlineData($"0 {QuadB} 7", ReadB)]
    [InlineData("0 0.2 0.4 0.2 0.4 0.91 1\n0 0.5 0.4 0.2 0.4 0.9 2", "cat 400 [10,10,20,20] 0.91 | cat 400 [40,10,20,20] 0.9")]
    public void Tracks_BehindOutlines_ArePassedOver(string labels, string expected)
    {
        var (images, problems) = ReadFiles(labels);
        Assert.Equal([expected], images);
        Assert.Equal("it is passed over", Assert.Single(problems).Done);
        Assert.Contains("track", Strict(Folder.File("set")).Message);
    }

    /// <summary>Most frames have the first track alone, and some none.</summary>
    [Fact]
    public void Tracks_OfAVideo_AreToldByAllOfItsFrames()
    {
        var (images, _) = ReadFiles($"0 {A} 0.91 1", $"0 {A} 0.9 1", $"0 {A} 0.8", $"0 {A} 0.7 1\n0 {B} 0.6 2");
        Assert.Equal([$"{ReadA} 0.91", $"{ReadA} 0.9", $"{ReadA} 0.8", $"{ReadA} 0.7 | {ReadB} 0.6"], images);
    }

    [Fact]
    public void Tracks_OneInAllOfAVideo_AreNoCorners()
    {
        var (images, _) = ReadFiles($"0 {A} 0.91 1", $"0 {A} 0.9 1", $"0 {A} 0.85 1");
        Assert.Equal([$"{ReadA} 0.91", $"{ReadA} 0.9", $"{ReadA} 0.85"], images);
    }

    /// <summary>Corners at the edges of images are no tracks, and a confidence may be 1.</summary>
    [Theory]
    [InlineData("0 0.1 0.5 0.5 0.2 0.9 0.5 0.9 1 0.1 1", "0 0.2 0.5 0.5 0.2 0.8 0.5 0.8 1 0.2 1", "0 0.2 0.5 0.5 0.2 0.8 0.5 0.7 1 0.3 1")]
    [InlineData($"0 {A} 1", $"0 {A} 1", $"0 {B} 1")]
    [InlineData($"0 {A} 1\n0 {B} 1", $"0 {A} 0", $"0 {B} 1")]
    [InlineData("0 0.5 0.2 0.9 0.2 0.5 1", "0 0.5 0.3 0.9 0.2 0.7 0.9", "0 0.4 0.4 0.9 0.2 0.5 1")]
    public void Corners_AtTheEdge_AreNoTracks(params string[] files) => Assert.Empty(ReadFiles(files).Problems);

    [Theory]
    [InlineData($"0 0 {A}\n0 1 {B}\n1 2 {C}")]
    [InlineData($"0 1 {A}\n0 2 {B}\n1 3 {C}")]
    [InlineData($"0 0 {A}\n0 1 {B}\n1 0 {C}")] // counted for each class
    public void Instances_BehindTheClass_ArePassedOver(string labels)
    {
        var (images, problems) = ReadFiles(labels);
        Assert.Equal([$"{ReadA} | {ReadB} | {ReadC}"], images);
        Assert.Equal("it is passed over; each line is an object", Assert.Single(problems).Done);
        Assert.Contains("instance", Strict(Folder.File("set")).Message);
    }

    [Fact]
    public void Instances_OneAnImage_ArePassedOver()
    {
        var (images, _) = ReadFiles($"0 0 {A}", $"0 0 {B}", $"0 0 {A}\n1 1 {C}");
        Assert.Equal([ReadA, ReadB, $"{ReadA} | {ReadC}"], images);
    }

    [Theory]
    [InlineData("0 0 0.2 0.3 0.2 0.3 0.6 0 0.6 0.9\n0 0 0.1 0.3 0.2 0.3 0.6 0 0.6 0.8")] // both begin at the left edge
    [InlineData($"0 0 0.2 0.3 0.2 0.3 0.6 0 0.6 0.9\n0 {A} 0.8\n0 {B} 0.7")]
    public void Outlines_FromTheLeftEdge_HaveNoInstances(string labels)
    {
        var (images, problems) = ReadFiles(labels);
        Assert.Empty(problems);
        Assert.Equal(labels.Split('\n').Length, images[0].Split(" 0.").Length - 1);
    }
}
