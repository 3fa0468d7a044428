using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace SemanticSam.Tests.Pure.Imaging;

/// <summary>PNG files that no encoder would write.</summary>
internal static class PngBytes
{
    public static byte[] Crc(ReadOnlySpan<byte> bytes)
    {
        byte[] result = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(result, Crc32.HashToUInt32(bytes));
        return result;
    }

    /// <summary>Makes the check sums of a changed file right again, as far as its chunks go: else nothing behind them is ever read.</summary>
    public static void FixCheckSums(byte[] png)
    {
        for (int at = 8; at + 12 <= png.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at));
            if (length > png.Length - at - 12) return;
            Crc(png.AsSpan(at + 4, (int)length + 4)).CopyTo(png, at + 8 + (int)length);
            at += 12 + (int)length;
        }
    }

    public static byte[] Chunk(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> body)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, body.Length);
        byte[] named = [.. kind, .. body];
        return [.. length, .. named, .. Crc(named)];
    }

    /// <summary>Signature and IHDR; 8-bit RGB unless told otherwise.</summary>
    public static byte[] Header(uint width, uint height, byte bits = 8, byte color = 2, byte interlace = 0)
    {
        byte[] head = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(head, width);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(4), height);
        head[8] = bits;
        head[9] = color;
        head[12] = interlace;
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. Chunk("IHDR"u8, head)];
    }

    /// <summary>A TIFF directory with the Orientation tag alone.</summary>
    public static byte[] ExifOrientation(byte value, bool little) => little
        ? [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, value, 0, 0, 0, 0, 0, 0, 0]
        : [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0, 0, 0, 0, 0];

    /// <summary>Puts an eXIf chunk after IHDR, or before IEND.</summary>
    public static byte[] WithExif(byte[] png, byte[] exif, bool atTheEnd)
    {
        int at = atTheEnd ? png.Length - 12 : 8 + 25;
        return [.. png[..at], .. Chunk("eXIf"u8, exif), .. png[at..]];
    }

    public static byte[] Deflated(ReadOnlySpan<byte> bytes)
    {
        using var target = new MemoryStream();
        using (var deflate = new ZLibStream(target, CompressionLevel.Optimal)) deflate.Write(bytes);
        return target.ToArray();
    }
}
