using System.Text;
using SemanticSam.Tests.Support;
using SemanticSam.Torch;

namespace SemanticSam.Tests.Torch;

/// <summary>Whether the system has a libtorch of its own.</summary>
public sealed class SystemLibTorchTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Cache(params string[] paths) => _folder.Write("ld.so.cache",
        Encoding.UTF8.GetBytes("glibc-ld.so.cache1.1\0\u0007" + string.Concat(paths.Select(p => $"{Path.GetFileName(p)}\0{p}\0")) + "end"));

    [Fact]
    public void Find_InTheList_IsWhatIsThere()
    {
        string gone = _folder.File("gone/libtorch_cpu.so"), there = _folder.Write("lib/libtorch_cpu.so", []);
        Assert.Equal(there, SystemLibTorch.Find(null, Cache(_folder.Write("lib/libc10.so", []), gone, there)));
    }

    [Fact]
    public void Find_InNamedFolders_ComesFirst()
    {
        string listed = _folder.Write("lib/libtorch_cpu.so", []), named = _folder.Write("named/libtorch_cpu.so", []);
        Assert.Equal(named, SystemLibTorch.Find($"{_folder.File("empty")}:{Path.GetDirectoryName(named)}", Cache(listed)));
    }

    [Fact]
    public void Find_OtherVersionsOfTheName_AreNotIt() =>
        Assert.DoesNotContain(_folder.Path, SystemLibTorch.Find(null, Cache(_folder.Write("lib/libtorch_cpu.so.1.13", []),
            _folder.Write("lib/xlibtorch_cpu.so", []))) ?? "");

    [Fact]
    public void Find_WithoutAList_IsNoFault() => Assert.DoesNotContain(_folder.Path, SystemLibTorch.Find("", _folder.File("missing")) ?? "");
}
