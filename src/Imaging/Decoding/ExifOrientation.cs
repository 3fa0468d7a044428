using System.Buffers.Binary;
using SkiaSharp;

namespace SemanticSam.Imaging.Decoding;

/// <summary>The Orientation tag of EXIF (CIPA DC-008), which is a TIFF file without pixels.</summary>
internal static class ExifOrientation
{
    private const int Orientation = 0x0112, ShortType = 3, EntryBytes = 12;

    /// <summary>What the first directory says; upright when it says nothing or is damaged.</summary>
    public static SKEncodedOrigin Read(ReadOnlySpan<byte> exif)
    {
        bool little = exif.StartsWith("II*\0"u8);
        if (!little && !exif.StartsWith("MM\0*"u8) || exif.Length < 8) return SKEncodedOrigin.TopLeft;
        long directory = little ? BinaryPrimitives.ReadUInt32LittleEndian(exif[4..]) : BinaryPrimitives.ReadUInt32BigEndian(exif[4..]);
        if (directory + 2 > exif.Length) return SKEncodedOrigin.TopLeft;
        int entries = Short(exif[(int)directory..], little);
        ReadOnlySpan<byte> entry = exif[((int)directory + 2)..];
        for (int i = 0; i < entries && entry.Length >= EntryBytes; i++, entry = entry[EntryBytes..])
            if (Short(entry, little) == Orientation && Short(entry[2..], little) == ShortType)
                return Short(entry[8..], little) is >= 1 and <= 8 and var value ? (SKEncodedOrigin)value : SKEncodedOrigin.TopLeft;
        return SKEncodedOrigin.TopLeft;
    }

    private static ushort Short(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
