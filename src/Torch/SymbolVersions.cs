using System.Buffers.Binary;
using System.Text;

namespace SemanticSam.Torch;

/// <summary>
/// TorchSharp 0.107's library for Linux is built with GCC 13 and therefore demands version GLIBCXX_3.4.32 of libstdc++, for a symbol that none of
/// its code refers to. Older systems do not have that version and refuse the whole library. A demand that is marked weak is only warned of in
/// the loader's debug output (ELF gABI, GNU extension: flag VER_FLG_WEAK of a Vernaux entry), so a copy with that flag loads everywhere.
/// </summary>
internal static class SymbolVersions
{
    private const string Demanded = "GLIBCXX_3.4.32";
    private const uint VersionNeeds = 0x6FFF_FFFE; // SHT_GNU_verneed
    private const ushort Weak = 2; // VER_FLG_WEAK

    /// <summary>Marks the demand as weak.</summary>
    /// <param name="elf">A 64-bit little-endian ELF file; changed in place.</param>
    /// <returns>Whether there was such a demand.</returns>
    public static bool Relax(Span<byte> elf)
    {
        if (!elf.StartsWith((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1])) return false;
        long table = (long)U64(elf, 0x28);
        int size = U16(elf, 0x3A), count = U16(elf, 0x3C);
        bool found = false;
        for (int i = 0; i < count; i++)
        {
            var section = elf.Slice(checked((int)(table + (long)i * size)), 64);
            if (U32(section, 4) != VersionNeeds) continue;
            var names = elf.Slice(checked((int)(table + (long)U32(section, 40) * size)), 64);
            found |= Relax(elf, (int)U64(section, 24), (int)U64(names, 24));
        }
        return found;
    }

    /// <summary>Walks the libraries that are needed and, of each, the versions.</summary>
    private static bool Relax(Span<byte> elf, int needs, int names)
    {
        bool found = false;
        for (int need = needs; ; need += (int)U32(elf, need + 12))
        {
            int version = need + (int)U32(elf, need + 8);
            for (int k = 0; k < U16(elf, need + 2); k++, version += (int)U32(elf, version + 12))
            {
                var name = elf[(names + (int)U32(elf, version + 8))..];
                if (!name[..name.IndexOf((byte)0)].SequenceEqual(Encoding.ASCII.GetBytes(Demanded))) continue;
                BinaryPrimitives.WriteUInt16LittleEndian(elf[(version + 4)..], (ushort)(U16(elf, version + 4) | Weak));
                found = true;
            }
            if (U32(elf, need + 12) == 0) return found;
        }
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
