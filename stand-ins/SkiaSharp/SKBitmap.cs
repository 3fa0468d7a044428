using System.Runtime.InteropServices;

namespace SkiaSharp;

public class SKBitmap : SKObject
{
    private SharedBytes _pixels;

    public SKBitmap() { }

    public SKBitmap(int width, int height, bool isOpaque = false)
        : this(new SKImageInfo(width, height, SKImageInfo.PlatformColorType, isOpaque ? SKAlphaType.Opaque : SKAlphaType.Premul)) { }

    public SKBitmap(int width, int height, SKColorType colorType, SKAlphaType alphaType) : this(new SKImageInfo(width, height, colorType, alphaType)) { }

    public unsafe SKBitmap(SKImageInfo info)
    {
        long size = info.BytesSize64;
        void* memory = info.Width < 0 || info.Height < 0 || info.BytesPerPixel == 0 || size > int.MaxValue ? null : TryAllocate(size);
        if (memory == null) throw new Exception("Unable to allocate pixels for the bitmap.");
        _pixels = new((byte*)memory, size, () => NativeMemory.Free(memory));
        Info = info;
        RowBytes = info.RowBytes;
    }

    public SKImageInfo Info { get; private set; }
    public int Width => Info.Width;
    public int Height => Info.Height;
    public SKColorType ColorType => Info.ColorType;
    public SKAlphaType AlphaType => Info.AlphaType;
    public int BytesPerPixel => Info.BytesPerPixel;
    public int RowBytes { get; private set; }
    public int ByteCount => RowBytes * Height;
    public bool IsEmpty => Info.IsEmpty;
    public bool IsNull => _pixels is null;
    public byte[] Bytes => GetPixelSpan().ToArray();

    public static SKBitmap Decode(SKCodec codec)
    {
        ArgumentNullException.ThrowIfNull(codec);
        SKImageInfo info = codec.Info;
        return Decode(codec, info.AlphaType == SKAlphaType.Unpremul ? info.WithAlphaType(SKAlphaType.Premul) : info);
    }

    public static SKBitmap Decode(SKCodec codec, SKImageInfo bitmapInfo)
    {
        ArgumentNullException.ThrowIfNull(codec);
        var bitmap = new SKBitmap(bitmapInfo);
        if (codec.GetPixels(bitmapInfo, bitmap.GetPixels()) is SKCodecResult.Success or SKCodecResult.IncompleteInput) return bitmap;
        bitmap.Dispose();
        return null;
    }

    public static SKBitmap Decode(byte[] buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        using SKData data = SKData.CreateCopy(buffer);
        using SKCodec codec = SKCodec.Create(data);
        return Decode(codec);
    }

    public static SKBitmap Decode(byte[] buffer, SKImageInfo bitmapInfo)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        using SKData data = SKData.CreateCopy(buffer);
        using SKCodec codec = SKCodec.Create(data);
        return Decode(codec, bitmapInfo);
    }

    public static SKBitmap Decode(string filename)
    {
        using SKCodec codec = SKCodec.Create(filename);
        return codec is null ? null : Decode(codec);
    }

    public unsafe IntPtr GetPixels() => (IntPtr)(_pixels is null ? null : _pixels.Address);
    public unsafe Span<byte> GetPixelSpan() => _pixels is null ? default : new(_pixels.Address, ByteCount);
    public void NotifyPixelsChanged() { }

    public SKPixmap PeekPixels() => IsNull ? null : new(Info, GetPixels(), RowBytes, this);

    public unsafe void Erase(SKColor color)
    {
        Span<byte> pixels = GetPixelSpan();
        switch (ColorType)
        {
            case SKColorType.Alpha8: pixels.Fill(color.Alpha); break;
            case SKColorType.Gray8: pixels.Fill((byte)((54 * color.Red + 183 * color.Green + 19 * color.Blue) >> 8)); break;
            case SKColorType.Rgba8888 or SKColorType.Bgra8888 or SKColorType.Rgb888x:
                MemoryMarshal.Cast<byte, uint>(pixels).Fill(Packed(color));
                break;
        }
    }

    public unsafe SKColor GetPixel(int x, int y)
    {
        if ((uint)x >= (uint)Width || (uint)y >= (uint)Height) return SKColor.Empty;
        byte* at = _pixels.Address + (long)y * RowBytes + x * BytesPerPixel;
        if (ColorType == SKColorType.Alpha8) return new(0, 0, 0, *at);
        byte* rgba = stackalloc byte[4];
        PixelFormats.ToRgba(Info.WithSize(1, 1), at, rgba);
        return new(rgba[0], rgba[1], rgba[2], AlphaType == SKAlphaType.Opaque ? (byte)255 : rgba[3]);
    }

    public SKData Encode(SKEncodedImageFormat format, int quality)
    {
        using SKPixmap pixmap = PeekPixels();
        return pixmap?.Encode(format, quality);
    }

    public bool Encode(Stream dst, SKEncodedImageFormat format, int quality)
    {
        ArgumentNullException.ThrowIfNull(dst);
        using SKData data = Encode(format, quality);
        data?.SaveTo(dst);
        return data is not null;
    }

    internal override void Free()
    {
        _pixels?.Release();
        _pixels = null;
    }

    internal SharedBytes SharePixels() => _pixels.Share();

    private uint Packed(SKColor color)
    {
        bool premultiply = AlphaType == SKAlphaType.Premul;
        uint r = premultiply ? PixelFormats.MultiplyRounded(color.Red, color.Alpha) : color.Red;
        uint g = premultiply ? PixelFormats.MultiplyRounded(color.Green, color.Alpha) : color.Green;
        uint b = premultiply ? PixelFormats.MultiplyRounded(color.Blue, color.Alpha) : color.Blue;
        uint a = AlphaType == SKAlphaType.Opaque ? 255u : color.Alpha;
        return ColorType == SKColorType.Bgra8888 ? b | (g << 8) | (r << 16) | (a << 24) : r | (g << 8) | (b << 16) | (a << 24);
    }

    private static unsafe void* TryAllocate(long size)
    {
        try
        {
            return NativeMemory.AllocZeroed((nuint)Math.Max(size, 1));
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }
}
