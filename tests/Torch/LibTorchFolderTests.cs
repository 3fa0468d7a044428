using SemanticSam.Tests.Support;
using SemanticSam.Torch;

namespace SemanticSam.Tests.Torch;

public sealed class LibTorchFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A made installation: libraries that hold nothing.</summary>
    private string Installed(string libraries, string? versionFile = null, string version = "")
    {
        foreach (string library in (string[])["torch_cpu", "c10", "torch"]) _folder.Write(Path.Combine(libraries, LibTorchFolder.FileName(library)), []);
        if (versionFile is not null) _folder.Write(versionFile, System.Text.Encoding.UTF8.GetBytes(version));
        return _folder.File(libraries);
    }

    [Theory]
    [InlineData("site/torch", "site/torch/lib")]
    [InlineData("site/torch/lib", "site/torch/lib")]
    [InlineData("site", "site/torch/lib")]
    [InlineData("zip", "zip/libtorch/lib")]
    public void Open_AnyFolderOfAnInstallation_FindsTheLibraries(string given, string libraries)
    {
        Installed(libraries);
        Assert.Equal(Path.GetFullPath(_folder.File(libraries)), LibTorchFolder.Open(_folder.File(given)).Path);
    }

    [Theory]
    [InlineData("torch/version.py", "from typing import Optional\n__version__ = '2.10.0+cu128'\ndebug = False\n", "2.10.0+cu128")]
    [InlineData("torch/build-version", "2.10.0+cpu\n", "2.10.0+cpu")]
    [InlineData("torch/version.py", "nothing that is known", null)]
    public void Open_FittingVersion_IsTaken(string file, string content, string? version)
    {
        Installed("torch/lib", file, content);
        var found = LibTorchFolder.Open(_folder.File("torch"));
        Assert.Equal(version, found.Version);
        Assert.Equal(["c10", "torch_cpu", "torch"], found.InLoadingOrder().Select(p => Path.GetFileNameWithoutExtension(p).Replace("lib", "")));
    }

    [Theory]
    [InlineData("torch/version.py", "__version__ = \"1.13.1\"\n", "1.13.1")]
    [InlineData("torch/build-version", "2.1.0+cpu", "2.1.0+cpu")]
    [InlineData("torch/build-version", "2.101.0", "2.101.0")]
    public void Open_OtherVersion_NamesFolderFoundAndNeeded(string file, string content, string found)
    {
        string libraries = Installed("torch/lib", file, content);
        var error = Assert.Throws<TorchRuntimeException>(() => LibTorchFolder.Open(_folder.File("torch")));
        Assert.Equal(TorchError.WrongVersion, error.Error);
        Assert.Contains(libraries, error.Message);
        Assert.Contains(found, error.Message);
        Assert.Contains("2.10", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Open_NoLibtorch_NamesTheFolderAndWhatIsMissing()
    {
        var missing = Assert.Throws<TorchRuntimeException>(() => LibTorchFolder.Open(_folder.File("missing")));
        Assert.Equal(TorchError.NotFound, missing.Error);
        Assert.Contains($"{_folder.File("missing")}: the folder does not exist", missing.Message);
        var empty = Assert.Throws<TorchRuntimeException>(() => LibTorchFolder.Open(_folder.Path));
        Assert.Equal(TorchError.NotFound, empty.Error);
        Assert.Contains(_folder.Path, empty.Message);
        Assert.Contains(LibTorchFolder.FileName("torch_cpu"), empty.Message);
    }
}
