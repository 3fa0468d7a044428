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

    /// <summary>From the eXIf chunk, which Skia passes over.</summary>
    protected override SKEncodedOrigin Origin(SKCodec codec, ReadOnlySpan<byte> file)
    {
        foreach (PngChunk chunk in new PngChunks(file))
            if (chunk.Is("eXIf"u8)) return ExifOrientation.Read(chunk.Body);
        return SKEncodedOrigin.TopLeft;
    }
}
