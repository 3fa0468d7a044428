using System.Buffers;
using SkiaSharp;

namespace SemanticSam.Imaging.Decoding;

/// <summary>A format that Skia decodes. Skia draws what there is of a file that is cut off, so the end is looked for here.</summary>
internal abstract class SkiaReader(ImageFormat format, string formatName) : ImageReader(format, formatName)
{
    public sealed override (int Width, int Height) ReadSize(ReadOnlyMemory<byte> file, ImageDecoderOptions options, string name)
    {
        using MemoryHandle pinned = file.Pin();
        using SKCodec codec = Open(pinned, file, name);
        CheckLimits(codec.Info.Width, codec.Info.Height, options, name);
        if (Reduction.FactorFor(codec.Info.Width, codec.Info.Height, options) > 1) CheckReducible(file, codec.Info.Width, codec.Info.Height, options, name);
        if (options.Page is { } page and not 1)
            throw new ImageException(ImageError.Format, $"{name} is {OneOfFormat}: it has no page {page}; only TIFF has several.");
        if (options.LeastShare >= 1 && !ReachesEnd(file.Span)) throw Truncated(name);
        if (options.LeastShare >= 1 && Hole(file.Span) is { } hole) throw WithHole(name, hole);
        return Orientation.SwapsSides(Origin(codec, file.Span)) ? (codec.Info.Height, codec.Info.Width) : (codec.Info.Width, codec.Info.Height);
    }

    public sealed override unsafe (int Width, int Height)? PeekSize(ReadOnlyMemory<byte> head)
    {
        using MemoryHandle pinned = head.Pin();
        using SKData data = SKData.Create((IntPtr)pinned.Pointer, head.Length);
        using var codec = SKCodec.Create(data);
        if (codec is null || codec.Info.Width < 1 || codec.Info.Height < 1) return null;
        return Orientation.SwapsSides(Origin(codec, head.Span)) ? (codec.Info.Height, codec.Info.Width) : (codec.Info.Width, codec.Info.Height);
    }

    public sealed override unsafe int PeekOrientation(ReadOnlyMemory<byte> head)
    {
        using MemoryHandle pinned = head.Pin();
        using SKData data = SKData.Create((IntPtr)pinned.Pointer, head.Length);
        using var codec = SKCodec.Create(data);
        return codec is null ? 1 : (int)Origin(codec, head.Span); // Skia counts as EXIF does
    }

    public sealed override RgbImage Decode(ReadOnlyMemory<byte> file, ImageDecoderOptions options, string name)
    {
        if (Hole(file.Span) is not { } hole) return DecodeSound(file, options, name);
        // What lies before the hole is as a file that is cut off there.
        if (options.LeastShare >= 1) throw WithHole(name, hole);
        try
        {
            var before = DecodeSound(file[..hole.Start], options, name);
            options.Notice?.Invoke($"{name} is damaged: {hole.Describe()}.");
            return before;
        }
        catch (ImageException e) when (e.Error == ImageError.Truncated)
        {
            throw WithHole(name, hole);
        }
    }

    private RgbImage DecodeSound(ReadOnlyMemory<byte> file, ImageDecoderOptions options, string name)
    {
        using MemoryHandle pinned = file.Pin();
        using SKCodec codec = Open(pinned, file, name);
        bool cut = !ReachesEnd(file.Span);
        if (Reduction.FactorFor(codec.Info.Width, codec.Info.Height, options) is > 1 and var factor)
            return Told(Orientation.Turn(DecodeReduced(codec, file, factor, options, name), Origin(codec, file.Span)), options, name);
        if (!cut && Deep(file.Span, options, name) is { } deep)
        {
            using var sixteen = deep.AsBitmap();
            return Orientation.ToRgb(sixteen, Origin(codec, file.Span), options.Background);
        }
        // Unpremultiplied and without a color space: the samples as they are stored.
        var alpha = codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
        using var bitmap = new SKBitmap(new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, alpha));
        if (cut) return Orientation.ToRgb(WhatIsThere(codec, file.Span, bitmap, options, name), Origin(codec, file.Span), options.Background);
        return codec.GetPixels(bitmap.Info, bitmap.GetPixels()) switch
        {
            SKCodecResult.Success => Orientation.ToRgb(bitmap, Origin(codec, file.Span), options.Background),
            _ => throw Damaged(name),
        };
    }

    /// <summary>Refuses a large image that could not be reduced while it is decoded.</summary>
    protected virtual void CheckReducible(ReadOnlyMemory<byte> file, int width, int height, ImageDecoderOptions options, string name) =>
        throw CannotReduce(OneOfFormat, width, height, options, name);

    /// <summary>Decodes a large image, reduced, as it is stored.</summary>
    /// <param name="codec">Open.</param>
    /// <param name="file">The file.</param>
    /// <param name="factor">By how much, at least.</param>
    /// <param name="options">Limits and background.</param>
    /// <param name="name">What messages call it.</param>
    protected virtual RgbImage DecodeReduced(SKCodec codec, ReadOnlyMemory<byte> file, int factor, ImageDecoderOptions options, string name)
    {
        var size = ScaledSize(codec, options);
        var alpha = codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
        using var bitmap = new SKBitmap(new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, alpha));
        if (!ReachesEnd(file.Span)) WhatIsThere(codec, file.Span, bitmap, options, name);
        else if (codec.GetPixels(bitmap.Info, bitmap.GetPixels()) != SKCodecResult.Success) throw Damaged(name);
        var stored = Orientation.ToRgb(bitmap, SKEncodedOrigin.TopLeft, options.Background);
        return new(stored.Width, stored.Height, stored.Pixels, codec.Info.Width, codec.Info.Height);
    }

    /// <summary>The largest size at which the codec decodes at once and that is small enough: JPEG knows eighths, WebP any.</summary>
    private static SKSizeI ScaledSize(SKCodec codec, ImageDecoderOptions options)
    {
        for (int eighths = 7; eighths > 1; eighths--)
            if (codec.GetScaledDimensions(eighths / 8f) is var size && (long)size.Width * size.Height <= Reduction.MostPixels(options)) return size;
        return codec.GetScaledDimensions(1 / 8f);
    }

    /// <summary>The rows of a file that is cut off, over white; enough of them have to be there.</summary>
    private SKBitmap WhatIsThere(SKCodec codec, ReadOnlySpan<byte> file, SKBitmap bitmap, ImageDecoderOptions options, string name)
    {
        bitmap.Erase(SKColors.White);
        int rows = 0, height = bitmap.Height;
        int? counted = WholeRows(file, name);
        if (counted < height * options.LeastShare) throw Truncated(name);
        if (codec.ScanlineOrder == SKCodecScanlineOrder.BottomUp) throw Truncated(name); // what is missing is the top, and where it begins is not told
        if (codec.StartScanlineDecode(bitmap.Info) == SKCodecResult.Success) rows = codec.GetScanlines(bitmap.GetPixels(), height, bitmap.RowBytes);
        else if (codec.StartIncrementalDecode(bitmap.Info, bitmap.GetPixels(), bitmap.RowBytes) == SKCodecResult.Success
            && codec.IncrementalDecode(out rows) == SKCodecResult.Success) rows = height;
        rows = counted ?? rows;
        if (rows < height * options.LeastShare) throw Truncated(name);
        // What follows is what the decoder made of nothing.
        if (rows < height)
        {
            using var canvas = new SKCanvas(bitmap);
            using var white = new SKPaint { Color = SKColors.White, BlendMode = SKBlendMode.Src };
            canvas.DrawRect(new SKRect(0, rows, bitmap.Width, height), white);
        }
        options.Notice?.Invoke(CutOff(name, rows, height));
        return bitmap;
    }

    /// <summary>Whether the file goes on to where the format says that it ends.</summary>
    protected abstract bool ReachesEnd(ReadOnlySpan<byte> file);

    /// <summary>A piece of the file that is zero where that cannot be; null for none, or where the decoder notices.</summary>
    protected virtual ZeroHole? Hole(ReadOnlySpan<byte> file) => null;

    private ImageException WithHole(string name, ZeroHole hole) =>
        new(ImageError.Truncated, $"{name} is a damaged {FormatName}: {hole.Describe()}. Copy or download it again.");

    /// <summary>
    /// How many rows of a file that is cut off are there, from the first on, where the codec does not tell: it takes all for there as soon as one pixel of each
    /// is, or of none. Null where it does tell.
    /// </summary>
    protected virtual int? WholeRows(ReadOnlySpan<byte> file, string name) => null;

    /// <summary>Samples of 16 bits that do not use all of them; null where the upper 8 bits are the colors.</summary>
    protected virtual DeepPixels? Deep(ReadOnlySpan<byte> file, ImageDecoderOptions options, string name) => null;

    /// <summary>How the stored rows lie in the upright image.</summary>
    protected virtual SKEncodedOrigin Origin(SKCodec codec, ReadOnlySpan<byte> file) => codec.EncodedOrigin;

    private unsafe SKCodec Open(in MemoryHandle pinned, ReadOnlyMemory<byte> file, string name)
    {
        using SKData data = SKData.Create((IntPtr)pinned.Pointer, file.Length);
        // Skia calls damaged headers incomplete, too; the end of the file tells the two apart.
        return SKCodec.Create(data) ?? throw (ReachesEnd(file.Span) ? Damaged(name) : Truncated(name));
    }
}
