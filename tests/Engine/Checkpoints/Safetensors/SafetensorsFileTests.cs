using System.Text;
using CsCheck;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Checkpoints.Safetensors;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Raw(string header, int dataBytes) => RawBytes(Encoding.UTF8.GetBytes(header), dataBytes);

    private string RawBytes(byte[] header, int dataBytes)
    {
        byte[] data = [.. Enumerable.Range(0, dataBytes).Select(i => (byte)i)];
        return _folder.Write("x.safetensors", [.. BitConverter.GetBytes((long)header.Length), .. header, .. data]);
    }

    [Fact]
    public void Open_EveryDType_GivesNamesShapesAndBytes()
    {
        string path =
            Raw("""{"__metadata__":{"who":"ünïcode"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"shape":[],"data_offsets":[8,10],"dtype":"BF16"},"e":{"dtype":"I64","shape":[0,7],"data_offsets":[10,10]},"c":{"dtype":"BOOL","shape":[3],"data_offsets":[10,13]}}  """, 13);
        using var file = Checkpoint.Open(path);
        Assert.Equal(CheckpointFormat.Safetensors, file.Format);
        Assert.Equal("ünïcode", file.Metadata["who"]);
        Assert.Equal(["a: F32 [2, 1]", "b: BF16 []", "e: I64 [0, 7]", "c: BOOL [3]"], file.Tensors.Select(t => t.ToString()));
        Assert.True(file.TryGet("a", out var a));
        Assert.Equal(new byte[] { 0, 1, 2, 3, 4, 5, 6, 7 }, a.ToBytes());
        Assert.True(file.TryGet("c", out var c));
        Assert.Equal(new byte[] { 10, 11, 12 }, c.ToBytes());
        Assert.False(file.TryGet("d", out _));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6, "inside another")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[5,9]}}""", 9, "gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "belong to no tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 3, "end within")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "ascend")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "needs 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "integers from 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "integers from 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""", 4, "integers only")]
    [InlineData("""{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}""", 4, "'F33'; allowed are BOOL")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}""", 4, "2 GiB")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775807,2],"data_offsets":[0,4]}}""", 4, "2 GiB")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,5]}}""", 4, "more than 2")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "lacks")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}""", 4, "the key 'x'")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "String expected")]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"}}""", 0, "twice")]
    [InlineData("""{"a":[]}""", 0, "StartObject expected")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}x""", 4, "not the JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}""", 4, "not the JSON")]
    [InlineData("""{"a\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "not the JSON")]
    public void Open_DamagedHeader_SaysWhatIsWrong(string header, int dataBytes, string expected)
    {
        string path = Raw(header, dataBytes);
        var error = Assert.Throws<CheckpointException>(() => Checkpoint.Open(path));
        Assert.Contains(expected, error.Message);
        Assert.Contains(path, error.Message);
    }

    [Fact]
    public void Open_HeaderNotUtf8_IsRefused()
    {
        byte[] header = Encoding.Latin1.GetBytes("""{"é":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""");
        Assert.Contains("UTF-8", Assert.Throws<CheckpointException>(() => Checkpoint.Open(RawBytes(header, 4))).Message);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(100_000_001L)]
    [InlineData(-1L)]
    [InlineData(long.MaxValue)]
    [InlineData(1000L)]
    public void SafetensorsOpen_HeaderLengthOutOfRange_IsRefused(long length)
    {
        string path = _folder.Write("x.safetensors", [.. BitConverter.GetBytes(length), .. "{}"u8]);
        Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path));
    }

    [Fact]
    public void Open_NoFileOrFolderOrEmpty_SaysSo()
    {
        Assert.Throws<FileNotFoundException>(() => Checkpoint.Open(_folder.File("absent")));
        Assert.Contains("folder", Assert.Throws<CheckpointException>(() => Checkpoint.Open(_folder.Path)).Message);
        Assert.Contains("empty", Assert.Throws<CheckpointException>(() => Checkpoint.Open(_folder.Write("e", []))).Message);
    }

    [Fact]
    public void CopyTo_AfterDispose_Throws()
    {
        var file = Checkpoint.Open(Raw("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4));
        var tensor = file.Tensors[0];
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tensor.ToBytes());
    }

    [Fact]
    public void Open_MutatedFiles_OpenOrGiveCheckpointException()
    {
        string path = Raw(
            """{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"I8","shape":[3],"data_offsets":[8,11]}}""", 11);
        byte[] good = File.ReadAllBytes(path);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Array[1, 4].Sample(changes =>
        {
            byte[] bad = [.. good];
            foreach (var (at, value, _) in changes) bad[at] = value;
            if (changes[0].Item2 % 4 == 0) bad = bad[..changes[0].Item3];
            string file = _folder.Write("m.safetensors", bad);
            try
            {
                using var opened = Checkpoint.Open(file);
                foreach (var tensor in opened.Tensors) tensor.ToBytes();
            }
            catch (CheckpointException)
            {
            }
        }, iter: 2000, threads: 1);
    }

    [Fact]
    public void Open_ShardedIndex_GivesTensorsOfAllFiles()
    {
        Shard("a.safetensors", "one");
        Shard("b.safetensors", "two");
        string index = _folder.Write("m.safetensors.index.json",
            """{"metadata":{"total_size":8},"weight_map":{"two":"b.safetensors","one":"a.safetensors"}}"""u8.ToArray());
        using var file = Checkpoint.Open(index);
        Assert.Equal(CheckpointFormat.ShardedSafetensors, file.Format);
        Assert.Equal(["two", "one"], file.Tensors.Select(t => t.Name));
        Assert.Equal("8", file.Metadata["total_size"]);
        Assert.Equal([3f], file.Tensors[1].ToSingles());
    }

    [Theory]
    [InlineData("""{"weight_map":{"one":"c.safetensors"}}""", "not beside it")]
    [InlineData("""{"weight_map":{"two":"a.safetensors"}}""", "does not have it")]
    [InlineData("""{"weight_map":{"one":"../a.safetensors"}}""", "plain names")]
    [InlineData("""{"weight_map":{"one":"a.pth"}}""", "plain names")]
    [InlineData("""{"weight_map":{"one":1}}""", "not a readable index")]
    [InlineData("""{"weight_map":{"one":"a.safetensors","one":"a.safetensors"}}""", "twice")]
    [InlineData("""{"one":"a.safetensors"}""", "weight_map")]
    [InlineData("""{"weight_map":""", "not a readable index")]
    public void Open_BadIndex_SaysWhatIsWrong(string json, string expected)
    {
        Shard("a.safetensors", "one");
        string index = _folder.Write("i.json", Encoding.UTF8.GetBytes(json));
        Assert.Contains(expected, Assert.Throws<CheckpointException>(() => Checkpoint.Open(index)).Message);
    }

    private void Shard(string file, string name)
        => SafetensorsWriter.Write(_folder.File(file), [CheckpointTensor.FromMemory(name, CheckpointDType.Float32, [1], BitConverter.GetBytes(3f))]);
}
