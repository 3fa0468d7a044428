using System.IO.Compression;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Checkpoints.PyTorch;

public sealed class ZipDirectoryTests : IDisposable
{
    private static readonly byte[] Pickle = new PickleBuilder().Op('}').Text("a").Tensor("0", 4, 0, [4], [1]).Op('s').Bytes;
    private static readonly byte[] Data = [.. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f), .. BitConverter.GetBytes(3f),
        .. BitConverter.GetBytes(4f)];
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private ICheckpoint Open(byte[] zip) => Checkpoint.Open(_folder.Write("x.pth", zip));

    private void Refused(byte[] zip, string expected) => Assert.Contains(expected, Assert.Throws<CheckpointException>(() => Open(zip)).Message);

    private static byte[] Deflated(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal)) deflate.Write(content);
        return packed.ToArray();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Open_Stored_GivesTheValues(bool zip64)
    {
        using var file = Open(new ZipBuilder(zip64).Add("x/data.pkl", Pickle).Add("x/data/0", Data).Build());
        Assert.Equal([1f, 2f, 3f, 4f], file.Tensors[0].ToSingles());
    }

    [Fact]
    public void Open_Deflated_GivesTheValues()
    {
        using var file = Open(new ZipBuilder().Add("x/data.pkl", Pickle, Deflated(Pickle)).Add("x/data/0", Data, Deflated(Data)).Build());
        Assert.Equal([1f, 2f, 3f, 4f], file.Tensors[0].ToSingles());
    }

    [Fact]
    public void ToBytes_DeflatedEntryThatLiesAboutItsSize_IsRefused()
    {
        byte[] longer = [.. Data, 0];
        using var more = Open(new ZipBuilder().Add("x/data.pkl", Pickle).Add("x/data/0", Data, Deflated(longer)).Build());
        Assert.Throws<CheckpointException>(() => more.Tensors[0].ToBytes());
        using var less = Open(new ZipBuilder().Add("x/data.pkl", Pickle).Add("x/data/0", Data, Deflated(Data[..15])).Build());
        Assert.Throws<CheckpointException>(() => less.Tensors[0].ToBytes());
    }

    [Fact]
    public void Open_DeflateBomb_IsRefused()
    {
        byte[] zeros = Deflated(new byte[64 << 20]);
        var pickle = new PickleBuilder().Op('}').Text("a").Tensor("0", 16 << 20, 0, [1], [1]).Op('s').Bytes;
        Refused(new ZipBuilder().Add("x/data.pkl", pickle).Add("x/data/0", [], zeros, claimedSize: 64 << 20).Build(), "16 times");
        Refused(new ZipBuilder().Add("x/data.pkl", [], zeros, claimedSize: 1L << 31).Add("x/data/0", Data).Build(), "data.pkl has");
    }

    [Fact]
    public void Open_OverlappingEntries_AreRefused()
        => Refused(new ZipBuilder().Add("x/data.pkl", Pickle).Add("x/data/0", Data).Add("x/data/1", Data, at: 0).Build(), "overlaps");

    [Fact]
    public void Open_EntryTwice_IsRefused() => Refused(new ZipBuilder().Add("x/data.pkl", Pickle).Add("x/data.pkl", Pickle).Build(), "stands twice");

    [Fact]
    public void Open_EntryBeyondTheFile_IsRefused() =>
        Refused(new ZipBuilder().Add("x/data.pkl", Pickle).Add("x/data/0", Data, at: 4_000_000_000).Build(), "beyond");

    [Fact]
    public void Open_Encrypted_IsRefused() => Refused(new ZipBuilder { Flags = 1 }.Add("x/data.pkl", Pickle).Build(), "encrypted");

    [Fact]
    public void Open_OtherZip_IsRefused() => Refused(new ZipBuilder().Add("word/document.xml", Data).Build(), "data.pkl");

    [Fact]
    public void Open_TwoPickles_AreRefused() => Refused(new ZipBuilder().Add("x/data.pkl", Pickle).Add("y/data.pkl", Pickle).Build(), "exactly one");

    [Fact]
    public void Open_BigEndian_IsRefused() =>
        Refused(new ZipBuilder().Add("x/data.pkl", Pickle).Add("x/byteorder", "big"u8.ToArray()).Add("x/data/0", Data).Build(), "little");
}
