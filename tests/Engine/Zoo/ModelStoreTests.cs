using SemanticSam.Engine.Zoo;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Zoo;

public sealed class ModelStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ModelStore _store;

    public ModelStoreTests()
    {
        Directory.CreateDirectory(_folder.File("a"));
        Directory.CreateDirectory(_folder.File("cache"));
        Directory.CreateDirectory(_folder.File("a/own"));
        _store = new(new([_folder.File("a"), _folder.File("cache"), _folder.File("absent")], _folder.File("cache")));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Models_OfTheCatalog_AreWellFormed()
    {
        Assert.Equal(ModelCatalog.Models.Count, ModelCatalog.Models.Select(m => m.Name).Distinct().Count());
        foreach (var model in ModelCatalog.Models)
        {
            Assert.Equal(model.Name.ToLowerInvariant(), model.Name);
            Assert.True(model.Address is null
                || (model.Address.Scheme == "https" && model.Address.AbsolutePath.EndsWith(model.FileName, StringComparison.Ordinal)));
            Assert.True(model.Sha256 is null || (model.Sha256.Length == 64 && model.Sha256.All(c => char.IsAsciiDigit(c) || c is >= 'a' and <= 'f')));
            Assert.Equal(model.Embedded, model.Name == ModelCatalog.DefaultName);
        }
    }

    [Fact]
    public void Resolve_KnownName_FindsTheFirstFolderThatHasIt()
    {
        _folder.Write("cache/mobile_sam.pt", [1]);
        Assert.Equal(_folder.File("cache/mobile_sam.pt"), _store.Resolve("mobile-sam"));
        _folder.Write("a/mobile_sam.pt", [1]);
        Assert.Equal(_folder.File("a/mobile_sam.pt"), _store.Resolve("Mobile-SAM"));
    }

    [Fact]
    public void Resolve_PathOrFileName_FindsIt()
    {
        _folder.Write("cache/mine.pth", [1]);
        Assert.Equal(_folder.File("cache/mine.pth"), _store.Resolve("mine.pth"));
        Assert.Equal(_folder.File("cache/mine.pth"), _store.Resolve(_folder.File("cache/mine.pth")));
    }

    [Fact]
    public void Resolve_Absent_SaysWhereToPutTheFile()
    {
        var absent = Assert.Throws<ModelNotFoundException>(() => _store.Resolve("sam-vit-b"));
        Assert.Equal(ModelCatalog.Find("sam-vit-b"), absent.Model);
        Assert.Contains(_folder.File("cache/sam_vit_b_01ec64.pth"), absent.Message);
        Assert.Contains(absent.Model!.Address!.ToString(), absent.Message);
        Assert.DoesNotContain("semsam models", absent.Message); // the command line adds its own hint
        Assert.Contains("sam-vit-b", Assert.Throws<ModelNotFoundException>(() => _store.Resolve("no-such-model")).Message);
        Assert.Throws<ModelNotFoundException>(() => _store.Resolve("../cache/none.pth"));
    }

    [Fact]
    public void Scan_Folders_ListsKnownAndOtherModelFiles()
    {
        _folder.Write("a/mobile_sam.pt", [1, 2]);
        _folder.Write("cache/mine.safetensors", [1]);
        _folder.Write("cache/notes.txt", [1]);
        _folder.Write("cache/.sam_vit_b_01ec64.pth.part", [1]);
        _folder.Write("a/own/config.json", [1]);
        _folder.Write("a/own/model.safetensors", [1, 2, 3]);
        Assert.Equal([("mobile_sam.pt", 2L, "mobile-sam"), ("own", 3L, null), ("mine.safetensors", 1L, null)],
            _store.Scan().Select(f => (Path.GetFileName(f.Path), f.Size, f.Known?.Name)));
        Assert.Equal(_folder.File("a/own"), _store.Resolve("own"));
        Assert.Contains("embedded", Assert.Throws<ModelNotFoundException>(() => _store.Resolve(ModelCatalog.DefaultName)).Message);
    }
}
