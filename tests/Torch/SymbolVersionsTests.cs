using SemanticSam.Torch;

namespace SemanticSam.Tests.Torch;

public sealed class SymbolVersionsTests
{
    private const string Demanded = "GLIBCXX_3.4.32";

    [Fact]
    public void Relax_DemandAmongOthers_MarksItAlone()
    {
        var (elf, flags) = ElfFile.Make(("libc.so.6", ["GLIBC_2.34", "GLIBC_2.2.5"]), ("libstdc++.so.6", ["GLIBCXX_3.4.30", Demanded, "CXXABI_1.3"]),
            ("libm.so.6", ["GLIBC_2.29"]));
        byte[] before = [.. elf];
        Assert.True(SymbolVersions.Relax(elf));
        Assert.Equal([flags[Demanded]], Enumerable.Range(0, elf.Length).Where(i => elf[i] != before[i]));
        Assert.Equal(2, elf[flags[Demanded]]); // VER_FLG_WEAK
        byte[] once = [.. elf];
        Assert.True(SymbolVersions.Relax(elf));
        Assert.Equal(once, elf);
    }

    [Fact]
    public void Relax_NoSuchDemand_ChangesNothing()
    {
        var (elf, _) = ElfFile.Make(("libstdc++.so.6", ["GLIBCXX_3.4.3", "GLIBCXX_3.4.320"]));
        byte[] before = [.. elf];
        Assert.False(SymbolVersions.Relax(elf));
        Assert.Equal(before, elf);
    }

    [Fact]
    public void Relax_NotAnElfFile_ChangesNothing()
    {
        byte[] text = "MZ this is something else, but it names GLIBCXX_3.4.32"u8.ToArray();
        Assert.False(SymbolVersions.Relax(text));
        Assert.False(SymbolVersions.Relax([]));
    }

    [Fact]
    public void Relax_TorchSharpsLibrary_ChangesOneByte()
    {
        if (!OperatingSystem.IsLinux()) return; // the demand is Linux's
        byte[] original = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, LibTorchFolder.FileName("LibTorchSharp"))), relaxed = [.. original];
        Assert.True(SymbolVersions.Relax(relaxed));
        int at = Assert.Single(Enumerable.Range(0, original.Length), i => original[i] != relaxed[i]);
        Assert.Equal((0, 2), (original[at], relaxed[at]));
    }
}
