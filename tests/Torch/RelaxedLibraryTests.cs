using System.Diagnostics;
using SemanticSam.Tests.Support;
using SemanticSam.Torch;
using Xunit.Abstractions;

namespace SemanticSam.Tests.Torch;

public sealed class RelaxedLibraryTests(ITestOutputHelper output) : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Cache => _folder.File("cache");

    public void Dispose() => _folder.Dispose();

    private string Library(string version = "GLIBCXX_3.4.32", string name = "libA.so") =>
        _folder.Write(name, ElfFile.Make(("libstdc++.so.6", [version])).Bytes);

    /// <summary>The file that was to be loaded, as it was then.</summary>
    private static (string Path, byte[] Content) Load(string library, string? cache)
    {
        (string, byte[]) loaded = default;
        Assert.Equal(7, RelaxedLibrary.Load(library, cache, path =>
        {
            loaded = (path, File.ReadAllBytes(path));
            return 7;
        }));
        return loaded;
    }

    private static byte[] Relaxed(string library)
    {
        byte[] content = File.ReadAllBytes(library);
        Assert.True(SymbolVersions.Relax(content));
        return content;
    }

    [Fact]
    public void Load_Demand_KeepsACopyByContent()
    {
        string library = Library();
        byte[] original = File.ReadAllBytes(library);
        var (path, content) = Load(library, Cache);
        Assert.StartsWith(Cache, path);
        Assert.Equal("libA.so", Path.GetFileName(path));
        Assert.Equal(Relaxed(library), content);
        Assert.Equal(original, File.ReadAllBytes(library));
        var written = File.GetLastWriteTimeUtc(path);
        Assert.Equal(path, Load(library, Cache).Path);
        Assert.Equal(written, File.GetLastWriteTimeUtc(path)); // not written again

        File.WriteAllBytes(library, [.. original, 0]); // another release of the library
        var other = Load(library, Cache);
        Assert.NotEqual(path, other.Path);
        Assert.Equal(Relaxed(library), other.Content);
        Assert.Equal(2, Directory.GetFiles(Cache, "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public void Load_DamagedCopyOfTheSameLength_ReplacesIt()
    {
        string library = Library();
        string path = Load(library, Cache).Path;
        byte[] damaged = File.ReadAllBytes(path);
        damaged[^3] ^= 1;
        File.WriteAllBytes(path, damaged);
        Assert.Equal(Relaxed(library), Load(library, Cache).Content);
        Assert.Equal(Relaxed(library), File.ReadAllBytes(path));
        File.WriteAllBytes(path, damaged[..^1]);
        Assert.Equal(Relaxed(library), Load(library, Cache).Content);
    }

    [Fact]
    public void Load_NoCacheFolder_LoadsFromATemporaryOneAndRemovesIt()
    {
        string library = Library(), file = _folder.Write("file", [1]);
        foreach (string? cache in new[] { null, Path.Combine(file, "cache") }) // nowhere, and where no folder can be made
        {
            var (path, content) = Load(library, cache);
            Assert.Equal(Relaxed(library), content);
            Assert.False(Directory.Exists(Path.GetDirectoryName(path)));
        }
    }

    [Fact]
    public void Load_NoDemand_LeavesItToTheCaller()
    {
        Assert.Null(RelaxedLibrary.Load(Library("GLIBCXX_3.4.30"), Cache, _ => throw new InvalidOperationException("nothing is to be loaded")));
        Assert.False(Directory.Exists(Cache));
    }

    [Fact]
    public void Load_ManyAtOnce_AllGetTheWholeLibrary()
    {
        string library = Library();
        byte[] expected = Relaxed(library);
        Parallel.For(0, 16, _ => Assert.Equal(expected, Load(library, Cache).Content));
        Assert.Single(Directory.GetFiles(Cache, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }));
    }

    [Fact]
    public void Load_TorchSharpsLibraryAgain_TakesNoTimeThatCounts()
    {
        if (!OperatingSystem.IsLinux()) return; // the demand is Linux's
        string library = Path.Combine(AppContext.BaseDirectory, LibTorchFolder.FileName("LibTorchSharp"));
        Load(library, Cache);
        double best = double.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            var watch = Stopwatch.StartNew();
            RelaxedLibrary.Load(library, Cache, _ => 7);
            best = Math.Min(best, watch.Elapsed.TotalMilliseconds);
        }
        output.WriteLine($"a start after the first: {best:f1} ms");
        Assert.InRange(best, 0, 50);
    }
}
