using SemanticSam.Imaging;
using SemanticSam.Imaging.Png;

namespace SemanticSam.Formats.Voc;

/// <summary>A PNG of such a set as a plane of colors, whether it has a palette, colors, or plain numbers of classes.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Colors">[height, width], red · 65,536 + green · 256 + blue.</param>
internal sealed record VocPng(int Width, int Height, int[] Colors)
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The PNG.</param>
    /// <param name="file">What messages call it.</param>
    /// <param name="colorOf">The color of a number, where pixels are gray.</param>
    /// <exception cref="AnnotationFileException">It cannot be read, or is too large.</exception>
    public static VocPng Read(string path, string file, Func<int, int> colorOf)
    {
        AnnotationFileException Bad(string what) => new(file, "", what);
        try
        {
            byte[] bytes = ImageFile.ReadBytes(path, ImageDecoderOptions.Default);
            var header = PngCodec.ReadHeader(bytes, "it");
            FormatLimits.Area(FormatLimits.Side(header.Width, "width", Bad), FormatLimits.Side(header.Height, "height", Bad), Bad,
                FormatLimits.LargestColorIndexArea);
            if (header.Depth == 16) throw Bad("it has 16 bits a color; the colors of classes have 8");
            var png = PngCodec.Decode(bytes, "it");
            var colors = new int[png.Width * png.Height];
            int channels = header.Channels;
            if (header.Color is PngColor.Rgb or PngColor.Rgba)
                for (int i = 0; i < colors.Length; i++)
                    colors[i] = png.Samples[i * channels] << 16 | png.Samples[i * channels + 1] << 8 | png.Samples[i * channels + 2];
            else
            {
                var of = Enumerable.Range(0, 256).Select(v => header.Color != PngColor.Palette ? colorOf(v)
                    : 3 * v + 2 < png.Palette.Length ? png.Palette[3 * v] << 16 | png.Palette[3 * v + 1] << 8 | png.Palette[3 * v + 2] : 0).ToArray();
                for (int i = 0; i < colors.Length; i++) colors[i] = of[png.Samples[i * channels] & 255];
            }
            return new(png.Width, png.Height, colors);
        }
        catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
        {
            throw Bad(e is ImageException ? e.Message.TrimEnd('.') : $"cannot be read: {e.Message.TrimEnd('.')}");
        }
    }
}
