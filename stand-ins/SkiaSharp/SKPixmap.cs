#nullable enable
namespace SkiaSharp;

public class SKPixmap : SKObject
{
    private readonly object? _owner;

    public SKPixmap(SKImageInfo info, IntPtr addr) : this(info, addr, info.RowBytes) { }

    public SKPixmap(SKImageInfo info, IntPtr addr, int rowBytes) : this(info, addr, rowBytes, null) { }

    internal SKPixmap(SKImageInfo info, IntPtr addr, int rowBytes, object? owner)
    {
        Info = info;
        RowBytes = rowBytes;
        Pointer = addr;
        _owner = owner;
    }

    private IntPtr Pointer { get; }

    public SKImageInfo Info { get; }
    public int Width => Info.Width;
    public int Height => Info.Height;
    public SKColorType ColorType => Info.ColorType;
    public SKAlphaType AlphaType => Info.AlphaType;
    public int BytesPerPixel => Info.BytesPerPixel;
    public int RowBytes { get; }
    public int BytesSize => Info.BytesSize;

    public IntPtr GetPixels() => Pointer;
    public unsafe Span<byte> GetPixelSpan() => new((void*)Pointer, Info.BytesSize);

    public unsafe SKData? Encode(SKEncodedImageFormat encoder, int quality) => Kept(Encoder.Encode(Info, (byte*)Pointer, RowBytes, encoder, quality));
    public unsafe SKData? Encode(SKJpegEncoderOptions options) => Kept(Encoder.Jpeg(Info, (byte*)Pointer, RowBytes, options));
    public unsafe SKData? Encode(SKPngEncoderOptions options) => Kept(Encoder.Png(Info, (byte*)Pointer, RowBytes, options));
    public unsafe SKData? Encode(SKWebpEncoderOptions options) => Kept(Encoder.Webp(Info, (byte*)Pointer, RowBytes, options));

    private SKData? Kept(SKData? data)
    {
        GC.KeepAlive(_owner);
        return data;
    }
}
