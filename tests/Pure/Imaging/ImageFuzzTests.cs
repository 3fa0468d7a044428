using System.Buffers.Binary;
using System.Diagnostics;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Png;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;

namespace SemanticSam.Tests.Pure.Imaging;

/// <summary>
/// Image files of every kind, changed at random: whatever they are, decoding ends soon, in little memory, with an image or an <see cref="ImageException"/>.
/// A few inputs a kind in every run; SEMSAM_FUZZ says how many in the slow one (1,000,000 by default, hours).
/// </summary>
public sealed class ImageFuzzTests(ITestOutputHelper log)
{
    /// <summary>At most 30 million pixels, about 7 bytes each.</summary>
    private const long MostPixels = 30_000_000;

    private static readonly Dictionary<string, string[]> Kinds = new()
    {
        ["jpeg"] = ["rgb.jpg", "subsampled.jpg", "gray.jpg", "cmyk.jpg", "origin6.jpg"],
        ["progressive jpeg"] = ["progressive.jpg"],
        ["png"] = ["rgb8.png", "gray1.png", "palette2.png", "palette_transparent.png", "rgb_key.png", "rgba8.png", "graya8.png"],
        ["png, interlaced"] = ["interlaced.png"],
        ["png, 16 bits"] = ["rgb16.png", "gray16.png", "gray12of16.png"],
        ["webp"] = ["lossy.webp", "lossless.webp", "alpha.webp", "animated.webp", "origin6.webp"],
        ["tiff"] = ["raw.tif", "tiff_lzw.tif", "tiff_adobe_deflate.tif", "packbits.tif", "palette.tif", "gray.tif", "bits.tif", "origin6.tif"],
        ["tiff, 16 bits"] = ["gray16.tif", "gray12of16.tif"],
        ["tiff of pages and tiles"] = [],
        ["bmp"] = ["rgb.bmp", "palette.bmp"],
        ["gif"] = ["palette.gif"],
        ["ico"] = ["largest.ico"],
        ["numbers"] = ["palette.tif", "gray.tif", "bits.tif", "gray16.tif", "palette.bmp", "palette.gif"],
        ["mask of other kinds"] = ["palette.tif", "gray.tif", "gray16.tif", "palette.bmp", "palette.gif"],
        ["mask"] = ["gray1.png", "gray8.png", "gray16.png", "palette8.png", "interlaced.png", "rgba8.png"],
    };

    public static TheoryData<string> All() => new(Kinds.Keys);

    [Theory]
    [MemberData(nameof(All))]
    public void Decode_ChangedFiles_EndsWell(string kind) => Fuzz(kind, 150);

    [Theory]
    [Trait("Category", "Slow")]
    [MemberData(nameof(All))]
    public void Decode_AMillionChangedFiles_EndsWell(string kind) =>
        Fuzz(kind, FuzzRun.Inputs);

    private void Fuzz(string kind, int inputs)
    {
        byte[][] seeds = kind == "tiff of pages and tiles" ? Tiffs()
            : [.. kind == "numbers" ? Planes() : [], .. Kinds[kind].Select(n => File.ReadAllBytes(Path.Combine(Fixtures.Own, "imaging", n)))];
        var options = ImageDecoderOptions.Default;
        new FuzzRun(log, kind).Run(inputs, Make, Read, e => e is ImageException);

        byte[] Make(int number)
        {
            var random = new Random(number);
            byte[] file = Changed(seeds, random);
            if (file.AsSpan().StartsWith(PngChunks.Signature) && random.Next(10) < 7) PngBytes.FixCheckSums(file);
            options = Options(kind, random);
            return file;
        }

        void Read(byte[] file)
        {
            if (kind == "numbers")
            {
                var numbers = ImageFile.FromBytes(file, new() { MaxPixels = MostPixels, ReduceAbove = MostPixels });
                if (numbers.StoredValues() is { } values) Assert.Equal(numbers.Width * numbers.Height, values.Length);
                return;
            }
            if (kind.StartsWith("mask", StringComparison.Ordinal))
            {
                var mask = ImageDecoder.DecodeMask(file, 56, 40);
                Assert.Equal((40, 56), (mask.Height, mask.Width));
                return;
            }
            var opened = ImageFile.FromBytes(file, options);
            var image = ImageDecoder.Decode(file, options);
            Assert.Equal((opened.Width, opened.Height, 3 * image.Width * image.Height), (image.FullWidth, image.FullHeight, image.Pixels.Length));
            Assert.True((long)image.Width * image.Height <= MostPixels);
        }
    }

    private static ImageDecoderOptions Options(string kind, Random random) => new()
    {
        MaxPixels = MostPixels,
        ReduceAbove = random.Next(4) == 0 ? 600 : MostPixels,
        LeastShare = random.Next(3) == 0 ? 0.5 : 1,
        Page = kind.StartsWith("tiff", StringComparison.Ordinal) && random.Next(4) == 0 ? random.Next(1, 4) : null,
        Notice = n => Assert.NotEmpty(n),
    };

    private static byte[][] Tiffs()
    {
        var image = new RgbImage(50, 40, [.. Enumerable.Range(0, 50 * 40 * 3).Select(i => (byte)(i / 3 % 50 * 5 + i / 150))]);
        return [TiffFiles.Write([image, new RgbImage(9, 7), image]), TiffFiles.Write([image], tile: 16), TiffFiles.Write([image], contiguous: false)];
    }

    private static byte[][] Planes()
    {
        byte[] values = [.. Enumerable.Range(0, 50 * 40).Select(i => (byte)(i / 70))];
        ushort[] wide = [.. values.Select(v => (ushort)(v * 900))];
        return [PlaneFiles.Bmp(values, 50, 40), PlaneFiles.Tiff([.. values], 50, 40, tile: 16), PlaneFiles.Tiff([.. values], 50, 40, hasPalette: true),
            PlaneFiles.Tiff(wide, 50, 40, bits: 16), PlaneFiles.Tiff(wide, 50, 40, bits: 16, tile: 16)];
    }

    /// <summary>Numbers that hurt where a size, an offset or a count stands.</summary>
    private static readonly uint[] Numbers = [0, 1, 2, 255, 256, 32767, 32768, 65535, 65536, 1 << 24, int.MaxValue, 1u << 31, uint.MaxValue - 1, uint.MaxValue];

    /// <summary>One to four changes: bits, bytes, numbers, pieces taken away, doubled or taken from another file of the kind; or the end cut.</summary>
    private static byte[] Changed(byte[][] seeds, Random random)
    {
        byte[] file = [.. seeds[random.Next(seeds.Length)]];
        for (int changes = random.Next(1, 5); changes > 0 && file.Length > 16; changes--)
        {
            // Half of all changes are near the beginning, where sizes and tables stand.
            int at = random.Next(2) == 0 ? random.Next(Math.Min(file.Length, 128)) : random.Next(file.Length);
            int length = Math.Min(random.Next(1, 40), file.Length - at);
            switch (random.Next(10))
            {
                case 0: file[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: file[at] = (byte)random.Next(256); break;
                case 2 or 3: Put(file.AsSpan(at), Numbers[random.Next(Numbers.Length)], random); break;
                case 4: Put(file.AsSpan(at), (uint)random.Next(70_000), random); break;
                case 5: file = [.. file[..at], .. file[(at + length)..]]; break;
                case 6: file = [.. file[..(at + length)], .. file[at..]]; break;
                case 7:
                    byte[] other = seeds[random.Next(seeds.Length)];
                    int from = random.Next(other.Length);
                    file = [.. file[..at], .. other[from..Math.Min(other.Length, from + length)], .. file[at..]];
                    break;
                case 8: file.AsSpan(at, length).Fill((byte)(random.Next(2) * 255)); break;
                default: file = file[..^Math.Min(random.Next(1, 200), file.Length - 1)]; break;
            }
        }
        return file;
    }

    private static void Put(Span<byte> at, uint number, Random random)
    {
        bool big = random.Next(2) == 0;
        if (at.Length < 4 || random.Next(2) == 0)
        {
            if (at.Length < 2) return;
            if (big) BinaryPrimitives.WriteUInt16BigEndian(at, (ushort)number);
            else BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)number);
        }
        else if (big) BinaryPrimitives.WriteUInt32BigEndian(at, number);
        else BinaryPrimitives.WriteUInt32LittleEndian(at, number);
    }
}
