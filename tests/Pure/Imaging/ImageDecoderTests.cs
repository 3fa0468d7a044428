using System.Security.Cryptography;
using System.Text.Json;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Imaging;

public sealed class ImageDecoderTests
{
    private static string Own(string name) => Path.Combine(Fixtures.Own, "imaging", name);

    public static TheoryData<string> Pictures()
    {
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllBytes(Own("expected.json")));
        return [.. expected.RootElement.EnumerateObject().Select(e => e.Name)];
    }

    /// <summary>Every pixel format, the eight orientations, alpha over white: what Pillow and numpy made of the same files.</summary>
    [Theory]
    [MemberData(nameof(Pictures))]
    public void Decode_EveryKindOfPicture_GivesTheExpectedPixels(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Own("expected.json")));
        JsonElement expected = document.RootElement.GetProperty(name);
        RgbImage image = ImageDecoder.Decode(Own(name));
        (int, int) size = (expected.GetProperty("width").GetInt32(), expected.GetProperty("height").GetInt32());
        Assert.Equal(size, (image.Width, image.Height));
        Assert.Equal(expected.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(image.Pixels)));
        var (_, width, height) = ImageDecoder.Identify(Own(name));
        Assert.Equal(size, (width, height));
    }

    [Theory]
    [InlineData("sam/truck_300x200.png", "84ecb01baf4181da")]
    [InlineData("sam/bear_147x220.png", "af48320a16bd0a72")]
    public void Decode_GoldenPictures_HaveTheirHashes(string relative, string start) =>
        Assert.StartsWith(start, Convert.ToHexStringLower(SHA256.HashData(ImageDecoder.Decode(Path.Combine(Fixtures.Own, relative)).Pixels)));

    [Fact]
    public void Decode_TransparentPicture_IsComposedOverTheGivenColour()
    {
        RgbImage image = ImageDecoder.Decode(Own("rgba8.png"), new() { Background = (10, 20, 30) });
        Assert.Equal([10, 20, 30], image.Row(0)[..3].ToArray());
    }

    [Fact]
    public void Decode_LargePictures_AreTurnedRightByTheParallelCode()
    {
        // Large enough for the parallel branch; the eight small fixtures fix what each orientation means.
        RgbImage pattern = new(700, 500);
        new Random(3).NextBytes(pattern.Pixels);
        byte[] plain = ImageEncoder.Png(pattern);
        Assert.Equal(pattern.Pixels, ImageDecoder.Decode(plain).Pixels);
        RgbImage turned = ImageDecoder.Decode(WithOrientation(plain, 6));
        Assert.Equal((500, 700), (turned.Width, turned.Height));
        for (int i = 0; i < 1000; i++)
        {
            int x = i * 37 % 700, y = i * 53 % 500;
            Assert.Equal(pattern.Row(y).Slice(x * 3, 3).ToArray(), turned.Row(x).Slice((499 - y) * 3, 3).ToArray());
        }
    }

    /// <summary>Puts an eXIf chunk between the IHDR and the rest.</summary>
    private static byte[] WithOrientation(byte[] png, byte orientation)
    {
        byte[] tiff = [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
        byte[] body = [.. "eXIf"u8, .. tiff];
        const int afterHeader = 8 + 25;
        return [.. png[..afterHeader], 0, 0, 0, (byte)tiff.Length, .. body, .. PngBytes.Crc(body), .. png[afterHeader..]];
    }
}
