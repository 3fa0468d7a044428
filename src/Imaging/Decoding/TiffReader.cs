using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using SkiaSharp;

namespace SemanticSam.Imaging.Decoding;

/// <summary>TIFF by LibTiff: its first page. Samples of 16 bits become 8 by <see cref="SampleDepth"/>.</summary>
internal sealed class TiffReader() : ImageReader(ImageFormat.Tiff, "TIFF")
{
    static TiffReader() => Tiff.SetErrorHandler(new Silent());

    public override bool Recognizes(ReadOnlySpan<byte> file) =>
        file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8) || file.StartsWith("II+\0"u8) || file.StartsWith("MM\0+"u8);

    public override (int Width, int Height) ReadSize(ReadOnlyMemory<byte> file, ImageDecoderOptions options, string name)
    {
        using var tiff = Open(file, name);
        long width = Field(tiff, TiffTag.IMAGEWIDTH), height = Field(tiff, TiffTag.IMAGELENGTH);
        if (width < 1 || height < 1) throw Damaged(name);
        CheckLimits(width, height, options, name);
        return Orientation.SwapsSides(Origin(tiff)) ? ((int)height, (int)width) : ((int)width, (int)height);
    }

    public override RgbImage Decode(ReadOnlyMemory<byte> file, ImageDecoderOptions options, string name)
    {
        using var tiff = Open(file, name);
        int width = (int)Field(tiff, TiffTag.IMAGEWIDTH), height = (int)Field(tiff, TiffTag.IMAGELENGTH);
        try
        {
            if (Deep(tiff, width, height, options, name) is { } deep)
            {
                using var sixteen = deep.AsBitmap();
                return Orientation.ToRgb(sixteen, Origin(tiff), options.Background);
            }
            using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
            var raster = new int[checked(width * height)];
            // Rows as they are stored: they are turned upright as those of other formats are.
            if (!tiff.RGBAImageOK(out string why)) throw new ImageException(ImageError.Format, $"{name} is a TIFF that cannot be read: {Plain(why)}. Save it as PNG.");
            if (!tiff.ReadRGBAImageOriented(width, height, raster, StoredOrientation(tiff), true)) throw Truncated(name);
            Marshal.Copy(raster, 0, bitmap.GetPixels(), raster.Length);
            return Orientation.ToRgb(bitmap, Origin(tiff), options.Background);
        }
        catch (Exception e) when (e is not ImageException and not OutOfMemoryException)
        {
            throw Damaged(name); // whatever the library throws of a damaged file
        }
    }

    private static Tiff Open(ReadOnlyMemory<byte> file, string name)
    {
        Tiff? tiff;
        try
        {
            tiff = Tiff.ClientOpen(name, "r", new MemoryStream(file.ToArray(), writable: false), new TiffStream());
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            tiff = null;
        }
        return tiff ?? throw new ImageException(ImageError.Format, $"{name} is a damaged TIFF: its directory cannot be read.");
    }

    /// <summary>The reading of gray and RGB samples of 16 bits; null for what the library turns into colors itself.</summary>
    private static DeepPixels? Deep(Tiff tiff, int width, int height, ImageDecoderOptions options, string name)
    {
        long bits = Field(tiff, TiffTag.BITSPERSAMPLE, 1), samples = Field(tiff, TiffTag.SAMPLESPERPIXEL, 1), photometric = Field(tiff, TiffTag.PHOTOMETRIC, -1);
        if (Field(tiff, TiffTag.SAMPLEFORMAT, 1) is 3)
            throw new ImageException(ImageError.Format, $"{name} is a TIFF of floating-point numbers, which are no colors; scale them to 8 or 16 bits.");
        bool gray = photometric is (long)Photometric.MINISBLACK or (long)Photometric.MINISWHITE, rgb = photometric == (long)Photometric.RGB;
        if (bits != 16 || !gray && !rgb || Field(tiff, TiffTag.PLANARCONFIG, 1) != 1 || tiff.IsTiled() || samples is < 1 or > 4 || rgb && samples < 3) return null;
        var values = new ushort[checked((int)((long)width * height * samples))];
        var row = new byte[tiff.ScanlineSize()];
        for (int y = 0; y < height; y++)
        {
            if (!tiff.ReadScanline(row, y)) throw new ImageException(ImageError.Truncated, $"{name} is a TIFF that is cut off: row {y + 1} of {height} cannot be read.");
            MemoryMarshal.Cast<byte, ushort>(row)[..(int)(width * samples)].CopyTo(values.AsSpan((int)(y * width * samples)));
        }
        var depth = SampleDepth.Of(values);
        depth.Notice(options, name);
        return new(values, width, height, (int)samples, gray ? 1 : 3, photometric == (long)Photometric.MINISWHITE, depth);
    }

    private static long Field(Tiff tiff, TiffTag tag, long otherwise = 0) => tiff.GetField(tag) is [var value, ..] ? value.ToInt() : otherwise;

    private static SKEncodedOrigin Origin(Tiff tiff) => Field(tiff, TiffTag.ORIENTATION, 1) is >= 1 and <= 8 and var value ? (SKEncodedOrigin)value : SKEncodedOrigin.TopLeft;

    private static BitMiracle.LibTiff.Classic.Orientation StoredOrientation(Tiff tiff) => (BitMiracle.LibTiff.Classic.Orientation)(int)Origin(tiff);

    private static string Plain(string? why) => string.IsNullOrWhiteSpace(why) ? "its kind is not known" : why.Trim().TrimEnd('.');

    /// <summary>The library writes to the console otherwise.</summary>
    private sealed class Silent : TiffErrorHandler
    {
        public override void ErrorHandler(Tiff tif, string method, string format, params object[] args) { }

        public override void ErrorHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args) { }

        public override void WarningHandler(Tiff tif, string method, string format, params object[] args) { }

        public override void WarningHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args) { }
    }
}
