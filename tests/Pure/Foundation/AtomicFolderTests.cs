using SemanticSam.Foundation;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Foundation;

public sealed class AtomicFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_FolderThatHoldsMore_ReplacesItsOwnFilesAndKeepsTheOthers()
    {
        string folder = _folder.File("model");
        _folder.Write("model/config.json", "old"u8.ToArray());
        _folder.Write("model/notes.txt", "mine"u8.ToArray());
        _folder.Write("model/photos/a.jpg", "photo"u8.ToArray());
        AtomicFolder.Write(folder, to => File.WriteAllText(Path.Combine(to, "config.json"), "new"));
        Assert.Equal("new", File.ReadAllText(Path.Combine(folder, "config.json")));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(folder, "notes.txt")));
        Assert.Equal("photo", File.ReadAllText(Path.Combine(folder, "photos/a.jpg")));
        Assert.Equal([folder], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Write_FolderThatIsALink_TakesItsPlaceAndLeavesWhatItLedTo()
    {
        _folder.Write("elsewhere/notes.txt", "mine"u8.ToArray());
        string folder = _folder.File("model");
        Directory.CreateSymbolicLink(folder, _folder.File("elsewhere"));
        AtomicFolder.Write(folder, to => File.WriteAllText(Path.Combine(to, "config.json"), "new"));
        Assert.Equal("mine", File.ReadAllText(_folder.File("elsewhere/notes.txt")));
        Assert.False(File.Exists(_folder.File("elsewhere/config.json")));
        Assert.Equal("new", File.ReadAllText(Path.Combine(folder, "config.json")));
    }

    [Fact]
    public void Write_Fails_LeavesWhatWasThereAndNothingElse()
    {
        _folder.Write("model/config.json", "old"u8.ToArray());
        Assert.Throws<InvalidOperationException>(() => AtomicFolder.Write(_folder.File("model"), to =>
        {
            File.WriteAllText(Path.Combine(to, "config.json"), "new");
            throw new InvalidOperationException();
        }));
        Assert.Equal("old", File.ReadAllText(_folder.File("model/config.json")));
        Assert.Equal([_folder.File("model")], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Write_DiskIsFull_NamesTheFolderAndNotTheTemporaryOne()
    {
        var e = Assert.Throws<CannotWriteException>(() => AtomicFolder.Write(_folder.File("model"),
            to => throw new IOException($"No space left on device : '{to}/config.json'", 28)));
        Assert.StartsWith($"{_folder.File("model")}: the disk is full", e.Message);
        Assert.DoesNotContain(".tmp", e.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("file", "there is a file of that name")]
    [InlineData("file/below", "'file', which it needs as a folder, is a file")]
    public void Require_WhatCannotBeMade_SaysWhyWithoutTemporaryNames(string name, string why)
    {
        _folder.Write("file", [1]);
        var e = Assert.ThrowsAny<CannotWriteException>(() => AtomicFolder.Require(_folder.File(name)));
        Assert.Contains(why, e.Message);
        Assert.DoesNotContain(".tmp", e.Message);
        AtomicFolder.Require(_folder.File("new"));
        Assert.Equal([_folder.File("file")], Directory.EnumerateFileSystemEntries(_folder.Path));
    }
}
