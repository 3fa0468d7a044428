using System.Buffers.Binary;

namespace SemanticSam.Imaging.Decoding;

/// <summary>ICO: the largest of its images.</summary>
internal sealed class IcoReader() : SkiaReader(ImageFormat.Ico, "ICO")
{
    private const int Header = 6, Entry = 16;

    public override bool Recognizes(ReadOnlySpan<byte> file) => file.Length >= Header + Entry && file.StartsWith((ReadOnlySpan<byte>)[0, 0, 1, 0])
        && file[4] + file[5] > 0;

    /// <summary>Whether all images lie within the file.</summary>
    protected override bool ReachesEnd(ReadOnlySpan<byte> file)
    {
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file[4..]);
        for (int i = 0, at = Header; i < count; i++, at += Entry)
        {
            if (at + Entry > file.Length) return false;
            long end = (long)BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 8)..]) + BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 12)..]);
            if (end > file.Length) return false;
        }
        return true;
    }
}
