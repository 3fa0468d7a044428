using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using SkiaSharp;
using static SemanticSam.Imaging.Decoding.TiffFields;

namespace SemanticSam.Imaging.Decoding;

/// <summary>TIFF by LibTiff: one of its pages. Samples of more than 8 bits become 8 by <see cref="SampleDepth"/>.</summary>
internal sealed class TiffReader() : ImageReader(ImageFormat.Tiff, "TIFF")
{
    /// <summary>Pages that are counted for a message.</summary>
    private const int MostPages = TiffDirectories.Most;

    static TiffReader() => Tiff.SetErrorHandler(new Silent());

    public override bool Recognizes(ReadOnlySpan<byte> file) =>
        file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8) || file.StartsWith("II+\0"u8) || file.StartsWith("MM\0+"u8);

    public override (int Width, int Height) ReadSize(ReadOnlyMemory<byte> file, ImageDecoderOptions options, string name)
    {
        using var tiff = Open(file, options, name);
        long width = Field(tiff, TiffTag.IMAGEWIDTH), height = Field(tiff, TiffTag.IMAGELENGTH);
        var origin = Origin(tiff); // before rows are asked for, which come as they are stored
        if (width < 1 || height < 1) throw Damaged(name);
        CheckLimits(width, height, options, name);
        if (Reduction.FactorFor((int)width, (int)height, options) > 1 && !TiffDeepRows.Are(tiff, name)
            && TiffRows.Of(tiff, (int)width, (int)height, options) is null)
            throw CannotReduce("a TIFF of this kind (one strip, or very large tiles)", width, height, options, name);
        return Orientation.SwapsSides(origin) ? ((int)height, (int)width) : ((int)width, (int)height);
    }

    public override RgbImage Decode(ReadOnlyMemory<byte> file, ImageDecoderOptions options, string name)
    {
        using var tiff = Open(file, options, name);
        int width = (int)Field(tiff, TiffTag.IMAGEWIDTH), height = (int)Field(tiff, TiffTag.IMAGELENGTH);
        if (options.Page is null && HasOtherPages(file, name))
            options.Notice?.Invoke($"{name} has several pages; the first is taken. Others are named by their number, as in {name}{ImagePage.Mark}2.");
        try
        {
            var origin = Origin(tiff);
            if (Reduction.FactorFor(width, height, options) is > 1 and var factor)
                return Told(Orientation.Turn(DecodeReduced(tiff, width, height, factor, options, name), origin), options, name);
            if (Deep(tiff, width, height, options, name) is { } deep)
            {
                using var sixteen = deep.AsBitmap();
                return Orientation.ToRgb(sixteen, origin, options.Background);
            }
            using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
            var raster = new int[checked(width * height)];
            // Rows as they are stored: they are turned upright as those of other formats are.
            if (!tiff.RGBAImageOK(out string why)
                ) throw new ImageException(ImageError.Format, $"{name} is a TIFF that cannot be read: {Plain(why)}. Save it as PNG.");
            if (!tiff.ReadRGBAImageOriented(width, height, raster, StoredOrientation(tiff), true)) throw Truncated(name);
            RequireWhole(tiff, name);
            Marshal.Copy(raster, 0, bitmap.GetPixels(), raster.Length);
            return Orientation.ToRgb(bitmap, origin, options.Background);
        }
        catch (Exception e) when (e is not ImageException and not OutOfMemoryException)
        {
            throw Damaged(name); // whatever the library throws of a damaged file
        }
    }

    /// <summary>Gray values of 8 or 16 bits, or places in a palette of up to 256 colors.</summary>
    public override ushort[]? StoredValues(ReadOnlyMemory<byte> file, int width, int height, string name)
    {
        using var tiff = Open(file, ImageDecoderOptions.Whole, name);
        try
        {
            if (Origin(tiff) != SKEncodedOrigin.TopLeft || IsInverted(tiff)) return null;
            if (TiffDeepRows.Are(tiff, name))
                return new TiffDeepRows(tiff, width, height, name) is { Kept: 1, PassedOver: 0 } rows ? Whole(rows.ReadAll(name)) : null;
            return TiffByteRows.Are(tiff) ? Whole(TiffByteRows.ReadAll(tiff, width, height) ?? throw Truncated(name)) : null;
        }
        catch (Exception e) when (e is not ImageException and not OutOfMemoryException)
        {
            throw Damaged(name); // whatever the library throws of a damaged file
        }

        ushort[] Whole(ushort[] values)
        {
            RequireWhole(tiff, name);
            return values;
        }
    }

    /// <summary>Open at the page that is asked for.</summary>
    private static Tiff Open(ReadOnlyMemory<byte> file, ImageDecoderOptions options, string name)
    {
        Silent.IsShort = false;
        if (Open(file, name) is not { } tiff) throw new ImageException(ImageError.Format, $"{name} is a damaged TIFF: its directory cannot be read.");
        if (options.Page is null or 1) return tiff;
        try
        {
            if (options.Page is > 1 and <= short.MaxValue and var page && tiff.SetDirectory((short)(page - 1))) return tiff;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // said below
        }
        tiff.Dispose();
        int pages = Pages(file, name, MostPages).Count();
        throw new ImageException(ImageError.Format,
            $"{name} has no page {options.Page} that can be read: " +
                $"{(pages == 1 ? "there is one page" : $"there are {(pages == MostPages ? "more than " : "")}{pages} pages, counted from 1")}.");
    }

    private static Tiff? Open(ReadOnlyMemory<byte> file, string name)
    {
        if (!TiffDirectories.AreSound(file.Span)) return null;
        var bytes = MemoryMarshal.TryGetArray(file, out var segment) ? segment : new(file.ToArray());
        try
        {
            return Tiff.ClientOpen(name, "r", new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false), new TiffStream());
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return null;
        }
    }

    /// <summary>Whether each page is one of its own, and no smaller copy or mask of another.</summary>
    private static IEnumerable<bool> Pages(ReadOnlyMemory<byte> file, string name, int most)
    {
        using var tiff = Open(file, name);
        for (int page = 0; tiff is not null && page < most; page++)
        {
            yield return (Field(tiff, TiffTag.SUBFILETYPE) & (long)(FileType.REDUCEDIMAGE | FileType.MASK)) == 0;
            try
            {
                if (!tiff.ReadDirectory()) yield break; // pages that lead back to one before end here, too
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                yield break;
            }
        }
    }

    private static bool HasOtherPages(ReadOnlyMemory<byte> file, string name) => Pages(file, name, most: 100).Skip(1).Any(own => own);

    /// <summary>A large page, reduced, as it is stored.</summary>
    private RgbImage DecodeReduced(Tiff tiff, int width, int height, int factor, ImageDecoderOptions options, string name)
    {
        if (TiffDeepRows.Are(tiff, name))
        {
            var samples = new TiffDeepRows(tiff, width, height, name);
            bool inverted = IsInverted(tiff);
            ushort white = inverted ? ushort.MinValue : ushort.MaxValue;
            var (deep, largest) = samples.AreByRow ? Reduced(tiff, samples, width, height, factor, white, options, name)
                : ReducedByPlane(samples, width, height, factor, white, options, name);
            Notice(samples, options, name);
            RequireWhole(tiff, name);
            if (samples.Kept > samples.Colors && (samples.Largest == 0 || !samples.AreByRow))
                options.Notice?.Invoke($"{name} has alpha, which is not seen where an image of its kind is reduced.");
            byte[] pixels = samples.DepthOf(largest).Of8(deep, options, name);
            if (inverted)
                for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)(255 - pixels[i]);
            return new(Reduction.Up(width, factor), Reduction.Up(height, factor), pixels, width, height);
        }
        var rows = TiffRows.Of(tiff, width, height, options) ?? throw Damaged(name);
        var reducer = new RowReducer<byte>(width, height, factor);
        var row = new byte[3 * width];
        while (reducer.Rows < height && rows.Read(row)) reducer.Add(row);
        Complete(reducer, byte.MaxValue, options, name);
        RequireWhole(tiff, name);
        return reducer.AsImage(reducer.Result);
    }

    /// <summary>Samples as R, G, B, reduced; and the largest of them.</summary>
    private (ushort[] Rgb, ushort Largest) Reduced(Tiff tiff, TiffDeepRows samples, int width, int height, int factor, ushort white,
        ImageDecoderOptions options, string name)
    {
        var reducer = new RowReducer<ushort>(width, height, factor);
        var (line, rgb) = (new ushort[width * samples.Kept], new ushort[3 * width]);
        ushort largest = 0;
        while (reducer.Rows < height && samples.Read(line))
        {
            for (int i = 0; i < rgb.Length; i++)
                largest = Math.Max(largest, rgb[i] = line[i / 3 * samples.Kept + Math.Min(i % 3, samples.Colors - 1)]);
            if (samples.Kept > samples.Colors && samples.Largest > 0) Compose(rgb, line, samples, IsInverted(tiff), options.Background);
            reducer.Add(rgb);
        }
        Complete(reducer, white, options, name);
        return (reducer.Result, largest);
    }

    /// <summary>Composes a row of samples over the background, in place.</summary>
    private static void Compose(Span<ushort> rgb, ReadOnlySpan<ushort> line, TiffDeepRows samples, bool inverted, (byte R, byte G, byte B) background)
    {
        long most = samples.Largest;
        for (int i = 0; i < rgb.Length; i++)
        {
            long alpha = line[i / 3 * samples.Kept + samples.Colors];
            long under = (i % 3 == 0 ? background.R : i % 3 == 1 ? background.G : background.B) * most / 255;
            if (inverted) under = most - under;
            long over = samples.IsPremultiplied ? rgb[i] * most : rgb[i] * alpha;
            rgb[i] = (ushort)Math.Min(most, (over + under * (most - alpha) + most / 2) / most);
        }
    }

    /// <summary>As the other, one plane after the other: each is as long as the image, so they cannot be read side by side.</summary>
    private (ushort[] Rgb, ushort Largest) ReducedByPlane(TiffDeepRows samples, int width, int height, int factor, ushort white,
        ImageDecoderOptions options, string name)
    {
        var rgb = new ushort[checked(3 * (int)Reduction.Area(width, height, factor))];
        var line = new ushort[width];
        ushort largest = 0;
        for (int plane = 0; plane < samples.Colors; plane++)
        {
            var reducer = new RowReducer<ushort>(width, height, factor, samples: 1);
            samples.Restart();
            while (reducer.Rows < height && samples.ReadOfPlane(plane, line))
            {
                foreach (ushort sample in line) largest = Math.Max(largest, sample);
                reducer.Add(line);
            }
            Complete(reducer, white, options, name);
            for (int i = 0; i < reducer.Result.Length; i++)
            {
                if (samples.Colors == 1) rgb.AsSpan(3 * i, 3).Fill(reducer.Result[i]);
                else rgb[3 * i + plane] = reducer.Result[i];
            }
        }
        return (rgb, largest);
    }

    /// <summary>The reading of gray and RGB samples that are read here; null for what the library turns into colors itself.</summary>
    private static DeepPixels? Deep(Tiff tiff, int width, int height, ImageDecoderOptions options, string name)
    {
        if (!TiffDeepRows.Are(tiff, name)) return null;
        var rows = new TiffDeepRows(tiff, width, height, name);
        var values = rows.ReadAll(name);
        ushort largest = 0; // of the colors: alpha uses all bits where they do not
        for (int i = 0; i < values.Length; i++)
            if (i % rows.Kept < rows.Colors) largest = Math.Max(largest, values[i]);
        var depth = rows.DepthOf(largest);
        depth.Notice(options, name);
        Notice(rows, options, name);
        RequireWhole(tiff, name);
        return new(values, width, height, rows.Kept, rows.Colors, IsInverted(tiff), depth, rows.IsPremultiplied);
    }

    /// <summary>Refuses what the library read without all of its data: of LZW it says so in a warning, and goes on; of deflate it does not look.</summary>
    private static void RequireWhole(Tiff tiff, string name)
    {
        if (Silent.IsShort || !TiffDeflate.IsSound(tiff))
            throw new ImageException(ImageError.Format, $"{name} is a damaged TIFF: some of its compressed data are not what they were.");
    }

    private static bool IsInverted(Tiff tiff) => Field(tiff, TiffTag.PHOTOMETRIC) == (long)Photometric.MINISWHITE;

    /// <summary>Says what of the samples is not seen.</summary>
    private static void Notice(TiffDeepRows rows, ImageDecoderOptions options, string name)
    {
        if (rows.HadNegative) options.Notice?.Invoke($"{name} has negative samples; they are taken as 0.");
        if (rows.PassedOver > 0)
            options.Notice?.Invoke($"{name} has {rows.Kept + rows.PassedOver} samples a pixel; "
                + $"{(rows.Colors == 3 ? "the first three are taken as red, green and blue" : "the first is taken as gray")}.");
    }

    private static SKEncodedOrigin Origin(Tiff tiff) => Field(tiff, TiffTag.ORIENTATION, 1) is >= 1 and <= 8 and var value ? (SKEncodedOrigin)value
        : SKEncodedOrigin.TopLeft;

    private static BitMiracle.LibTiff.Classic.Orientation StoredOrientation(Tiff tiff) => (BitMiracle.LibTiff.Classic.Orientation)(int)Origin(tiff);

    private static string Plain(string? why) => string.IsNullOrWhiteSpace(why) ? "its kind is not known" : why.Trim().TrimEnd('.');

    /// <summary>The library writes to the console otherwise.</summary>
    private sealed class Silent : TiffErrorHandler
    {
        public override void ErrorHandler(Tiff tif, string method, string format, params object[] args) { }

        public override void ErrorHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args) { }

        [ThreadStatic] private static bool _isShort;

        /// <summary>Whether data ran short since this was last set to false, on this thread.</summary>
        public static bool IsShort { get => _isShort; set => _isShort = value; }

        public override void WarningHandler(Tiff tif, string method, string format, params object[] args) =>
            _isShort |= format.Contains("Not enough data", StringComparison.Ordinal);

        public override void WarningHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args) { }
    }
}
