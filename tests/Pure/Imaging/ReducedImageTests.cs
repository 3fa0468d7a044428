using SemanticSam.Formats;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Overlays;
using SemanticSam.Imaging.Png;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Imaging;

/// <summary>Images that are reduced while they are decoded, in small: 56 x 40 where 600 pixels need not be reduced, so to 14 x 10.</summary>
public sealed class ReducedImageTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Write(byte[] file) => _folder.Write("file", file);

    private static string Own(string name) => Path.Combine(Fixtures.Own, "imaging", name);

    private static ImageDecoderOptions Small(Action<string>? notice = null) => new() { ReduceAbove = 600, Notice = notice };

    /// <summary>Kinds that are read row by row: means of squares. Averages of samples of 16 bits are cut to 8 once, not sixteen times.</summary>
    [Theory]
    [InlineData("rgb8.png")]
    [InlineData("gray8.png")]
    [InlineData("rgba8.png")]
    [InlineData("graya8.png")]
    [InlineData("palette8.png")]
    [InlineData("palette_transparent.png")]
    [InlineData("palette2.png")]
    [InlineData("gray1.png")]
    [InlineData("gray4.png")]
    [InlineData("rgb16.png")]
    [InlineData("gray16.png")]
    [InlineData("rgb_key.png")]
    [InlineData("gray12of16.png")]
    [InlineData("rgb.bmp")]
    [InlineData("palette.bmp")]
    [InlineData("raw.tif")]
    [InlineData("tiff_lzw.tif")]
    [InlineData("tiff_adobe_deflate.tif")]
    [InlineData("packbits.tif")]
    [InlineData("palette.tif")]
    [InlineData("gray.tif")]
    [InlineData("bits.tif")]
    [InlineData("origin6.tif")]
    [InlineData("gray16.tif")]
    [InlineData("gray12of16.tif")]
    public void Decode_RowByRow_GivesMeansOfSquares(string name)
    {
        RgbImage whole = ImageDecoder.Decode(Own(name)), reduced = ImageDecoder.Decode(Own(name), Small());
        Assert.Equal((whole.Width, whole.Height, whole.Width / 4, whole.Height / 4), (reduced.FullWidth, reduced.FullHeight, reduced.Width, reduced.Height));
        Assert.Equal((whole.Width, whole.Height), ImageDecoder.SizeOf(Own(name), Small()));
        for (int y = 0; y < reduced.Height; y++)
            for (int i = 0; i < reduced.Stride; i++)
            {
                int sum = Enumerable.Range(0, 16).Sum(p => whole.Row(4 * y + p / 4)[3 * (i / 3 * 4 + p % 4) + i % 3]);
                Assert.InRange(Math.Abs(reduced.Row(y)[i] - sum / 16.0), 0, 1.25);
            }
    }

    /// <summary>Kinds that the codec reduces itself look like the reduced whole.</summary>
    [Theory]
    [InlineData("rgb.jpg")]
    [InlineData("subsampled.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("gray.jpg")]
    [InlineData("cmyk.jpg")]
    [InlineData("origin3.jpg")]
    [InlineData("origin6.jpg")]
    [InlineData("origin8.jpg")]
    [InlineData("lossy.webp")]
    public void Decode_ByTheCodec_LooksTheSame(string name)
    {
        RgbImage whole = ImageDecoder.Decode(Own(name)), reduced = ImageDecoder.Decode(Own(name), Small());
        Assert.Equal((whole.Width, whole.Height, whole.Width / 4, whole.Height / 4), (reduced.FullWidth, reduced.FullHeight, reduced.Width, reduced.Height));
        var expected = SemanticSam.Imaging.Resizing.Resize.To(whole, reduced.Width, reduced.Height);
        Assert.InRange(reduced.Pixels.Zip(expected.Pixels, (a, b) => Math.Abs(a - b)).Average(), 0, 6);
    }

    [Theory]
    [InlineData("interlaced.png", "an interlaced PNG")]
    [InlineData("lossless.webp", "a lossless WebP")]
    [InlineData("alpha.webp", "a lossless WebP")]
    [InlineData("animated.webp", "an animated WebP")]
    [InlineData("palette.gif", "a GIF")]
    public void Decode_KindsThatCannotBeReduced_AreRefusedByName(string name, string kind)
    {
        var e = Assert.Throws<ImageException>(() => ImageDecoder.SizeOf(Own(name), Small()));
        Assert.Equal(ImageError.TooLarge, e.Error);
        Assert.Contains($"{kind} of more than 600", e.Message);
    }

    [Fact]
    public void Decode_Reduced_IsSaid()
    {
        var notices = new List<string>();
        ImageDecoder.Decode(Own("rgb8.png"), Small(notices.Add));
        Assert.Contains("has 56 x 40 pixels; it was reduced to 14 x 10", Assert.Single(notices));
    }

    /// <summary>Sides that the factor does not divide: the last square is what there is of it.</summary>
    [Fact]
    public void Decode_OddSides_KeepTheirEdge()
    {
        var image = new RgbImage(7, 5);
        for (int y = 0; y < 5; y++) image.Row(y)[18..].Fill(200);
        image.Row(4).Fill(100);
        var reduced = ImageDecoder.Decode(ImageEncoder.Png(image), new() { ReduceAbove = 30 });
        Assert.Equal((3, 2, 7, 5), (reduced.Width, reduced.Height, reduced.FullWidth, reduced.FullHeight));
        Assert.Equal([0, 0, 200, 50, 50, 150], Enumerable.Range(0, 6).Select(i => (int)reduced.Pixels[3 * i]));
    }

    /// <summary>Rows that are missing are white where enough are there, and else the file is refused.</summary>
    [Fact]
    public void Decode_PngCutOff_IsShownWhereEnoughIsThere()
    {
        var random = new Random(1);
        var image = new RgbImage(56, 40);
        random.NextBytes(image.Pixels);
        byte[] png = ImageEncoder.Png(image);
        var cut = png.AsMemory(0, png.Length * 88 / 100);
        var notices = new List<string>();
        var shown = ImageDecoder.Decode(cut, new() { ReduceAbove = 600, LeastShare = 0.8, Notice = notices.Add });
        Assert.All(shown.Row(9).ToArray(), b => Assert.Equal(255, b));
        Assert.InRange(shown.Row(4)[0], 1, 254);
        Assert.Contains(notices, n => n.Contains("of its 40 rows are there"));
        Assert.Equal(ImageError.Truncated, Assert.Throws<ImageException>(() => ImageDecoder.Decode(cut, Small())).Error);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(16, true)]
    public void Decode_TiffInStripsAndTiles_GivesMeansOfSquares(int tile, bool contiguous)
    {
        var image = new RgbImage(50, 80, [.. Enumerable.Range(0, 50 * 80 * 3).Select(i => (byte)(i / 3 % 50 * 5 + i / 150))]);
        byte[] file = TiffFiles.Write([image], tile, 16, contiguous);
        Assert.Equal(image.Pixels, ImageDecoder.Decode(file).Pixels);
        var reduced = ImageDecoder.Decode(file, new() { ReduceAbove = 3300 });
        var png = ImageDecoder.Decode(ImageEncoder.Png(image), new() { ReduceAbove = 3300 });
        Assert.Equal((17, 27), (reduced.Width, reduced.Height));
        Assert.Equal(png.Pixels, reduced.Pixels);
    }

    /// <summary>A single strip of pixels that are not plain would have to be held whole.</summary>
    [Fact]
    public void Decode_TiffInOneStripOfPlanes_IsRefused()
    {
        byte[] file = TiffFiles.Write([new RgbImage(50, 80)], 0, 80, contiguous: false);
        Assert.Contains("a TIFF of this kind", Assert.Throws<ImageException>(() => ImageDecoder.SizeOf(Write(file), new() { ReduceAbove = 3300 })).Message);
    }

    [Fact]
    public void CropFull_OfAReducedImage_StandsForTheCrop()
    {
        var reduced = ImageDecoder.Decode(Own("rgb8.png"), Small());
        var crop = reduced.CropFull(12, 20, 28, 16);
        Assert.Equal((7, 4, 28, 16), (crop.Width, crop.Height, crop.FullWidth, crop.FullHeight));
        Assert.Equal(reduced.Row(5).Slice(9, 21).ToArray(), crop.Row(0).ToArray());
        var tiny = reduced.CropFull(55, 39, 1, 1);
        Assert.Equal((1, 1, 1, 1), (tiny.Width, tiny.Height, tiny.FullWidth, tiny.FullHeight));
    }

    /// <summary>Masks are of the full size; the overlay is as small as its image.</summary>
    [Fact]
    public void Paint_OnAReducedImage_PutsMasksWhereTheyAre()
    {
        var reduced = new RgbImage(28, 20, new byte[28 * 20 * 3], 56, 40);
        var painted = OverlayPainter.Paint(reduced, [new OverlayMask(Rle.FromBox(40, 56, new(20, 10, 40, 30)))],
            new() { Labels = false, Scale = 0.1f, FillOpacity = 1 });
        Assert.Equal((28, 20), (painted.Width, painted.Height));
        Assert.True(painted.Row(10)[3 * 15] > 0 || painted.Row(10)[3 * 15 + 1] > 0);
        Assert.Equal([0, 0, 0], painted.Row(2)[(3 * 4)..(3 * 5)].ToArray());
        Assert.Throws<ArgumentException>(() => OverlayPainter.Paint(reduced, [new OverlayMask(Rle.Full(20, 28))]));
    }

    [Fact]
    public void Sampled_Mask_IsWhatLiesAtTheMiddleOfEachPixel()
    {
        var random = new Random(5);
        for (int round = 0; round < 50; round++)
        {
            int height = random.Next(1, 40), width = random.Next(1, 40), rows = random.Next(1, height + 1), columns = random.Next(1, width + 1);
            var pixels = new byte[height * width];
            for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)random.Next(2);
            var expected = new byte[rows * columns];
            for (int y = 0; y < rows; y++)
                for (int x = 0; x < columns; x++)
                    expected[y * columns + x] = pixels[(2 * y + 1) * height / (2 * rows) * width + (2 * x + 1) * width / (2 * columns)];
            Assert.Equal(expected, Rle.FromBytes(pixels, height, width).Sampled(rows, columns).ToBytes());
        }
    }

    /// <summary>A progressive JPEG holds all its coefficients, two bytes each, at full size: 6 bytes a pixel where colors are not subsampled, else 3.</summary>
    [Theory]
    [InlineData(0x22, 20_000, 20_000, false)]
    [InlineData(0x11, 20_000, 20_000, true)]
    [InlineData(0x11, 14_000, 14_000, false)]
    public void SizeOf_ProgressiveJpeg_IsRefusedWhereItsCoefficientsAreTooMany(byte luma, int width, int height, bool refused)
    {
        byte[] file = File.ReadAllBytes(Own("progressive.jpg"));
        int frame = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC2]);
        (file[frame + 5], file[frame + 6], file[frame + 7], file[frame + 8]) = ((byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width);
        Assert.Equal(3, file[frame + 9]);
        (file[frame + 11], file[frame + 14], file[frame + 17]) = (luma, 0x11, 0x11);
        if (!refused) Assert.Equal((width, height), ImageDecoder.SizeOf(Write(file)));
        else Assert.Contains("a progressive JPEG of more than 100000000 cannot be reduced",
            Assert.Throws<ImageException>(() => ImageDecoder.SizeOf(Write(file))).Message);
    }

    /// <summary>A cut-out has the mask's own size and edge, and the colors that the image has there, but for what the reduction lost.</summary>
    [Fact]
    public void Cutout_OfAReducedImage_HasTheMasksEdgeAndTheImagesColors()
    {
        var image = new RgbImage(64, 48);
        for (int y = 0; y < 48; y++)
            for (int x = 0; x < 64; x++) (image.Row(y)[3 * x], image.Row(y)[3 * x + 1], image.Row(y)[3 * x + 2]) = ((byte)(3 * x), (byte)(4 * y), 90);
        var reduced = ImageDecoder.Decode(ImageEncoder.Png(image), new() { ReduceAbove = 1000 });
        Assert.Equal((16, 12), (reduced.Width, reduced.Height));
        var mask = Rle.FromBox(48, 64, new(9, 7, 42, 31)).Subtract(Rle.FromBox(48, 64, new(20, 10, 27, 18)));
        using (var writer = AnnotationWriter.Create(_folder.File("out"), AnnotationFormat.Cutout, new() { Pixels = _ => reduced }))
        {
            writer.Write(new AnnotatedImage { FileName = "a.png", Width = 64, Height = 48, Annotations = [new() { Mask = mask, Whole = new("cat") }] });
            writer.Complete();
        }
        var cut = PngCodec.Decode(File.ReadAllBytes(Assert.Single(Directory.GetFiles(_folder.Path, "*.png", SearchOption.AllDirectories))), "cut");
        Assert.Equal((33, 24, 4), (cut.Width, cut.Height, cut.Header.Channels));
        for (int y = 0; y < 24; y++)
            for (int x = 0; x < 33; x++)
            {
                var pixel = cut.Samples.AsSpan(4 * (33 * y + x), 4);
                Assert.Equal(mask.Contains(x + 9, y + 7) ? 255 : 0, pixel[3]);
                if (pixel[3] == 0) continue;
                // Half a pixel of the reduced image, two of the image's own, and as much for the mean of four.
                Assert.InRange(pixel[0] - image.Row(y + 7)[3 * (x + 9)], -12, 12);
                Assert.InRange(pixel[1] - image.Row(y + 7)[3 * (x + 9) + 1], -16, 16);
                Assert.Equal(90, pixel[2]);
            }
    }
}
