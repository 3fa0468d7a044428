using SemanticSam.Imaging;
using SemanticSam.Imaging.Resizing;

namespace SemanticSam.Training.Nano;

/// <summary>The pixels of a training canvas: blue, green, red; padding has the channel means.</summary>
internal sealed class CanvasPixels
{
    private const double MostApart = 2.5, Finer = 1.25;

    private static readonly byte[] Padding = [103, 116, 123];

    public CanvasPixels(int size)
    {
        Size = size;
        Bytes = new byte[3 * size * size];
        for (int i = 0; i < Bytes.Length; i++) Bytes[i] = Padding[i % 3];
        int grid = size / CanvasMask.Cell;
        Valid = new byte[grid * grid];
    }

    public int Size { get; }

    /// <summary>[Size, Size, 3].</summary>
    public byte[] Bytes { get; }

    /// <summary>[Size / 2, Size / 2], 1 where the cell shows the image.</summary>
    public byte[] Valid { get; }

    /// <summary>Draws an image.</summary>
    public void Draw(RgbImage image, CanvasView view, CanvasColor color)
    {
        var (seen, toX, toY) = Reduced(image, view);
        for (int y = 0; y < Size; y++)
            for (int x = 0; x < Size; x++)
            {
                var (sx, sy) = view.ToSource(x + 0.5, y + 0.5);
                if (sx < 0 || sy < 0 || sx >= image.Width || sy >= image.Height) continue;
                Set(3 * (y * Size + x), Sample(seen, sx * toX, sy * toY, color), 1);
                Valid[y / CanvasMask.Cell * (Size / CanvasMask.Cell) + x / CanvasMask.Cell] = 1;
            }
    }

    /// <summary>Draws the part of an image that lies under a mask, with soft edges.</summary>
    /// <param name="image">Where the thing is from.</param>
    /// <param name="mask">[image.Height, image.Width], 1 inside.</param>
    /// <param name="view">How it is seen.</param>
    /// <param name="color">Its change of color.</param>
    /// <param name="box">Canvas rectangle to visit: left, top, right, bottom.</param>
    public void Paste(RgbImage image, byte[] mask, CanvasView view, CanvasColor color, (double Left, double Top, double Right, double Bottom) box)
    {
        var (seen, toX, toY) = Reduced(image, view);
        int left = Math.Max(0, (int)box.Left - 1), top = Math.Max(0, (int)box.Top - 1), right = Math.Min(Size, (int)box.Right + 2),
            bottom = Math.Min(Size, (int)box.Bottom + 2);
        for (int y = top; y < bottom; y++)
            for (int x = left; x < right; x++)
            {
                var (sx, sy) = view.ToSource(x + 0.5, y + 0.5);
                if (sx < 0 || sy < 0 || sx >= image.Width || sy >= image.Height) continue;
                float alpha = Cover(mask, image.Width, image.Height, sx, sy);
                if (alpha > 0) Set(3 * (y * Size + x), Sample(seen, sx * toX, sy * toY, color), alpha);
            }
    }

    /// <summary>
    /// An image of which the canvas shows only every third pixel or fewer is brought down first, as it is where models are used; reading single
    /// pixels of it would show what is not there.
    /// </summary>
    private static (RgbImage Image, double ToX, double ToY) Reduced(RgbImage image, CanvasView view)
    {
        double apart = Math.Max(Math.Sqrt(view.A * view.A + view.D * view.D), Math.Sqrt(view.B * view.B + view.E * view.E));
        int longer = Math.Max(image.Width, image.Height), wanted = Math.Max(1, (int)(longer / apart * Finer));
        if (apart < MostApart || wanted >= longer) return (image, 1, 1);
        var reduced = Resize.LongestSide(image, wanted);
        return (reduced, (double)reduced.Width / image.Width, (double)reduced.Height / image.Height);
    }

    private void Set(int at, (float B, float G, float R) color, float alpha)
    {
        Bytes[at] = Mix(Bytes[at], color.B, alpha);
        Bytes[at + 1] = Mix(Bytes[at + 1], color.G, alpha);
        Bytes[at + 2] = Mix(Bytes[at + 2], color.R, alpha);
    }

    private static byte Mix(byte below, float value, float alpha) => (byte)(below + alpha * (value - below) + 0.5f);

    private static (float, float, float) Sample(RgbImage image, double sx, double sy, CanvasColor color)
    {
        var (x0, x1, fx) = Between(sx, image.Width);
        var (y0, y1, fy) = Between(sy, image.Height);
        byte[] pixels = image.Pixels;
        int a = y0 * image.Stride + 3 * x0, b = y0 * image.Stride + 3 * x1, c = y1 * image.Stride + 3 * x0, d = y1 * image.Stride + 3 * x1;
        float wa = (1 - fx) * (1 - fy), wb = fx * (1 - fy), wc = (1 - fx) * fy, wd = fx * fy;
        return color.Apply(wa * pixels[a] + wb * pixels[b] + wc * pixels[c] + wd * pixels[d],
            wa * pixels[a + 1] + wb * pixels[b + 1] + wc * pixels[c + 1] + wd * pixels[d + 1],
            wa * pixels[a + 2] + wb * pixels[b + 2] + wc * pixels[c + 2] + wd * pixels[d + 2]);
    }

    private static float Cover(byte[] mask, int width, int height, double sx, double sy)
    {
        var (x0, x1, fx) = Between(sx, width);
        var (y0, y1, fy) = Between(sy, height);
        return (1 - fy) * ((1 - fx) * mask[y0 * width + x0] + fx * mask[y0 * width + x1])
            + fy * ((1 - fx) * mask[y1 * width + x0] + fx * mask[y1 * width + x1]);
    }

    /// <summary>The two pixels whose centers enclose a coordinate, and how far it is to the second.</summary>
    private static (int First, int Second, float Share) Between(double at, int length)
    {
        double from = Math.Max(0, at - 0.5);
        int first = Math.Min(length - 1, (int)from);
        return (first, Math.Min(length - 1, first + 1), (float)(from - first));
    }
}
