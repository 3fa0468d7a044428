using SkiaSharp;

namespace SemanticSam.Imaging.Decoding;

/// <summary>
/// How many bits of 16 are in use. Cameras, microscopes and satellites put 10 to 14 bits into samples of 16; taken as they are they are nearly
/// black. The rule: the depth is that of the largest sample, 8, 10, 12, 14 or 16 bits, and of it the upper 8 are taken. So a full range is as in any other
/// program, and the order of values stays. Where a file stores 8 to 15 bits, that is the depth.
/// </summary>
internal readonly record struct SampleDepth(int Bits, int Largest, bool IsStored = false)
{
    private const int Whole = 16;

    /// <summary>The depth of color samples.</summary>
    public static SampleDepth Of(ReadOnlySpan<ushort> samples)
    {
        ushort largest = 0;
        foreach (ushort sample in samples) largest = Math.Max(largest, sample);
        return Of(largest);
    }

    /// <summary>The depth where this is the largest sample.</summary>
    public static SampleDepth Of(ushort largest) =>
        new(largest switch { 0 => Whole, < 1 << 8 => 8, < 1 << 10 => 10, < 1 << 12 => 12, < 1 << 14 => 14, _ => Whole }, largest);

    /// <summary>Whether not all bits are in use. Where the file stores so many, they are.</summary>
    public bool IsPartial => Bits < Whole && !IsStored;

    /// <summary>Bits of a sample in the file.</summary>
    public int StoredBits => IsStored ? Bits : Whole;

    /// <summary>A sample as 8 bits.</summary>
    public byte Of8(ushort sample) => (byte)(sample >> Bits - 8);

    /// <summary>Samples as bytes; what is larger than the depth is white. Says that they were taken as of fewer bits.</summary>
    public byte[] Of8(ReadOnlySpan<ushort> samples, ImageDecoderOptions options, string name)
    {
        var bytes = new byte[samples.Length];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)Math.Min(samples[i] >> Bits - 8, 255);
        Notice(options, name);
        return bytes;
    }

    /// <summary>Says that samples were taken as of fewer bits.</summary>
    public void Notice(ImageDecoderOptions options, string name)
    {
        if (IsPartial) options.Notice?.Invoke($"{name} has samples of 16 bits of which the largest is {Largest}; they are taken as samples of {Bits} bits.");
    }
}

/// <summary>Samples of more than 8 bits that become colors.</summary>
internal sealed record DeepPixels(ushort[] Samples, int Width, int Height, int Channels, int Colors, bool IsInverted, SampleDepth Depth,
    bool IsPremultiplied = false)
{
    /// <summary>As a bitmap of R, G, B, A, not turned.</summary>
    public unsafe SKBitmap AsBitmap()
    {
        bool alpha = Channels == Colors + 1;
        var bitmap = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Rgba8888, alpha ? SKAlphaType.Unpremul : SKAlphaType.Opaque));
        var pixels = new Span<byte>((byte*)bitmap.GetPixels(), Width * Height * 4);
        for (int i = 0, from = 0, to = 0; i < Width * Height; i++, from += Channels, to += 4)
        {
            byte opacity = alpha ? (byte)(Samples[from + Colors] >> Depth.StoredBits - 8) : (byte)255;
            for (int c = 0; c < 3; c++)
            {
                int value = Depth.Of8(Samples[from + Math.Min(c, Colors - 1)]);
                if (IsPremultiplied && opacity > 0) value = Math.Min(255, value * 255 / opacity);
                pixels[to + c] = (byte)(IsInverted ? 255 - value : value);
            }
            pixels[to + 3] = opacity;
        }
        return bitmap;
    }
}
