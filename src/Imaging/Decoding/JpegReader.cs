using System.Buffers.Binary;

namespace SemanticSam.Imaging.Decoding;

/// <summary>JPEG (ITU-T T.81).</summary>
internal sealed class JpegReader() : SkiaReader(ImageFormat.Jpeg, "JPEG")
{
    private const byte Mark = 0xFF, StartOfImage = 0xD8, EndOfImage = 0xD9, FirstRestart = 0xD0, LastRestart = 0xD7;

    public override bool Recognizes(ReadOnlySpan<byte> file) => file.StartsWith((ReadOnlySpan<byte>)[Mark, StartOfImage, Mark]);

    /// <summary>
    /// Whether there is an EOI marker. Segments are stepped over, because the thumbnail inside one has an EOI of its own; between segments,
    /// where the coded data lie, a marker is FF and a byte that is neither 0 (a stuffed FF) nor a restart.
    /// </summary>
    protected override bool ReachesEnd(ReadOnlySpan<byte> file)
    {
        for (int at = 2; at < file.Length;)
        {
            int next = file[at..].IndexOf(Mark);
            if (next < 0) return false;
            at += next;
            while (at < file.Length && file[at] == Mark) at++; // any number of FF may fill the space before a marker
            if (at == file.Length) return false;
            byte marker = file[at++];
            if (marker == EndOfImage) return true;
            bool standsAlone = marker is 0x00 or 0x01 or (>= FirstRestart and <= LastRestart) or StartOfImage;
            if (standsAlone) continue;
            if (file.Length - at < 2) return false;
            at += BinaryPrimitives.ReadUInt16BigEndian(file[at..]);
        }
        return false;
    }
}
