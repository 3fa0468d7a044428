using System.Diagnostics;
using SemanticSam.Foundation;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Foundation;

public sealed class FolderTreeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string[] Walk(FolderTreeOptions? options = null) =>
        [.. FolderTree.Files(_folder.Path, options).Select(f => Path.GetRelativePath(_folder.Path, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    private void Put(params string[] names)
    {
        foreach (string name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
            File.WriteAllText(_folder.File(name), "");
        }
    }

    [SkippableFact]
    public void Files_LinksThatLoopAndMultiply_EachFolderOnce()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a privilege there");
        Put("a/1", "b/2", ".hidden/3", "a/.4");
        for (int i = 0; i < 5; i++) Directory.CreateSymbolicLink(_folder.File($"a/l{i}"), ".");
        Directory.CreateSymbolicLink(_folder.File("0"), "a"); // a link that comes first by name: the folder's own path counts
        Directory.CreateSymbolicLink(_folder.File("b/up"), "..");
        Assert.Equal(["a/1", "b/2"], Walk());
        Assert.Equal(["a/1", "b/2"], Walk(new() { FollowsLinks = false }));
        Assert.Equal([".hidden/3", "a/.4", "a/1", "b/2"], Walk(new() { SkipsHidden = false }));
        Assert.Equal(["a/1"], Walk(new() { Except = _folder.File("b") }));
        Assert.Empty(Walk(new() { Deep = false }));
    }

    [SkippableFact]
    public void Files_LevelsOfTwoLinksEach_TakesNoTime()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a privilege there");
        string elsewhere = _folder.File("elsewhere");
        for (int level = 0; level < 24; level++)
        {
            Directory.CreateDirectory(_folder.File($"n{level}"));
            foreach (string side in new[] { "x", "y" })
                Directory.CreateSymbolicLink(_folder.File($"n{level}/{side}"), level == 23 ? elsewhere : $"../n{level + 1}");
        }
        Put("elsewhere/1");
        var watch = Stopwatch.StartNew();
        Assert.Equal(["elsewhere/1"], Walk());
        Assert.True(watch.Elapsed.TotalSeconds < 2);
    }

    [SkippableFact]
    public void Files_FolderThatOnlyALinkLeadsTo_IsEntered()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a privilege there");
        using var other = new TempFolder();
        File.WriteAllText(other.File("1"), "");
        Directory.CreateSymbolicLink(_folder.File("z"), other.Path);
        Directory.CreateSymbolicLink(_folder.File("y"), other.Path);
        Assert.Equal(["y/1"], Walk());
        Assert.Empty(Walk(new() { FollowsLinks = false }));
    }

    [SkippableFact]
    public void Kinds_PipeAndDevice_AreNoFilesAndRefused()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "made by a command of Linux");
        using (var made = Process.Start("mkfifo", _folder.File("pipe"))!) made.WaitForExit();
        Put("file");
        Assert.Equal((FileKind.Special, FileKind.Special, FileKind.Regular, FileKind.Folder, FileKind.Unknown),
            (FileKinds.Of(_folder.File("pipe")), FileKinds.Of("/dev/zero"), FileKinds.Of(_folder.File("file")), FileKinds.Of(_folder.Path),
            FileKinds.Of(_folder.File("none"))));
        foreach (string path in new[] { _folder.File("pipe"), "/dev/zero" })
        {
            Assert.Contains("a pipe, a socket or a device", Assert.Throws<UnusableFileException>(() => RegularFile.OpenRead(path)).Message);
            Assert.Throws<UnusableFileException>(() => FileHash.Sha256(path));
        }
        Assert.Throws<FileNotFoundException>(() => RegularFile.OpenRead(_folder.File("none")));
        File.WriteAllText(_folder.File("file"), "12345");
        Assert.Equal("12345", RegularFile.ReadAllText(_folder.File("file"), 5));
        Assert.Contains("at most 4", Assert.Throws<UnusableFileException>(() => RegularFile.ReadAllBytes(_folder.File("file"), 4)).Message);
    }

    [Fact]
    public void Identity_TwoNamesOfOneFolder_AreOne()
    {
        if (FileKinds.Identity(_folder.Path) is not { } identity) return; // the system does not tell
        Directory.CreateDirectory(_folder.File("a"));
        Assert.Equal(identity, FileKinds.Identity(_folder.File("a/..")));
        Assert.NotEqual(identity, FileKinds.Identity(_folder.File("a")));
    }
}
