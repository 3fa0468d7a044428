using SemanticSam.Engine.Batch;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Batch;

public sealed class InputCollectorTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Touch(string name)
    {
        string path = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, [1]);
        return path;
    }

    private BatchInput Collect(string? except, params string[] words)
    {
        var collector = new InputCollector(except);
        foreach (string word in words) collector.Add(word.Replace("~", _folder.Path));
        return collector.ToInput();
    }

    private static string[] Keys(BatchInput input) => [.. input.Items.Select(i => i.Key)];

    [Fact]
    public void Folder_WithFolders_GivesImagesInOrderWithTheirFolders()
    {
        foreach (string name in new[] { "in/b/a.jpg", "in/a/a.JPG", "in/c.webp", "in/a.png", "in/notes.txt", "in/.hidden.jpg", "in/.trash/x.jpg" }) Touch(name);
        var input = Collect(null, "~/in");
        Assert.Equal(["a.png", "a/a.JPG", "b/a.jpg", "c.webp"], Keys(input));
        Assert.Equal(_folder.File("in"), input.Root);
        Assert.All(input.Items, i => Assert.True(File.Exists(input.PathOf(i))));
    }

    /// <summary>Images without an ending are known by their content; those that end as something else are named, and nothing else is.</summary>
    [Fact]
    public void Folder_WithImagesUnderOtherNames_TakesThoseWithoutAnEndingAndNamesTheRest()
    {
        var image = new RgbImage(8, 6);
        byte[] jpeg = ImageEncoder.Jpeg(image), png = ImageEncoder.Png(image);
        Write("in/0a1b2c", jpeg);
        Write("in/sub/hash", png);
        Write("in/photo.jpg.part", jpeg);
        Write("in/holiday.2024", png);
        Write("in/labels.txt", jpeg); // not looked into
        Write("in/LICENSE", "BM Corporation grants that whoever has a copy of this file may read it, and all that follows here"u8.ToArray());
        Write("in/half", jpeg[..40]);
        Write("in/empty", []);
        var collector = new InputCollector();
        collector.Add(_folder.File("in"));
        Assert.Equal(["0a1b2c", "half", "sub/hash"], Keys(collector.ToInput())); // half a file fails where it is read, with an error of its own
        Assert.Equal(["holiday.2024", "photo.jpg.part"], collector.OtherEndings.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Empty(collector.PassedOver);

        Write("only/photo.jpg.part", jpeg);
        Assert.Contains("photo.jpg.part: rename", Assert.Throws<BatchException>(() => Collect(null, "~/only")).Message);
    }

    private void Write(string name, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        File.WriteAllBytes(_folder.File(name), content);
    }

    [Fact]
    public void Folder_ThatHoldsTheResults_LeavesThemOut()
    {
        Touch("in/a.png");
        Touch("in/out/overlays/a.png.png");
        Assert.Equal(["a.png"], Keys(Collect(_folder.File("in/out") + "/", "~/in")));
    }

    [Fact]
    public void TwoFolders_WithTheSameNames_KeepThemApart()
    {
        Touch("in/x/a.jpg");
        Touch("in/y/a.jpg");
        var input = Collect(null, "~/in/x", "~/in/y");
        Assert.Equal(["x/a.jpg", "y/a.jpg"], Keys(input));
        Assert.Equal(_folder.File("in"), input.Root);
    }

    [Fact]
    public void Words_ThatNameOneImageTwice_GiveItOnce()
    {
        Touch("in/a.jpg");
        Touch("in/b.jpg");
        Assert.Equal(["a.jpg", "b.jpg"], Keys(Collect(null, "~/in", "~/in/a.jpg", "~/in/*.jpg")));
    }

    /// <summary>Pages of a file are images of their own; a file whose name looks so is meant itself.</summary>
    [Fact]
    public void Words_ThatNamePages_GiveEachItsKey()
    {
        Touch("in/scan.tif");
        Touch("in/odd.tif#page=7");
        Assert.False(InputCollector.IsMany(_folder.File("in/scan.tif#page=2")));
        Assert.Equal(["odd.tif#page=7", "scan.tif#page=1", "scan.tif#page=2"],
            Keys(Collect(null, "~/in/scan.tif#page=2", "~/in/odd.tif#page=7", "~/in/scan.tif#page=1")));
        Assert.Throws<BatchException>(() => Collect(null, "~/in/none.tif#page=2"));
    }

    [Fact]
    public void Pattern_WithStars_GivesImagesOnly()
    {
        foreach (string name in new[] { "in/a.jpg", "in/a.txt", "in/x/b.jpg", "in/x/c.png" }) Touch(name);
        Assert.Equal(["a.jpg"], Keys(Collect(null, "~/in/a*")));
        Assert.Equal(["a.jpg", "x/b.jpg"], Keys(Collect(null, "~/in/**/*.jpg")));
    }

    [Fact]
    public void List_OfPaths_TakesEvenAbsentOnesAndPassesOverComments()
    {
        Touch("in/a.jpg");
        File.WriteAllText(_folder.File("in/list.txt"), $"# a comment\n\n  a.jpg \r\nmissing.jpg\n{_folder.File("in/sub/b.data")}\n");
        Assert.Equal(["a.jpg", "missing.jpg", "sub/b.data"], Keys(Collect(null, "@~/in/list.txt")));
    }

    [Fact]
    public void Link_ThatLeadsBackUp_IsNotFollowedForEver()
    {
        Touch("in/sub/a.jpg");
        Directory.CreateSymbolicLink(_folder.File("in/sub/up"), _folder.File("in"));
        Touch("elsewhere/b.jpg");
        Directory.CreateSymbolicLink(_folder.File("in/other"), _folder.File("elsewhere"));
        Assert.Equal(["other/b.jpg", "sub/a.jpg"], Keys(Collect(null, "~/in")));
    }

    [Theory]
    [InlineData("~/absent", "absent")]
    [InlineData("~/in/*.webp", "*.webp")]
    [InlineData("~/nowhere/*.jpg", "nowhere")]
    [InlineData("@~/absent.txt", "absent.txt")]
    [InlineData("@~/empty.txt", "empty.txt")]
    [InlineData("~/void", "void")]
    public void Add_Nothing_SaysWhat(string word, string named)
    {
        Touch("in/a.jpg");
        File.WriteAllText(_folder.File("empty.txt"), "\n# nothing\n");
        Directory.CreateDirectory(_folder.File("void"));
        Assert.Contains(named, Assert.Throws<BatchException>(() => Collect(null, word)).Message);
    }

    [Fact]
    public void Prompts_OfOneImage_AreNumbered()
    {
        string a = Touch("in/a.jpg"), b = Touch("in/sub/b.jpg");
        var input = InputCollector.OfPrompts([("1", a), ("2", b), ("3", a), ("4", a)]);
        Assert.Equal(["a.jpg", "sub/b.jpg", "a.jpg#2", "a.jpg#3"], Keys(input));
        Assert.Equal(["1", "2", "3", "4"], input.Items.Select(i => i.Prompt));
    }

    [Fact]
    public void InputList_OfAnyNames_GoesRound()
    {
        BatchItem[] items = [new("a \"b\".jpg"), new("\u00e9\U0001F418/x.png"), new("a.jpg#2", "a.jpg", """{"image": "a.jpg"}"""), new("line\nbreak.jpg")];
        Assert.Equal(items, InputList.Read(InputList.Write(items), "inputs.jsonl"));
    }
}
