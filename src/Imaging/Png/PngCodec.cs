using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace SemanticSam.Imaging.Png;

/// <summary>
/// PNG files whose samples are numbers and not colors (indices, masks), which an image library would scale and round. Format: W3C PNG,
/// third edition.
/// </summary>
internal static class PngCodec
{
    /// <summary>An 8-bit palette PNG when every value is below 256, else a 16-bit gray one.</summary>
    /// <param name="values">[height, width].</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="palette">Colors of the values; at most 256.</param>
    public static byte[] Encode(ReadOnlySpan<ushort> values, int width, int height, ReadOnlySpan<(byte R, byte G, byte B)> palette)
    {
        bool deep = values.IndexOfAnyExceptInRange((ushort)0, (ushort)255) >= 0;
        using var file = new MemoryStream();
        file.Write(PngChunks.Signature);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = deep ? ((byte)16, (byte)PngColor.Gray) : ((byte)8, (byte)PngColor.Palette);
        WriteChunk(file, "IHDR", header);
        if (!deep)
        {
            var colors = new byte[3 * palette.Length];
            for (int i = 0; i < palette.Length; i++) (colors[3 * i], colors[3 * i + 1], colors[3 * i + 2]) = palette[i];
            WriteChunk(file, "PLTE", colors);
        }
        using var packed = new MemoryStream();
        using (var zip = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var row = new byte[1 + (deep ? 2 : 1) * width];
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                    if (deep) BinaryPrimitives.WriteUInt16BigEndian(row.AsSpan(1 + 2 * x), values[y * width + x]);
                    else row[1 + x] = (byte)values[y * width + x];
                zip.Write(row);
            }
        }
        WriteChunk(file, "IDAT", packed.ToArray());
        WriteChunk(file, "IEND", []);
        return file.ToArray();
    }

    /// <summary>What the file declares; nothing is allocated. Whether the sides are acceptable is for the caller to say.</summary>
    /// <param name="png">The whole file.</param>
    /// <param name="name">What error messages call it.</param>
    /// <exception cref="ImageException">Not a PNG, cut off, or damaged.</exception>
    public static PngHeader ReadHeader(ReadOnlySpan<byte> png, string name)
    {
        if (!png.StartsWith(PngChunks.Signature)) throw new ImageException(ImageError.Format, $"{name} is not a PNG.");
        var chunks = new PngChunks(png);
        if (!chunks.MoveNext()) throw Truncated(name);
        ReadOnlySpan<byte> head = chunks.Current.Body;
        if (!chunks.Current.Is("IHDR"u8) || head.Length != 13) throw Damaged(name, "it does not begin with a header");
        CheckSum(chunks.Current, name);
        var header = new PngHeader(BinaryPrimitives.ReadUInt32BigEndian(head), BinaryPrimitives.ReadUInt32BigEndian(head[4..]), head[8],
            (PngColor)head[9], head[12] == 1);
        bool isKnown = header.IsAllowed && header.Width > 0 && header.Height > 0 && head[10] == 0 && head[11] == 0 && head[12] <= 1;
        return isKnown ? header : throw Damaged(name, "its header declares what the standard does not have");
    }

    /// <summary>The samples of a PNG of any color type and depth.</summary>
    /// <param name="png">The whole file.</param>
    /// <param name="name">What error messages call it.</param>
    /// <exception cref="ImageException">
    /// Not a PNG, or damaged; code "image_truncated" when it is cut off.
    /// The samples exceed the largest array.
    /// </exception>
    public static PngImage Decode(ReadOnlySpan<byte> png, string name)
    {
        PngHeader header = ReadHeader(png, name);
        // In double, because the product of three may exceed 64 bits.
        if ((double)header.Width * header.Height * header.Channels > Array.MaxLength / sizeof(ushort))
            throw new ImageException(ImageError.TooLarge, $"{name} is {header.Width} x {header.Height}: too large to be decoded.");
        byte[] palette = [], transparency = [];
        using var packed = new MemoryStream();
        bool ended = false;
        foreach (PngChunk chunk in new PngChunks(png))
        {
            CheckSum(chunk, name);
            if (chunk.Is("PLTE"u8)) palette = chunk.Body.ToArray();
            else if (chunk.Is("tRNS"u8)) transparency = chunk.Body.ToArray();
            else if (chunk.Is("IDAT"u8)) packed.Write(chunk.Body);
            else if (chunk.Is("IEND"u8)) ended = true;
            if (ended) break;
        }
        if (!ended) throw Truncated(name);
        packed.Position = 0;
        try
        {
            using var zip = new ZLibStream(packed, CompressionMode.Decompress);
            return new(header, PngSamples.Read(zip, header), palette, transparency);
        }
        catch (Exception e) when (PngSamples.IsDamage(e))
        {
            throw Damaged(name, "its pixel data end early or are broken");
        }
    }

    /// <summary>Refuses a file of which a chunk that is there whole is not what was written, as far as pixels follow from it.</summary>
    /// <exception cref="ImageException">It is so.</exception>
    public static void RequireSound(ReadOnlySpan<byte> png, string name)
    {
        foreach (PngChunk chunk in new PngChunks(png))
            if (chunk.Is("PLTE"u8) || chunk.Is("tRNS"u8) || chunk.Is("IDAT"u8)) CheckSum(chunk, name);
    }

    private static void CheckSum(in PngChunk chunk, string name)
    {
        if (Crc32.HashToUInt32(chunk.KindAndBody) != chunk.Checksum) throw Damaged(name, "a checksum is wrong");
    }

    private static ImageException Damaged(string name, string why) => new(ImageError.Format, $"{name} is a damaged PNG: {why}.");

    private static ImageException Truncated(string name) =>
        new(ImageError.Truncated, $"{name} is a PNG that is cut off: the file ends before the image is complete. Copy or download it again.");

    private static void WriteChunk(Stream file, string kind, ReadOnlySpan<byte> body)
    {
        var whole = new byte[8 + body.Length + 4];
        BinaryPrimitives.WriteInt32BigEndian(whole, body.Length);
        Encoding.ASCII.GetBytes(kind, whole.AsSpan(4));
        body.CopyTo(whole.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(whole.AsSpan(8 + body.Length), Crc32.HashToUInt32(whole.AsSpan(4, 4 + body.Length)));
        file.Write(whole);
    }
}
