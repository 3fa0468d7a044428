using System.Buffers.Binary;

namespace SemanticSam.Imaging.Decoding;

/// <summary>WebP: a RIFF file, which begins with its length.</summary>
internal sealed class WebpReader() : SkiaReader(ImageFormat.Webp, "WebP")
{
    public override bool Recognizes(ReadOnlySpan<byte> file) => file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8);

    /// <summary>Whether all bytes that the RIFF header counts are there; it counts those that follow it.</summary>
    protected override bool ReachesEnd(ReadOnlySpan<byte> file) => BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) + 8L <= file.Length;

    /// <summary>
    /// Where the data of a lossy one are zero. Of a smooth image they are so, too, but then a byte is good for several blocks of 16 x 16 pixels.
    /// </summary>
    protected override ZeroHole? Hole(ReadOnlySpan<byte> file)
    {
        const int head = 10; // of the data, the sides at its end
        for (long at = 12; at + 8 <= file.Length;)
        {
            var chunk = file[(int)at..];
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (chunk.StartsWith("VP8 "u8) && length > head && chunk.Length > 8 + head)
            {
                int width = BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]) & 0x3FFF;
                int height = BinaryPrimitives.ReadUInt16LittleEndian(chunk[16..]) & 0x3FFF;
                var data = chunk[8..(int)Math.Min(chunk.Length, 8L + length)];
                return ZeroHole.In(data) is { } zeros && zeros.Length > (width / 16 + 1) * (height / 16 + 1) && zeros.Length >= data.Length / 10
                    ? zeros.Behind((int)at + 8) : null;
            }
            at += 8L + length + (length & 1);
        }
        return null;
    }

    /// <summary>A lossless one is decoded whole, whatever becomes of it.</summary>
    protected override void CheckReducible(ReadOnlyMemory<byte> file, int width, int height, ImageDecoderOptions options, string name)
    {
        // Chunks follow each other, each with its name and its length, of which an odd one is followed by a byte of padding.
        for (long at = 12; at + 8 <= file.Length;)
        {
            var chunk = file.Span[(int)at..];
            if (chunk.StartsWith("VP8L"u8)) throw CannotReduce("a lossless WebP", width, height, options, name);
            if (chunk.StartsWith("VP8 "u8)) return;
            if (chunk.StartsWith("ANMF"u8)) throw CannotReduce("an animated WebP", width, height, options, name);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            at += 8L + length + (length & 1);
        }
    }
}
