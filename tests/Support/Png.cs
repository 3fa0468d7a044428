using System.Buffers.Binary;
using System.IO.Compression;

namespace SemanticSam.Tests.Support;

/// <summary>Reads the fixtures' PNG files (8 bits, no palette, not interlaced) by itself, so that a mistake in the engine's decoder cannot hide.</summary>
internal static class Png
{
    /// <summary>RGB bytes, row-major, three a pixel; gray is repeated, alpha dropped.</summary>
    public static (int Width, int Height, byte[] Rgb) Read(string relative)
    {
        byte[] file = Fixtures.Bytes(relative);
        int width = 0, height = 0, channels = 0;
        using var packed = new MemoryStream();
        for (int at = 8; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            var body = file.AsSpan(at + 8, length);
            switch (System.Text.Encoding.ASCII.GetString(file, at + 4, 4))
            {
                case "IHDR":
                    (width, height) = (BinaryPrimitives.ReadInt32BigEndian(body), BinaryPrimitives.ReadInt32BigEndian(body[4..]));
                    channels = (body[8], body[9], body[12]) switch
                    {
                        (8, 0, 0) => 1, (8, 2, 0) => 3, (8, 4, 0) => 2, (8, 6, 0) => 4,
                        _ => throw new NotSupportedException($"{relative}: depth {body[8]}, color type {body[9]}, interlace {body[12]}."),
                    };
                    break;
                case "IDAT":
                    packed.Write(body);
                    break;
            }
            at += length + 12;
        }
        packed.Position = 0;
        using var inflate = new ZLibStream(packed, CompressionMode.Decompress);
        return (width, height, ToRgb(Unfilter(inflate, width * channels, height, channels), channels));
    }

    private static byte[] Unfilter(Stream lines, int rowBytes, int height, int channels)
    {
        var pixels = new byte[rowBytes * height];
        var zero = new byte[rowBytes];
        for (int y = 0; y < height; y++)
        {
            int filter = lines.ReadByte();
            var row = pixels.AsSpan(y * rowBytes, rowBytes);
            lines.ReadExactly(row);
            ReadOnlySpan<byte> above = y == 0 ? zero : pixels.AsSpan((y - 1) * rowBytes, rowBytes);
            for (int x = 0; x < rowBytes; x++)
            {
                int left = x < channels ? 0 : row[x - channels], up = above[x], corner = x < channels ? 0 : above[x - channels];
                row[x] += (byte)(filter switch { 0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, _ => Paeth(left, up, corner) });
            }
        }
        return pixels;
    }

    private static int Paeth(int left, int up, int corner)
    {
        int guess = left + up - corner, toLeft = Math.Abs(guess - left), toUp = Math.Abs(guess - up), toCorner = Math.Abs(guess - corner);
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }

    private static byte[] ToRgb(byte[] pixels, int channels)
    {
        var rgb = new byte[pixels.Length / channels * 3];
        for (int i = 0; i < rgb.Length / 3; i++)
            for (int c = 0; c < 3; c++)
                rgb[i * 3 + c] = pixels[i * channels + (channels < 3 ? 0 : c)];
        return rgb;
    }
}
