using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Support;

/// <summary>Reads the 8-bit RGB pictures beside golden data without the engine's own decoder.</summary>
internal static class TestPng
{
    /// <returns>[3, H, W] float32, 0..255.</returns>
    public static Tensor Read(string relative)
    {
        var (rgb, height, width) = Decode(Fixtures.Bytes(relative));
        using var scope = NewDisposeScope();
        return tensor(Array.ConvertAll(rgb, b => (float)b), [height, width, 3]).permute(2, 0, 1).contiguous().MoveToOuterDisposeScope();
    }

    private static (byte[] Rgb, int Height, int Width) Decode(byte[] file)
    {
        int width = 0, height = 0, channels = 0;
        using var packed = new MemoryStream();
        for (int at = 8; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            string kind = Encoding.ASCII.GetString(file, at + 4, 4);
            var data = file.AsSpan(at + 8, length);
            if (kind == "IHDR")
            {
                (width, height) = (BinaryPrimitives.ReadInt32BigEndian(data), BinaryPrimitives.ReadInt32BigEndian(data[4..]));
                channels = (data[8], data[9], data[12]) switch
                {
                    (8, 2, 0) => 3,
                    (8, 6, 0) => 4,
                    var other => throw new NotSupportedException($"PNG depth, type, interlace {other}."),
                };
            }
            if (kind == "IDAT") packed.Write(data);
            at += length + 12;
        }
        packed.Position = 0;
        using var inflate = new ZLibStream(packed, CompressionMode.Decompress);
        int stride = width * channels;
        byte[] above = new byte[stride], row = new byte[stride], rgb = new byte[height * width * 3];
        for (int y = 0; y < height; y++)
        {
            int filter = inflate.ReadByte();
            inflate.ReadExactly(row);
            for (int i = 0; i < stride; i++)
            {
                int left = i < channels ? 0 : row[i - channels], up = above[i], corner = i < channels ? 0 : above[i - channels];
                row[i] += (byte)(filter switch { 0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, _ => Paeth(left, up, corner) });
            }
            for (int x = 0; x < width; x++)
                row.AsSpan(x * channels, 3).CopyTo(rgb.AsSpan((y * width + x) * 3));
            (above, row) = (row, above);
        }
        return (rgb, height, width);
    }

    private static int Paeth(int left, int up, int corner)
    {
        int a = Math.Abs(up - corner), b = Math.Abs(left - corner), c = Math.Abs(left + up - 2 * corner);
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }
}
