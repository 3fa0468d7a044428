using System.Buffers.Binary;

namespace SemanticSam.Imaging.Decoding;

/// <summary>JPEG (ITU-T T.81).</summary>
internal sealed class JpegReader() : SkiaReader(ImageFormat.Jpeg, "JPEG")
{
    private const byte Mark = 0xFF, StartOfImage = 0xD8, EndOfImage = 0xD9, FirstRestart = 0xD0, LastRestart = 0xD7;
    private const double MostCoefficientBytes = 1.25e9;

    public override bool Recognizes(ReadOnlySpan<byte> file) => file.StartsWith((ReadOnlySpan<byte>)[Mark, StartOfImage, Mark]);

    /// <summary>
    /// A progressive JPEG is decoded from all its coefficients, two bytes each, which are held at full size whatever becomes of them.
    /// </summary>
    protected override void CheckReducible(ReadOnlyMemory<byte> file, int width, int height, ImageDecoderOptions options, string name)
    {
        if (CoefficientBytes(file.Span) > MostCoefficientBytes) throw CannotReduce("a progressive JPEG", width, height, options, name);
    }

    /// <summary>What the coefficients of a progressive JPEG take; 0 for one that is decoded row by row.</summary>
    private static double CoefficientBytes(ReadOnlySpan<byte> file)
    {
        for (int at = 2; at + 4 <= file.Length && file[at] == Mark;)
        {
            byte marker = file[at + 1];
            if (marker == Mark)
            {
                at++;
                continue;
            }
            var body = file[(at + 4)..];
            if (marker is 0xC2 or 0xC6 or 0xCA or 0xCE && body.Length >= 6 && body.Length >= 6 + 3 * body[5])
            {
                int most = 1;
                double samples = 0;
                for (int c = 0; c < body[5]; c++)
                {
                    int factors = (body[7 + 3 * c] >> 4) * (body[7 + 3 * c] & 15);
                    samples += factors;
                    most = Math.Max(most, factors);
                }
                return 2.0 * samples / most * BinaryPrimitives.ReadUInt16BigEndian(body[1..]) * BinaryPrimitives.ReadUInt16BigEndian(body[3..]);
            }
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC) or 0xDA) return 0;
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
        }
        return 0;
    }

    protected override ZeroHole? Hole(ReadOnlySpan<byte> file) => JpegHoles.Find(file);

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
