using System.Buffers.Binary;

namespace SemanticSam.Imaging;

/// <summary>The picture formats that are read and written.</summary>
public enum ImageFormat
{
    /// <summary>JPEG: baseline and progressive; grey, YCbCr, RGB, CMYK, YCCK.</summary>
    Jpeg,

    /// <summary>PNG: every colour type and bit depth.</summary>
    Png,

    /// <summary>WebP: lossy and lossless; of an animation the first frame.</summary>
    Webp,
}

/// <summary>What a picture's first bytes declare, before EXIF orientation.</summary>
/// <param name="Format">The format, told from the content and never from the name.</param>
/// <param name="Width">Stored columns; 0 when the bytes end or break before they say.</param>
/// <param name="Height">Stored rows; 0 when the bytes end or break before they say.</param>
/// <param name="ReachesPixels">Whether the bytes go on to where the pixel data begins.</param>
internal readonly record struct ImageHeader(ImageFormat Format, long Width, long Height, bool ReachesPixels)
{
    private static ReadOnlySpan<byte> PngSignature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Null when the bytes do not begin as a JPEG, PNG or WebP does.</summary>
    public static ImageHeader? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])) return ReadJpeg(bytes);
        if (bytes.StartsWith(PngSignature)) return ReadPng(bytes);
        if (bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8)) return ReadWebp(bytes);
        return null;
    }

    private static ImageHeader ReadJpeg(ReadOnlySpan<byte> bytes)
    {
        long width = 0, height = 0;
        for (int at = 2; at + 4 <= bytes.Length;)
        {
            if (bytes[at] != 0xFF) { at++; continue; }          // libjpeg, too, skips what stands between segments
            byte marker = bytes[at + 1];
            if (marker is 0xFF) { at++; continue; }
            if (marker is 0x00 or 0x01 or (>= 0xD0 and <= 0xD8)) { at += 2; continue; }
            if (marker == 0xD9) break;
            int length = Math.Max((int)BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]), 2);
            if (marker == 0xDA) return new(ImageFormat.Jpeg, width, height, at + 2 + length <= bytes.Length);
            bool frame = marker is >= 0xC0 and <= 0xCF and not 0xC4 and not 0xC8 and not 0xCC;
            if (frame && at + 9 <= bytes.Length)
            {
                height = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 5)..]);
                width = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 7)..]);
            }
            at += 2 + length;
        }
        return new(ImageFormat.Jpeg, width, height, false);
    }

    private static ImageHeader ReadPng(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 24 || !bytes[12..].StartsWith("IHDR"u8)) return new(ImageFormat.Png, 0, 0, false);
        long width = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]), height = BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]);
        for (long at = 8; at + 8 <= bytes.Length;)
        {
            ReadOnlySpan<byte> chunk = bytes[(int)at..];
            if (chunk[4..].StartsWith("IDAT"u8)) return new(ImageFormat.Png, width, height, true);
            at += 12 + BinaryPrimitives.ReadUInt32BigEndian(chunk);
        }
        return new(ImageFormat.Png, width, height, false);
    }

    private static ImageHeader ReadWebp(ReadOnlySpan<byte> bytes)
    {
        bool whole = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) + 8L <= bytes.Length;
        if (bytes.Length < 30) return new(ImageFormat.Webp, 0, 0, false);
        ReadOnlySpan<byte> kind = bytes.Slice(12, 4);
        if (kind.SequenceEqual("VP8 "u8))
            return new(ImageFormat.Webp, BinaryPrimitives.ReadUInt16LittleEndian(bytes[26..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]) & 0x3FFF, whole);
        if (kind.SequenceEqual("VP8L"u8))
        {
            uint packed = BinaryPrimitives.ReadUInt32LittleEndian(bytes[21..]);
            return new(ImageFormat.Webp, (packed & 0x3FFF) + 1, ((packed >> 14) & 0x3FFF) + 1, whole);
        }
        if (kind.SequenceEqual("VP8X"u8)) return new(ImageFormat.Webp, Int24(bytes[24..]) + 1, Int24(bytes[27..]) + 1, whole);
        return new(ImageFormat.Webp, 0, 0, whole);
    }

    private static long Int24(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
}
