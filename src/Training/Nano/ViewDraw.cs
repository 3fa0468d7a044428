using SemanticSam.Formats;

namespace SemanticSam.Training.Nano;

/// <summary>
/// Draws how training samples see their image: zoomed, turned, stretched, mirrored; some from so near that one annotated thing fills a good part of the
/// canvas, as a portrait shows a head.
/// </summary>
internal sealed class ViewDraw(NanoSampleOptions options)
{
    private static readonly HashSet<string> Sided = ["carparts"]; // names left and right

    /// <summary>Whether an image's names tell left from right, so that it must not be mirrored.</summary>
    public static bool IsSided(AnnotatedImage image) => Sided.Contains(image.Source ?? "");

    /// <summary>Draws a view; the same random numbers give the same view.</summary>
    /// <param name="image">The image with what is annotated in it.</param>
    /// <param name="width">Its width, pixels.</param>
    /// <param name="height">Its height, pixels.</param>
    /// <param name="random">Where numbers come from.</param>
    public CanvasView Draw(AnnotatedImage image, int width, int height, Random random)
    {
        double size = options.Size, longer = Math.Max(width, height), zoom = 1;
        (double X, double Y) source = (width / 2.0, height / 2.0), canvas = (size / 2, size / 2);
        bool isClose = image.Annotations.Count > 0 && random.NextDouble() < options.CloseShare;
        if (isClose || random.NextDouble() < options.ZoomShare)
        {
            zoom = options.Zoom.Least * Math.Pow(options.Zoom.Most / options.Zoom.Least, random.NextDouble());
            if (image.Annotations.Count > 0 && (isClose || zoom > 1))
            {
                var box = image.Annotations[random.Next(image.Annotations.Count)].Mask.BoxXywh; // something to look at, anywhere on the canvas
                if (isClose) zoom = Math.Clamp(longer / Math.Max(1, Math.Max(box.Width, box.Height)) * Fill(), 1, options.MostClose);
                source = (box.X + box.Width / 2.0, box.Y + box.Height / 2.0);
                canvas = (Place(source.X, width), Place(source.Y, height));
            }
            else if (zoom < 1) canvas = (size * (0.5 + (random.NextDouble() - 0.5) * (1 - zoom)), size * (0.5 + (random.NextDouble() - 0.5) * (1 - zoom)));
        }
        double scale = zoom * size / longer, angle = random.NextDouble() < options.TurnShare
            ? (2 * random.NextDouble() - 1) * options.Turn * Math.PI / 180 : 0;
        bool mirror = random.Next(2) == 0 && !IsSided(image);
        return CanvasView.Create(source, canvas, (mirror ? -1 : 1) * scale * Stretched(), scale * Stretched(), angle);

        double Fill() => options.Fill.Least + (options.Fill.Most - options.Fill.Least) * random.NextDouble();

        double Stretched() => Math.Pow(1 + options.Stretch, 2 * random.NextDouble() - 1);

        // Where a source coordinate lies, so that the canvas shows as little beyond the image as it must.
        double Place(double at, double length)
        {
            double s = zoom * size / longer, before = at * s, after = (length - at) * s, drawn = size * (0.2 + 0.6 * random.NextDouble());
            if (before + after <= size) return size / 2 + (before - after) / 2;
            return Math.Clamp(drawn, Math.Max(0, size - after), Math.Min(size, before));
        }
    }
}
