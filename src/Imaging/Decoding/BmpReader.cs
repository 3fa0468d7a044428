using System.Buffers.Binary;
using SkiaSharp;

namespace SemanticSam.Imaging.Decoding;

/// <summary>BMP, whose pixels lie at the end of the file.</summary>
internal sealed class BmpReader() : SkiaReader(ImageFormat.Bmp, "BMP")
{
    private const int Headers = 30, PixelsAt = 10, WidthAt = 18, HeightAt = 22, BitsAt = 28, CompressionAt = 30;

    public override bool Recognizes(ReadOnlySpan<byte> file) => file.Length >= Headers && file.StartsWith("BM"u8);

    /// <summary>Whether all rows are there; of compressed files, whether the length is what the header says.</summary>
    protected override bool ReachesEnd(ReadOnlySpan<byte> file)
    {
        if (file.Length < Headers + 4) return false;
        if (BinaryPrimitives.ReadInt32LittleEndian(file[CompressionAt..]) is 1 or 2) return BinaryPrimitives.ReadUInt32LittleEndian(file[2..]) <= file.Length;
        long width = BinaryPrimitives.ReadInt32LittleEndian(file[WidthAt..]), height = Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(file[HeightAt..]));
        long row = (width * BinaryPrimitives.ReadUInt16LittleEndian(file[BitsAt..]) + 31) / 32 * 4;
        return BinaryPrimitives.ReadUInt32LittleEndian(file[PixelsAt..]) + row * height <= file.Length;
    }

    /// <summary>Places in the palette, of files of a byte a pixel.</summary>
    public override ushort[]? StoredValues(ReadOnlyMemory<byte> file, int width, int height, string name)
    {
        var all = file.Span;
        if (BinaryPrimitives.ReadUInt16LittleEndian(all[BitsAt..]) != 8 || BinaryPrimitives.ReadInt32LittleEndian(all[CompressionAt..]) != 0) return null;
        if (!ReachesEnd(all)) throw Truncated(name);
        long start = BinaryPrimitives.ReadUInt32LittleEndian(all[PixelsAt..]), row = (width + 3L) / 4 * 4;
        bool bottomUp = BinaryPrimitives.ReadInt32LittleEndian(all[HeightAt..]) > 0;
        var values = new ushort[width * height];
        for (int y = 0; y < height; y++)
        {
            var from = all.Slice((int)(start + row * (bottomUp ? height - 1 - y : y)), width);
            for (int x = 0; x < width; x++) values[y * width + x] = from[x];
        }
        return values;
    }

    protected override void CheckReducible(ReadOnlyMemory<byte> file, int width, int height, ImageDecoderOptions options, string name)
    {
        if (BinaryPrimitives.ReadInt32LittleEndian(file.Span[CompressionAt..]) is 1 or 2) throw CannotReduce("a compressed BMP", width, height, options, name);
    }

    protected override RgbImage DecodeReduced(SKCodec codec, ReadOnlyMemory<byte> file, int factor, ImageDecoderOptions options, string name)
    {
        int width = codec.Info.Width, height = codec.Info.Height;
        if (!ReachesEnd(file.Span)) throw Truncated(name);
        var alpha = codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
        using var row = new SKBitmap(new SKImageInfo(width, 1, SKColorType.Rgba8888, alpha));
        if (codec.StartScanlineDecode(new SKImageInfo(width, height, SKColorType.Rgba8888, alpha)) != SKCodecResult.Success) throw Damaged(name);
        var reducer = new RowReducer<byte>(width, height, factor);
        while (reducer.Rows < height)
        {
            if (codec.GetScanlines(row.GetPixels(), 1, row.RowBytes) != 1) throw Damaged(name);
            reducer.Add(Orientation.ToRgb(row, SKEncodedOrigin.TopLeft, options.Background).Pixels);
        }
        var stored = reducer.AsImage(reducer.Result);
        return codec.ScanlineOrder == SKCodecScanlineOrder.BottomUp ? Orientation.Turn(stored, SKEncodedOrigin.BottomLeft) : stored;
    }
}
