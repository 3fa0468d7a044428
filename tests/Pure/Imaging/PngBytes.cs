using System.Buffers.Binary;
using System.IO.Compression;

namespace SemanticSam.Tests.Pure.Imaging;

/// <summary>PNG files that no encoder would write.</summary>
internal static class PngBytes
{
    public static byte[] Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++) crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320u);
        }
        byte[] result = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(result, ~crc);
        return result;
    }

    public static byte[] Chunk(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> body)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, body.Length);
        byte[] named = [.. kind, .. body];
        return [.. length, .. named, .. Crc(named)];
    }

    /// <summary>Signature and IHDR of an 8-bit RGB picture.</summary>
    public static byte[] Header(uint width, uint height, byte bits = 8, byte colour = 2)
    {
        byte[] head = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(head, width);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(4), height);
        head[8] = bits;
        head[9] = colour;
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. Chunk("IHDR"u8, head)];
    }

    public static byte[] Deflated(ReadOnlySpan<byte> bytes)
    {
        using var target = new MemoryStream();
        using (var deflate = new ZLibStream(target, CompressionLevel.Optimal)) deflate.Write(bytes);
        return target.ToArray();
    }
}
