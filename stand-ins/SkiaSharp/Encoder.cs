using System.Runtime.InteropServices;

namespace SkiaSharp;

/// <summary>Pixels to JPEG, PNG or WebP bytes.</summary>
internal static unsafe class Encoder
{
    public static SKData Encode(SKImageInfo info, byte* pixels, int rowBytes, SKEncodedImageFormat format, int quality) => format switch
    {
        SKEncodedImageFormat.Jpeg => Jpeg(info, pixels, rowBytes, new(quality)),
        SKEncodedImageFormat.Png => Png(info, pixels, rowBytes, SKPngEncoderOptions.Default),
        SKEncodedImageFormat.Webp => Webp(info, pixels, rowBytes,
            new(quality >= 100 ? SKWebpEncoderCompression.Lossless : SKWebpEncoderCompression.Lossy, quality >= 100 ? 75 : quality)),
        _ => null,
    };

    public static SKData Jpeg(SKImageInfo info, byte* pixels, int rowBytes, SKJpegEncoderOptions options) =>
        Run(info, pixels, rowBytes, grayAllowed: true, (from, stride, layout, encoded, size) =>
            Native.EncodeJpeg(from, layout, info.Width, info.Height, stride, Math.Clamp(options.Quality, 0, 100), (int)options.Downsample, encoded, size));

    public static SKData Png(SKImageInfo info, byte* pixels, int rowBytes, SKPngEncoderOptions options) =>
        Run(info, pixels, rowBytes, grayAllowed: true, (from, stride, layout, encoded, size) =>
            Native.EncodePng(from, layout, info.IsOpaque ? 1 : 0, info.Width, info.Height, stride, Math.Clamp(options.ZLibLevel, 0, 9),
                (int)options.FilterFlags, encoded, size));

    public static SKData Webp(SKImageInfo info, byte* pixels, int rowBytes, SKWebpEncoderOptions options) =>
        Run(info, pixels, rowBytes, grayAllowed: false, (from, stride, layout, encoded, size) =>
            Native.EncodeWebp(from, info.IsOpaque || info.ColorType == SKColorType.Gray8 ? 1 : 0, info.Width, info.Height, stride, Math.Clamp(options.Quality, 0, 100),
                options.Compression == SKWebpEncoderCompression.Lossless ? 1 : 0, encoded, size));

    private delegate SKCodecResult Call(byte* pixels, nuint stride, NativeLayout layout, byte** encoded, nuint* size);

    private static SKData Run(SKImageInfo info, byte* pixels, int rowBytes, bool grayAllowed, Call call)
    {
        if (info.IsEmpty || pixels == null) return null;
        if (info.ColorType is not (SKColorType.Gray8 or SKColorType.Rgba8888 or SKColorType.Bgra8888 or SKColorType.Rgb888x)) return null;
        byte* encoded = null;
        nuint size = 0;
        SKCodecResult result;
        if (grayAllowed && info.ColorType == SKColorType.Gray8) result = call(pixels, (nuint)rowBytes, NativeLayout.Gray8, &encoded, &size);
        else if (IsRgba(info)) result = call(pixels, (nuint)rowBytes, NativeLayout.Rgba8, &encoded, &size);
        else
        {
            long stride = info.Width * 4L;
            byte* rgba = (byte*)NativeMemory.Alloc((nuint)(stride * info.Height));
            for (int y = 0; y < info.Height; y++) PixelFormats.ToRgba(info, pixels + (long)y * rowBytes, rgba + y * stride);
            result = call(rgba, (nuint)stride, NativeLayout.Rgba8, &encoded, &size);
            NativeMemory.Free(rgba);
        }
        if (result != SKCodecResult.Success) return null;
        byte* owned = encoded;
        return new(new SharedBytes(owned, (long)size, () => Native.Free(owned)));
    }

    private static bool IsRgba(SKImageInfo info) =>
        info.ColorType == SKColorType.Rgb888x || (info.ColorType == SKColorType.Rgba8888 && info.AlphaType != SKAlphaType.Premul);
}
