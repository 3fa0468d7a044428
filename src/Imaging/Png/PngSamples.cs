using System.Buffers.Binary;

namespace SemanticSam.Imaging.Png;

/// <summary>Inflated PNG rows to samples: undoes filters, packing and interlacing.</summary>
internal static class PngSamples
{
    /// <summary>Adam7: where each pass begins, and its steps.</summary>
    private static readonly (int X, int Y, int StepX, int StepY)[] Passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>Whether an exception from memory says that the packed rows are damaged: an IOException where they end early, or want a dictionary.</summary>
    public static bool IsDamage(Exception e) => e is InvalidDataException or IOException;

    /// <summary>[Height, Width, Channels].</summary>
    /// <exception cref="InvalidDataException">A filter is unknown.</exception>
    /// <exception cref="IOException">There are too few rows, or they want a dictionary, which no PNG has.</exception>
    public static ushort[] Read(Stream inflated, in PngHeader header)
    {
        var samples = new ushort[header.Width * header.Height * header.Channels];
        foreach (var pass in header.Interlaced ? Passes : [(0, 0, 1, 1)]) ReadPass(inflated, header, pass, samples);
        return samples;
    }

    private static void ReadPass(Stream inflated, in PngHeader header, (int X, int Y, int StepX, int StepY) pass, ushort[] samples)
    {
        int channels = header.Channels, depth = header.Depth;
        int columns = Count((int)header.Width, pass.X, pass.StepX), stride = (int)header.Width * channels;
        if (columns == 0) return; // such a pass has no rows, either
        int rowBytes = (int)(((long)columns * channels * depth + 7) / 8), pixelBytes = Math.Max(1, channels * depth / 8);
        byte[] row = new byte[rowBytes], above = new byte[rowBytes];
        for (int y = pass.Y; y < header.Height; y += pass.StepY)
        {
            int filter = inflated.ReadByte();
            if (filter < 0) throw new EndOfStreamException();
            inflated.ReadExactly(row);
            Unfilter(row, above, filter, pixelBytes);
            for (int x = 0; x < columns; x++)
                for (int c = 0; c < channels; c++)
                    samples[y * stride + (pass.X + x * pass.StepX) * channels + c] = Sample(row, x * channels + c, depth);
            (row, above) = (above, row);
        }
    }

    private static int Count(int pixels, int first, int step) => (pixels - first + step - 1) / step;

    /// <summary>A sample of a row without filter.</summary>
    public static ushort Sample(byte[] row, int index, int depth) => depth switch
    {
        16 => BinaryPrimitives.ReadUInt16BigEndian(row.AsSpan(2 * index)),
        8 => row[index],
        _ => (ushort)(row[index * depth / 8] >> (8 - depth - index * depth % 8) & (1 << depth) - 1),
    };

    /// <summary>Undoes the filter of a row, in place.</summary>
    /// <exception cref="InvalidDataException">The filter is unknown.</exception>
    public static void Unfilter(byte[] row, byte[] above, int filter, int pixelBytes)
    {
        switch (filter)
        {
            case 0: break;
            case 1:
                for (int i = pixelBytes; i < row.Length; i++) row[i] += row[i - pixelBytes];
                break;
            case 2:
                for (int i = 0; i < row.Length; i++) row[i] += above[i];
                break;
            case 3:
                for (int i = 0; i < row.Length; i++) row[i] += (byte)(((i >= pixelBytes ? row[i - pixelBytes] : 0) + above[i]) / 2);
                break;
            case 4:
                for (int i = 0; i < Math.Min(pixelBytes, row.Length); i++) row[i] += above[i];
                for (int i = pixelBytes; i < row.Length; i++) row[i] += (byte)Paeth(row[i - pixelBytes], above[i], above[i - pixelBytes]);
                break;
            default: throw new InvalidDataException();
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        int guess = left + up - corner, a = Math.Abs(guess - left), b = Math.Abs(guess - up), c = Math.Abs(guess - corner);
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }
}
