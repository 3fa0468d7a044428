namespace SkiaSharp;

public struct SKCodecOptions
{
    public static readonly SKCodecOptions Default;
}

public class SKCodec : SKObject
{
    private readonly SharedBytes _bytes;
    private readonly NativeImageInfo _native;

    private SKCodec(SharedBytes bytes, NativeImageInfo native, SKEncodedOrigin origin)
    {
        _bytes = bytes;
        _native = native;
        EncodedOrigin = origin;
        bool alpha = native.Alpha != 0;
        Info = new(native.Width, native.Height, native.Gray != 0 && !alpha ? SKColorType.Gray8 : SKImageInfo.PlatformColorType,
            alpha ? SKAlphaType.Unpremul : SKAlphaType.Opaque);
    }

    public SKImageInfo Info { get; }
    public SKEncodedOrigin EncodedOrigin { get; }
    public SKEncodedImageFormat EncodedFormat => (SKEncodedImageFormat)_native.Format;

    public static unsafe SKCodec Create(SKData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        NativeImageInfo native;
        if (Native.Info(data.Bytes.Address, (nuint)data.Size, &native) != SKCodecResult.Success) return null;
        var origin = ExifOrientation.Find((SKEncodedImageFormat)native.Format, data.AsSpan());
        return new(data.Bytes.Share(), native, origin);
    }

    public static SKCodec Create(string filename)
    {
        using SKData data = SKData.Create(filename);
        return data is null ? null : Create(data);
    }

    public static SKCodec Create(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using (stream)
        using (SKData data = SKData.Create(stream))
            return Create(data);
    }

    public SKCodecResult GetPixels(SKImageInfo info, IntPtr pixels) => GetPixels(info, pixels, info.RowBytes, SKCodecOptions.Default);

    public SKCodecResult GetPixels(SKImageInfo info, IntPtr pixels, SKCodecOptions options) => GetPixels(info, pixels, info.RowBytes, options);

    public unsafe SKCodecResult GetPixels(SKImageInfo info, IntPtr pixels, int rowBytes, SKCodecOptions options)
    {
        if (pixels == IntPtr.Zero) throw new ArgumentNullException(nameof(pixels));
        if (info.Size != Info.Size) return SKCodecResult.InvalidScale;
        if (info.IsOpaque && !Info.IsOpaque) return SKCodecResult.InvalidConversion;
        if (rowBytes < info.RowBytes) return SKCodecResult.InvalidParameters;
        NativeLayout layout;
        switch (info.ColorType)
        {
            case SKColorType.Rgba8888 or SKColorType.Bgra8888 or SKColorType.Rgb888x: layout = NativeLayout.Rgba8; break;
            case SKColorType.Gray8 when Info.ColorType == SKColorType.Gray8: layout = NativeLayout.Gray8; break;
            case SKColorType.RgbaF16 when EncodedFormat == SKEncodedImageFormat.Png: layout = NativeLayout.Rgba16; break;
            default: return SKCodecResult.InvalidConversion;
        }
        SKCodecResult result = Native.Decode(_bytes.Address, (nuint)_bytes.Size, layout, (byte*)pixels, (nuint)rowBytes);
        GC.KeepAlive(this);
        if (result is SKCodecResult.Success or SKCodecResult.IncompleteInput) PixelFormats.FromDecoded(info, (byte*)pixels, rowBytes);
        return result;
    }

    internal override void Free() => _bytes?.Release();
}
