using System.Buffers.Binary;

namespace SkiaSharp;

/// <summary>Finds tag 0x0112 of the first image directory in a JPEG's APP1, a PNG's eXIf or a WebP's EXIF chunk.</summary>
internal static class ExifOrientation
{
    private const int Tag = 0x0112;
    private static ReadOnlySpan<byte> Signature => "Exif\0\0"u8;

    public static SKEncodedOrigin Find(SKEncodedImageFormat format, ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> tiff = format switch
        {
            SKEncodedImageFormat.Jpeg => InJpeg(file),
            SKEncodedImageFormat.Png => InPng(file),
            SKEncodedImageFormat.Webp => InWebp(file),
            _ => default,
        };
        if (tiff.StartsWith(Signature)) tiff = tiff[Signature.Length..];
        return Read(tiff);
    }

    private static ReadOnlySpan<byte> InJpeg(ReadOnlySpan<byte> file)
    {
        int at = 2;
        while (at + 4 <= file.Length && file[at] == 0xFF)
        {
            byte marker = file[at + 1];
            if (marker == 0xFF) { at++; continue; }
            if (marker is 0xDA or 0xD9) break;
            if (marker is 0x01 or (>= 0xD0 and <= 0xD8)) { at += 2; continue; }
            int length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (length < 2 || at + 2 + length > file.Length) break;
            ReadOnlySpan<byte> body = file.Slice(at + 4, length - 2);
            if (marker == 0xE1 && body.StartsWith(Signature)) return body;
            at += 2 + length;
        }
        return default;
    }

    private static ReadOnlySpan<byte> InPng(ReadOnlySpan<byte> file)
    {
        long at = 8;
        while (at + 12 <= file.Length)
        {
            ReadOnlySpan<byte> chunk = file[(int)at..];
            long length = BinaryPrimitives.ReadUInt32BigEndian(chunk);
            if (at + 12 + length > file.Length) break;
            if (chunk[4..].StartsWith("eXIf"u8)) return chunk.Slice(8, (int)length);
            at += 12 + length;
        }
        return default;
    }

    private static ReadOnlySpan<byte> InWebp(ReadOnlySpan<byte> file)
    {
        long at = 12;
        while (at + 8 <= file.Length)
        {
            ReadOnlySpan<byte> chunk = file[(int)at..];
            long length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (at + 8 + length > file.Length) break;
            if (chunk.StartsWith("EXIF"u8)) return chunk.Slice(8, (int)length);
            at += 8 + length + (length & 1);
        }
        return default;
    }

    private static SKEncodedOrigin Read(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8) return SKEncodedOrigin.Default;
        bool little = tiff.StartsWith("II*\0"u8);
        if (!little && !tiff.StartsWith("MM\0*"u8)) return SKEncodedOrigin.Default;
        long directory = little ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (directory + 2 > tiff.Length) return SKEncodedOrigin.Default;
        int entries = Short(tiff, (int)directory, little);
        for (long at = directory + 2; entries > 0 && at + 12 <= tiff.Length; entries--, at += 12)
        {
            if (Short(tiff, (int)at, little) != Tag) continue;
            int value = Short(tiff, (int)at + 8, little);
            return value is >= 1 and <= 8 ? (SKEncodedOrigin)value : SKEncodedOrigin.Default;
        }
        return SKEncodedOrigin.Default;
    }

    private static int Short(ReadOnlySpan<byte> bytes, int at, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]) : BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
}
