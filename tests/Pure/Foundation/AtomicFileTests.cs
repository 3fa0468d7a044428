using SemanticSam.Foundation;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Foundation;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WriteTogether_AllGoesWell_GivesAllFilesAndNothingElse()
    {
        File.WriteAllText(_folder.File("a"), "old");
        AtomicFile.WriteTogether([(_folder.File("a"), [1, 2]), (_folder.File("b"), [3])]);
        Assert.Equal([1, 2], File.ReadAllBytes(_folder.File("a")));
        Assert.Equal([3], File.ReadAllBytes(_folder.File("b")));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    [Fact]
    public void WriteTogether_DiskFillsUpAtTheSecond_LeavesNeither()
    {
        int opened = 0;
        var error = Assert.Throws<CannotWriteException>(() => AtomicFile.WriteTogether([(_folder.File("a"), [1, 2]), (_folder.File("b"), [3])],
            path => ++opened == 2 ? new FullStream(path) : File.Create(path)));
        Assert.Contains("b: the disk is full", error.Message);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void WriteTogether_SecondNameIsAFolder_KeepsWhatWasThere()
    {
        File.WriteAllText(_folder.File("a"), "old");
        Directory.CreateDirectory(_folder.File("b"));
        var error = Assert.Throws<UnusableNameException>(() => AtomicFile.WriteTogether([(_folder.File("a"), [1, 2]), (_folder.File("b"), [3])]));
        Assert.Contains("there is a folder of that name", error.Message);
        Assert.Equal("old", File.ReadAllText(_folder.File("a")));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    [Theory]
    [InlineData(nameof(Durability.OnDisk))]
    [InlineData(nameof(Durability.Cached))]
    public void Write_ExistingFile_IsReplacedAsAWhole(string durability)
    {
        File.WriteAllText(_folder.File("a"), "much longer than the new content");
        AtomicFile.Write(_folder.File("a"), [1, 2], Enum.Parse<Durability>(durability));
        Assert.Equal([1, 2], File.ReadAllBytes(_folder.File("a")));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Write_DiskFillsUp_SaysTheRoomAndKeepsTheOldFile()
    {
        File.WriteAllText(_folder.File("a"), "old");
        var error = Assert.Throws<CannotWriteException>(() => AtomicFile.Write(_folder.File("a"), new byte[2000], open: path => new FullStream(path)));
        Assert.Contains("a: the disk is full; 2.0 kB were to be written.", error.Message);
        Assert.Equal("old", File.ReadAllText(_folder.File("a")));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Write_ContentThrows_LeavesNothingAndPassesItOn()
    {
        Assert.Throws<InvalidDataException>(() => AtomicFile.Write(_folder.File("a"), 10, stream =>
        {
            stream.WriteByte(1);
            throw new InvalidDataException();
        }));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Commit_FolderRemovedMeanwhile_SaysSo(bool wholeFolder)
    {
        Skip.If(OperatingSystem.IsWindows(), "open files cannot be taken away there");
        using var file = new AtomicFile(_folder.File("x/a"));
        file.Put([1, 2]);
        if (wholeFolder) Directory.Delete(_folder.File("x"), recursive: true);
        else File.Delete(Assert.Single(Directory.GetFiles(_folder.File("x"))));
        string message = Assert.Throws<CannotWriteException>(() => file.Commit()).Message;
        Assert.StartsWith(_folder.File("x/a"), message);
        Assert.Contains("was removed meanwhile", message);
        Assert.DoesNotContain("Could not find", message);
    }

    /// <summary>A file that the content is read from is another matter.</summary>
    [Fact]
    public void Put_SourceThatIsMissing_IsNotTakenForAFolderThatWasRemoved()
    {
        using var file = new AtomicFile(_folder.File("a"));
        Assert.DoesNotContain("removed", Assert.Throws<CannotWriteException>(() => file.Put(_ => File.ReadAllBytes(_folder.File("none")))).Message);
    }

    [Fact]
    public void Instance_NotCommitted_LeavesNothing()
    {
        using (var file = new AtomicFile(_folder.File("x/a")))
        {
            file.Stream.WriteByte(1);
            string temporary = Assert.Single(Directory.GetFiles(_folder.File("x")));
            Assert.True(AtomicFile.IsTemporary(temporary));
        }
        Assert.Empty(Directory.GetFileSystemEntries(_folder.File("x")));
        using (var file = new AtomicFile(_folder.File("x/a")))
        {
            file.Stream.WriteByte(1);
            file.Commit();
        }
        Assert.Equal([1], File.ReadAllBytes(_folder.File("x/a")));
        Assert.Single(Directory.GetFileSystemEntries(_folder.File("x")));
    }

    /// <summary>A rename would put a file in the place of /dev/null, for whoever may do that.</summary>
    [SkippableFact]
    public void Write_NameOfAPipeOrAStream_LeavesItAlone()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pipes, and streams as files");
        using (var made = System.Diagnostics.Process.Start("mkfifo", _folder.File("pipe"))!) made.WaitForExit();
        File.CreateSymbolicLink(_folder.File("null"), "/dev/null");
        File.CreateSymbolicLink(_folder.File("stdout"), "/proc/self/fd/1");
        foreach (string name in (string[])["pipe", "null", "stdout"])
            Assert.Contains("a pipe, a socket or a device",
                Assert.Throws<UnusableNameException>(() => AtomicFile.Write(_folder.File(name), [1])).Message);
        Assert.Equal(FileKind.Special, FileKinds.Of(_folder.File("pipe")));
        Assert.Equal("/proc/self/fd/1", new FileInfo(_folder.File("stdout")).LinkTarget);
        Assert.Equal(3, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    [SkippableFact]
    public void OpenGrowing_PipeOrLink_IsRefused()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pipes and links");
        using (var made = System.Diagnostics.Process.Start("mkfifo", _folder.File("pipe"))!) made.WaitForExit();
        File.WriteAllText(_folder.File("theirs"), "x");
        File.CreateSymbolicLink(_folder.File("link"), "theirs");
        foreach (var access in (FileAccess[])[FileAccess.Write, FileAccess.ReadWrite])
        {
            foreach (string name in (string[])["pipe", "link"])
                Assert.Throws<IOException>(() => RegularFile.OpenGrowing(_folder.File(name), access).Dispose());
            using var file = RegularFile.OpenGrowing(_folder.File("own"), access);
            file.Position = file.Length;
            file.Write([1, 2]);
        }
        Assert.Equal("x", File.ReadAllText(_folder.File("theirs")));
        Assert.Equal(4, new FileInfo(_folder.File("own")).Length);
    }

    [Fact]
    public void Write_LongestNameOfAFile_IsPossible()
    {
        string path = _folder.File(new string('n', 255));
        AtomicFile.Write(path, [1], Durability.Cached);
        Assert.True(File.Exists(path));
    }

    /// <summary>A file on a disk that has no room: what Linux answers then is error 28.</summary>
    private sealed class FullStream(string path) : FileStream(path, FileMode.Create)
    {
        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("No space left on device", 28);

        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("No space left on device", 28);
    }
}
