using SemanticSam.Imaging;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Imaging;

/// <summary>Pages of TIFF files, by their number.</summary>
public sealed class TiffPageTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static readonly RgbImage[] Pages = [.. Enumerable.Range(1, 3)
        .Select(i => new RgbImage(4 + i, 3, [.. Enumerable.Repeat((byte)(40 * i), (4 + i) * 9)]))];

    private string Scan() => _folder.Write("scan.tif", TiffFiles.Write(Pages));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Page_ByNumber_IsRead(int page)
    {
        byte[] file = File.ReadAllBytes(Scan());
        var notices = new List<string>();
        var options = new ImageDecoderOptions { Page = page, Notice = notices.Add };
        Assert.Equal(Pages[page - 1].Pixels, ImageDecoder.Decode(file, options).Pixels);
        Assert.Equal(Pages[page - 1].Pixels, ImageDecoder.Decode($"{_folder.File("scan.tif")}#page={page}", new() { Notice = notices.Add }).Pixels);
        Assert.Equal(4 + page, ImageDecoder.SizeOf($"{_folder.File("scan.tif")}#page={page}").Width);
        Assert.Empty(notices);
    }

    [Fact]
    public void Page_NotSaid_IsTheFirstAndTheOthersAreTold()
    {
        var notices = new List<string>();
        Assert.Equal(Pages[0].Pixels, ImageDecoder.Decode(Scan(), new() { Notice = notices.Add }).Pixels);
        Assert.Contains("has several pages; the first is taken", Assert.Single(notices));
    }

    [Theory]
    [InlineData("scan.tif#page=4", "has no page 4 that can be read: there are 3 pages, counted from 1")]
    [InlineData("scan.tif#page=0", "has no page 0 that can be read: there are 3 pages, counted from 1")]
    [InlineData("scan.tif#page=70000", "has no page 70000 that can be read")]
    [InlineData("one.tif#page=2", "there is one page")]
    [InlineData("plain.png#page=2", "is a PNG: it has no page 2; only TIFF has several")]
    public void Page_ThatIsNotThere_IsRefused(string path, string expected)
    {
        Scan();
        _folder.Write("one.tif", TiffFiles.Write(Pages[..1]));
        _folder.Write("plain.png", ImageEncoder.Png(Pages[0]));
        var e = Assert.Throws<ImageException>(() => ImageDecoder.SizeOf(_folder.File(path)));
        Assert.Equal(ImageError.Format, e.Error);
        Assert.Contains(expected, e.Message);
    }

    /// <summary>A height with several values outside of the file: the library takes what stands in the entry, and made room for 40 million strips.</summary>
    [Fact]
    public void Decode_HeightWithManyValues_IsRefusedBeforeRoomIsMade()
    {
        byte[] file = File.ReadAllBytes(Path.Combine(Fixtures.Own, "imaging", "raw.tif"));
        int directory = BitConverter.ToInt32(file, 4), entry = directory + 2;
        while (BitConverter.ToUInt16(file, entry) != 257) entry += 12;
        BitConverter.TryWriteBytes(file.AsSpan(entry + 2), (ushort)4);
        BitConverter.TryWriteBytes(file.AsSpan(entry + 4), 1025);
        BitConverter.TryWriteBytes(file.AsSpan(entry + 8), 1_644_167_208);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ImageException>(() => ImageDecoder.Decode(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20 << 20);
    }

    [Fact]
    public void Split_FileThatIsCalledSo_IsMeantItself()
    {
        string odd = _folder.Write("odd.tif#page=2", ImageEncoder.Png(Pages[1]));
        Assert.Equal((odd, null), ImagePage.Split(odd));
        Assert.Equal(6, ImageDecoder.SizeOf(odd).Width);
        Assert.Equal(("a.tif", 12), ImagePage.Split("a.tif#page=12"));
        Assert.Equal(("a.tif#page=", null), ImagePage.Split("a.tif#page="));
        Assert.Equal(("a.tif#page=-1", null), ImagePage.Split("a.tif#page=-1"));
        Assert.Equal(("#page=1", null), ImagePage.Split("#page=1"));
        Assert.Equal("a-page12", ImagePage.Stem("x/a.tif#page=12"));
        Assert.Equal("a", ImagePage.Stem("x/a.tif"));
    }

    /// <summary>The library allocates what an entry says; a few kilobytes must not ask for gigabytes, and what is cut off is no such file.</summary>
    [Theory]
    [InlineData(278, 4, 0x04010001, false)] // RowsPerStrip
    [InlineData(277, 3, 0x49D00001, false)] // SamplesPerPixel
    [InlineData(33432, 2, 400_000_000, false)] // Copyright
    [InlineData(40000, 200, 400_000_000, false)] // nobody's, of no known type
    [InlineData(33432, 2, 30, true)]
    public void Decode_EntryOfMoreThanTheFile_IsRefusedBeforeItIsRead(int tag, int type, int count, bool sound)
    {
        byte[] file = TiffFiles.Write([new RgbImage(50, 40)]);
        int directory = BitConverter.ToInt32(file, 4), entries = BitConverter.ToInt16(file, directory);
        byte[] entry = [(byte)tag, (byte)(tag >> 8), (byte)type, (byte)(type >> 8), .. BitConverter.GetBytes(count), 8, 0, 0, 0];
        // At its place in order of tags; one of that tag gives way. The directory is written anew behind the file.
        var others = Enumerable.Range(0, entries).Select(i => file.AsSpan(directory + 2 + 12 * i, 12).ToArray())
            .Where(e => BitConverter.ToUInt16(e) != tag).Append(entry).OrderBy(e => BitConverter.ToUInt16(e)).ToList();
        byte[] changed = [.. file, .. BitConverter.GetBytes((short)others.Count), .. others.SelectMany(e => e), 0, 0, 0, 0];
        BitConverter.GetBytes(file.Length).CopyTo(changed, 4);
        long before = GC.GetAllocatedBytesForCurrentThread();
        if (sound) Assert.Equal(50, ImageDecoder.Decode(changed).Width);
        else Assert.Contains("is a damaged TIFF", Assert.Throws<ImageException>(() => ImageDecoder.Decode(changed)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }
}
