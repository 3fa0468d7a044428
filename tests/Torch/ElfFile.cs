using System.Buffers.Binary;
using System.Text;

namespace SemanticSam.Tests.Torch;

/// <summary>A 64-bit ELF file with nothing in it but the versions of libraries that it needs, laid out as the ELF gABI and the GNU extension say.</summary>
internal static class ElfFile
{
    private const int Header = 64, Section = 64, Need = 16, Version = 16;

    /// <summary>Makes it.</summary>
    /// <param name="needs">Each library and the versions of it.</param>
    /// <returns>The bytes, and where the flags (two bytes) of each version are.</returns>
    public static (byte[] Bytes, Dictionary<string, int> Flags) Make(params (string Library, string[] Versions)[] needs)
    {
        var names = new MemoryStream();
        names.WriteByte(0);
        int Name(string text)
        {
            int at = (int)names.Length;
            names.Write(Encoding.ASCII.GetBytes(text + "\0"));
            return at;
        }
        int size = needs.Sum(n => Need + n.Versions.Length * Version), table = Header;
        byte[] versions = new byte[size];
        var flags = new Dictionary<string, int>();
        for (int i = 0, at = 0; i < needs.Length; i++)
        {
            var (library, wanted) = needs[i];
            int length = Need + wanted.Length * Version;
            Put16(versions, at, 1); // vn_version
            Put16(versions, at + 2, wanted.Length); // vn_cnt
            Put32(versions, at + 4, Name(library)); // vn_file
            Put32(versions, at + 8, Need); // vn_aux
            Put32(versions, at + 12, i + 1 < needs.Length ? length : 0); // vn_next
            for (int k = 0; k < wanted.Length; k++)
            {
                int v = at + Need + k * Version;
                Put16(versions, v + 4, 0); // vna_flags
                Put16(versions, v + 6, 2 + k); // vna_other
                Put32(versions, v + 8, Name(wanted[k])); // vna_name
                Put32(versions, v + 12, k + 1 < wanted.Length ? Version : 0); // vna_next
                flags[wanted[k]] = Header + 3 * Section + v + 4;
            }
            at += length;
        }
        byte[] strings = names.ToArray();
        byte[] file = new byte[Header + 3 * Section + size + strings.Length];
        byte[] magic = [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        magic.CopyTo(file, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(0x28), (ulong)table); // e_shoff
        Put16(file, 0x3A, Section); // e_shentsize
        Put16(file, 0x3C, 3); // e_shnum
        Describe(file.AsSpan(table + Section), 3, table + 3 * Section + size, strings.Length, 0); // SHT_STRTAB
        Describe(file.AsSpan(table + 2 * Section), 0x6FFF_FFFE, table + 3 * Section, size, 1); // SHT_GNU_verneed
        versions.CopyTo(file, table + 3 * Section);
        strings.CopyTo(file, table + 3 * Section + size);
        return (file, flags);
    }

    private static void Describe(Span<byte> section, uint type, int offset, int size, int link)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(section[4..], type);
        BinaryPrimitives.WriteUInt64LittleEndian(section[24..], (ulong)offset);
        BinaryPrimitives.WriteUInt64LittleEndian(section[32..], (ulong)size);
        BinaryPrimitives.WriteUInt32LittleEndian(section[40..], (uint)link);
    }

    private static void Put16(byte[] bytes, int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)value);

    private static void Put32(byte[] bytes, int at, int value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), (uint)value);
}
