using System.Buffers.Binary;

namespace SemanticSam.Imaging.Decoding;

/// <summary>WebP: a RIFF file, which begins with its length.</summary>
internal sealed class WebpReader() : SkiaReader(ImageFormat.Webp, "WebP")
{
    public override bool Recognizes(ReadOnlySpan<byte> file) => file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8);

    /// <summary>Whether all bytes that the RIFF header counts are there; it counts those that follow it.</summary>
    protected override bool ReachesEnd(ReadOnlySpan<byte> file) => BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) + 8L <= file.Length;
}
