using System.Text;
using SemanticSam.Formats;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>COCO's run lengths as scripts write them that mistook order or type: an image of 20 x 10, the mask the rectangle [2, 3, 6, 4].</summary>
public sealed class RunLengthsTests : DialectFolder
{
    private const string Box = "\"bbox\": [2, 3, 6, 4]";

    private static readonly Rle Mask = Rle.FromBox(10, 20, new(2, 3, 8, 7)), Turned = Rle.FromBox(20, 10, new(3, 2, 7, 8));

    private static string Numbers(Rle mask) => $"[{string.Join(", ", mask.Counts.ToArray())}]";

    private static string Text(Rle mask) => $"\"{mask.ToCompressedString().Replace("\\", "\\\\")}\"";

    private static string Runs(string size, string counts) => $"{{\"size\": {size}, \"counts\": {counts}}}";

    private (string[] Images, List<FormatProblem> Problems) ReadSet(string segmentation, string box = Box)
    {
        string path = Write("in.json", $"{{\"images\": [{{\"id\": 1, \"file_name\": \"a.jpg\", \"width\": 20, \"height\": 10}}], "
            + $"\"annotations\": [{{\"id\": 1, \"image_id\": 1, \"category_id\": 1, "
            + $"\"segmentation\": {segmentation}, {box}}}], "
            + $"\"categories\": [{{\"id\": 1, \"name\": \"cat\"}}]}}");
        return Read(path);
    }

    private void IsRead(string segmentation, string? done, string box = Box)
    {
        var (images, problems) = ReadSet(segmentation, box);
        Assert.Equal(["a.jpg 20x10: cat 24 [2,3,6,4]"], images);
        if (done is null) Assert.Empty(problems);
        else
        {
            Assert.Equal((FormatOutcome.Repaired, done), Assert.Single(problems) is var p ? (p.Outcome, p.Done) : default);
            Strict(Folder.File("in.json"));
        }
    }

    [Fact]
    public void ByTheRules_IsReadWithoutAWord()
    {
        IsRead(Runs("[10, 20]", Numbers(Mask)), null);
        IsRead(Runs("[10, 20]", Text(Mask)), null);
        IsRead(Runs("[10, 20]", Numbers(Mask)), null, "\"bbox\": [1, 1, 18, 8]"); // far from the box, but nothing else is at it
        IsRead(Runs("[10, 20]", Numbers(Mask)), null, "\"x\": 0");
        // So small that the box, which some count to the last pixel, fits another reading as well.
        Assert.Empty(ReadSet(Runs("[10, 20]", Numbers(Rle.FromBox(10, 20, new(3, 2, 4, 4)))), "\"bbox\": [2, 3, 1, 1]").Problems);
    }

    /// <summary>width, height in the size: of the mask as it is, or of the mask turned over its diagonal.</summary>
    [Fact]
    public void SizeTheOtherWayRound_IsDecidedByTheBox()
    {
        const string other = "the size is taken the other way round, as its box says", turned = "it is turned, as its box says";
        IsRead(Runs("[20, 10]", Numbers(Mask)), other);
        IsRead(Runs("[20, 10]", Text(Mask)), other);
        IsRead(Runs("[20, 10]", Numbers(Turned)), turned);
        IsRead(Runs("[20, 10]", Text(Turned)), turned);
        IsRead(Runs("[20, 10]", Text(Turned)), turned, "\"bbox\": [8, 7, -6, -4]"); // whichever way it was drawn
        foreach (string box in (string[])["\"x\": 0", "\"bbox\": [0, 0, 20, 10]", "\"bbox\": null"])
        {
            var (images, problems) = ReadSet(Runs("[20, 10]", Numbers(Mask)), box);
            Assert.Equal(["a.jpg 20x10: "], images);
            Assert.Contains("20 x 10, but its image is 10 x 20 (height x width): the sides were exchanged", Assert.Single(problems).What);
        }
    }

    [Fact]
    public void RunsAlongRows_AreFoundByTheBox() => IsRead(Runs("[10, 20]", Numbers(Turned)), "they are taken so");

    [Fact]
    public void LastRunMissing_IsOutside()
    {
        const string done = "the rest is outside, as its box says";
        int[] counts = Mask.Counts.ToArray();
        IsRead(Runs("[10, 20]", $"[{string.Join(", ", counts[..^1])}]"), done);
        IsRead(Runs("[10, 20]", $"[{string.Join(", ", counts[..^1])}, 5]"), done);
        Assert.Equal(["a.jpg 20x10: "], ReadSet(Runs("[10, 20]", $"[{string.Join(", ", counts[..^1])}]"), "\"x\": 0").Images);
        Assert.Equal(["a.jpg 20x10: "], ReadSet(Runs("[10, 20]", $"[{string.Join(", ", counts[..^5])}]")).Images); // the box says more
    }

    [Fact]
    public void TextOfBytes_IsWhatTheyHold()
    {
        const string done = "what it holds is taken";
        string text = Mask.ToCompressedString();
        IsRead(Runs("[10, 20]", $"\"b'{text.Replace("\\", "\\\\\\\\")}'\""), "what they hold is taken");
        IsRead(Runs("[10, 20]", $"\"{Convert.ToBase64String(Encoding.ASCII.GetBytes(text))}\""), done);
    }

    /// <summary>COCO-Stuff 10k.</summary>
    [Fact]
    public void RunsInAList_AreOneMask()
    {
        Rle left = Rle.FromBox(10, 20, new(2, 3, 4, 7)), right = Rle.FromBox(10, 20, new(4, 3, 8, 7));
        IsRead($"[{Runs("[10, 20]", Numbers(left))}, {Runs("[10, 20]", Text(right))}]", null, "\"bbox\": [[2, 3, 6, 4]]");
        IsRead($"[{Runs("[10, 20]", Numbers(Mask))}, {Runs("[10, 20]", "[3]")}]", "that piece is left out");
        Assert.Equal(["a.jpg 20x10: "], ReadSet($"[{Runs("[10, 20]", "[3]")}]").Images);
    }

    [Fact]
    public void SizeMissing_IsTheImages() => IsRead($"{{\"counts\": {Numbers(Mask)}}}", "the image's size is taken");
}
