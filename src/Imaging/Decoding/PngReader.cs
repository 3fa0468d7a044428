using SemanticSam.Imaging.Png;
using SkiaSharp;

namespace SemanticSam.Imaging.Decoding;

/// <summary>PNG as colors; for PNG as numbers see <see cref="PngCodec"/>.</summary>
internal sealed class PngReader() : SkiaReader(ImageFormat.Png, "PNG")
{
    public override bool Recognizes(ReadOnlySpan<byte> file) => file.StartsWith(PngChunks.Signature);

    protected override bool ReachesEnd(ReadOnlySpan<byte> file)
    {
        foreach (PngChunk chunk in new PngChunks(file))
            if (chunk.Is("IEND"u8)) return true;
        return false;
    }

    /// <summary>Interlaced, what is missing is missing everywhere: the last pass holds every other row.</summary>
    protected override int? WholeRows(ReadOnlySpan<byte> file, string name) => PngCodec.ReadHeader(file, name).Interlaced ? 0 : null;

    protected override DeepPixels? Deep(ReadOnlySpan<byte> file, ImageDecoderOptions options, string name)
    {
        const long most = 50_000_000; // samples that are held beside the image
        PngHeader header = PngCodec.ReadHeader(file, name);
        if (header.Depth != 16 || (long)header.Width * header.Height * header.Channels > most) return null;
        PngImage image = PngCodec.Decode(file, name);
        if (image.Transparency.Length > 0) return null; // a transparent color is compared at full depth
        int channels = header.Channels, colors = header.Color is PngColor.Gray or PngColor.GrayAlpha ? 1 : 3;
        ushort largest = 0;
        for (int i = 0; i < image.Samples.Length; i++)
            if (i % channels < colors) largest = Math.Max(largest, image.Samples[i]);
        var depth = SampleDepth.Of(largest);
        if (!depth.IsPartial) return null;
        depth.Notice(options, name);
        return new(image.Samples, image.Width, image.Height, channels, colors, false, depth);
    }

    protected override void CheckReducible(ReadOnlyMemory<byte> file, int width, int height, ImageDecoderOptions options, string name)
    {
        if (PngCodec.ReadHeader(file.Span, name).Interlaced) throw CannotReduce("an interlaced PNG", width, height, options, name);
    }

    protected override RgbImage DecodeReduced(SKCodec codec, ReadOnlyMemory<byte> file, int factor, ImageDecoderOptions options, string name)
    {
        PngHeader header = PngCodec.ReadHeader(file.Span, name);
        PngCodec.RequireSound(file.Span, name); // which the codec asks where it decodes
        using var rows = new PngRows(file, header, options.Background);
        if (header.Depth < 16)
        {
            var reducer = new RowReducer<byte>((int)header.Width, (int)header.Height, factor);
            var row = new byte[3 * reducer.Width];
            while (reducer.Rows < reducer.Height && rows.Read(row)) reducer.Add(row);
            Complete(reducer, byte.MaxValue, options, name);
            return reducer.AsImage(reducer.Result);
        }
        var deep = new RowReducer<ushort>((int)header.Width, (int)header.Height, factor);
        var samples = new ushort[3 * deep.Width];
        ushort largest = 0;
        while (deep.Rows < deep.Height && rows.Read(samples, ref largest)) deep.Add(samples);
        var depth = SampleDepth.Of(largest);
        Complete(deep, ushort.MaxValue, options, name);
        return deep.AsImage(depth.Of8(deep.Result, options, name));
    }

    /// <summary>From the eXIf chunk, which Skia passes over.</summary>
    protected override SKEncodedOrigin Origin(SKCodec codec, ReadOnlySpan<byte> file)
    {
        foreach (PngChunk chunk in new PngChunks(file))
            if (chunk.Is("eXIf"u8)) return ExifOrientation.Read(chunk.Body);
        return SKEncodedOrigin.TopLeft;
    }
}
