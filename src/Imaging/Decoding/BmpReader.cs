using System.Buffers.Binary;

namespace SemanticSam.Imaging.Decoding;

/// <summary>BMP, whose pixels lie at the end of the file.</summary>
internal sealed class BmpReader() : SkiaReader(ImageFormat.Bmp, "BMP")
{
    private const int Headers = 30, PixelsAt = 10, WidthAt = 18, HeightAt = 22, BitsAt = 28, CompressionAt = 30;

    public override bool Recognizes(ReadOnlySpan<byte> file) => file.Length >= Headers && file.StartsWith("BM"u8);

    /// <summary>Whether all rows are there; of compressed files, whether the length is what the header says.</summary>
    protected override bool ReachesEnd(ReadOnlySpan<byte> file)
    {
        if (file.Length < Headers + 4) return false;
        if (BinaryPrimitives.ReadInt32LittleEndian(file[CompressionAt..]) is 1 or 2) return BinaryPrimitives.ReadUInt32LittleEndian(file[2..]) <= file.Length;
        long width = BinaryPrimitives.ReadInt32LittleEndian(file[WidthAt..]), height = Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(file[HeightAt..]));
        long row = (width * BinaryPrimitives.ReadUInt16LittleEndian(file[BitsAt..]) + 31) / 32 * 4;
        return BinaryPrimitives.ReadUInt32LittleEndian(file[PixelsAt..]) + row * height <= file.Length;
    }
}
