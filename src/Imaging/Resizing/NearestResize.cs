namespace SemanticSam.Imaging.Resizing;

/// <summary>Pillow's nearest: positions are summed up step by step in double, which decides ties.</summary>
internal static class NearestResize
{
    public static RgbImage Run(RgbImage image, int width, int height)
    {
        int[] columns = Positions(image.Width, width), rows = Positions(image.Height, height);
        var result = new RgbImage(width, height);
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> from = image.Row(rows[y]);
            Span<byte> to = result.Row(y);
            for (int x = 0; x < width; x++) from.Slice(columns[x] * 3, 3).CopyTo(to[(x * 3)..]);
        }
        return result;
    }

    private static int[] Positions(int inputs, int outputs)
    {
        double step = (double)inputs / outputs, at = step * 0.5;
        var positions = new int[outputs];
        for (int o = 0; o < outputs; o++, at += step) positions[o] = Math.Min((int)at, inputs - 1);
        return positions;
    }
}
