using System.Runtime.InteropServices;
using CsCheck;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Foundation;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Checkpoints.Safetensors;

public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static CheckpointTensor Singles(string name, params float[] values)
        => CheckpointTensor.FromMemory(name, CheckpointDType.Float32, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    [Fact]
    public void Write_ThenOpen_GivesTheSame()
    {
        string path = _folder.File("sub/w.safetensors");
        SafetensorsWriter.Write(path, [CheckpointTensor.FromMemory("ü\"\n", CheckpointDType.Bool, [1, 3], new byte[] { 1, 0, 1 }), Singles("f", 1, 2),
            CheckpointTensor.FromMemory("s", CheckpointDType.Int64, [], BitConverter.GetBytes(-5L))],
            new() { Metadata = new Dictionary<string, string> { ["model"] = "näno" } });
        using var file = Checkpoint.Open(path);
        Assert.Equal("näno", file.Metadata["model"]);
        Assert.Equal(["s: I64 []", "f: F32 [2]", "ü\"\n: BOOL [1, 3]"], file.Tensors.Select(t => t.ToString()));
        Assert.Equal(new byte[] { 1, 0, 1 }, file.Tensors[2].ToBytes());
        Assert.Equal([1f, 2f], file.Tensors[1].ToSingles());
        Assert.Equal(["w.safetensors"], Directory.GetFiles(_folder.File("sub")).Select(Path.GetFileName));
    }

    [Fact]
    public void Write_SameTensorsInOtherOrder_GivesTheSameBytes()
    {
        SafetensorsWriter.Write(_folder.File("1"), [Singles("a", 1), Singles("b", 2)]);
        SafetensorsWriter.Write(_folder.File("2"), [Singles("b", 2), Singles("a", 1)]);
        Assert.Equal(File.ReadAllBytes(_folder.File("1")), File.ReadAllBytes(_folder.File("2")));
    }

    [Fact]
    public void Write_FloatsAsHalf_RoundsFloatsAndKeepsIntegers()
    {
        string path = _folder.File("h.safetensors");
        float[] values = [0, -0f, 1, 65504, 65519, 1.00048828125f, 1e-8f, float.NaN, float.NegativeInfinity];
        SafetensorsWriter.Write(path, [Singles("f", values), CheckpointTensor.FromMemory("i", CheckpointDType.Int64, [1], BitConverter.GetBytes(7L))],
            new() { Floats = CheckpointDType.Float16 });
        using var file = Checkpoint.Open(path);
        Assert.True(file.TryGet("f", out var f));
        Assert.Equal(CheckpointDType.Float16, f.DType);
        Assert.Equal(values.Select(v => (float)(Half)v), f.ToSingles());
        Assert.True(file.TryGet("i", out var i));
        Assert.Equal(CheckpointDType.Int64, i.DType);
    }

    [Fact]
    public void Write_ValuesBeyondHalfPrecision_KeepTheirType()
    {
        string path = _folder.File("a.safetensors");
        SafetensorsWriter.Write(path, [Singles("large", [1, 72_281.8f]), Singles("small", [1, 65_504])], new() { Floats = CheckpointDType.Float16 });
        using var read = Checkpoint.Open(path);
        Assert.True(read.TryGet("large", out var large) && read.TryGet("small", out var small) && small.DType == CheckpointDType.Float16);
        Assert.Equal(CheckpointDType.Float32, large.DType);
        Assert.Equal([1, 72_281.8f], large.ToSingles());
    }

    [Fact]
    public void Convert_SingleToBFloat16_RoundsToNearestEven() => Gen.Single.Sample(value =>
    {
        byte[] upper = new byte[2], back = new byte[4];
        FloatConversion.Convert(BitConverter.GetBytes(value), CheckpointDType.Float32, upper, CheckpointDType.BFloat16);
        FloatConversion.Convert(upper, CheckpointDType.BFloat16, back, CheckpointDType.Float32);
        float got = BitConverter.ToSingle(back);
        if (float.IsNaN(value)) return float.IsNaN(got);
        uint bits = BitConverter.SingleToUInt32Bits(value), low = bits & 0xFFFF0000;
        float down = BitConverter.UInt32BitsToSingle(low), up = BitConverter.UInt32BitsToSingle(low + 0x10000);
        uint rest = bits & 0xFFFF;
        return got.Equals(rest < 0x8000 || (rest == 0x8000 && (low >> 16) % 2 == 0) ? down : up);
    }, threads: 1);

    [Theory]
    [InlineData("a")]
    [InlineData("__metadata__")]
    public void Write_DuplicateOrReservedName_IsRefusedAndNothingWritten(string name)
    {
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(_folder.File("x"), [Singles("a", 1), Singles(name, 2)]));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Write_DiskFull_KeepsTheOldFileAndLeavesNothingBehind()
    {
        string path = _folder.File("x.safetensors");
        SafetensorsWriter.Write(path, [Singles("old", 1)]);
        byte[] before = File.ReadAllBytes(path);
        var error = Assert.ThrowsAny<IOException>(
            () => SafetensorsWriter.Write(path, [Singles("new", new float[1000])], new() { OpenTemporary = p => new FullDisk(p, 100) }));
        Assert.Contains("the disk is full", error.Message);
        Assert.Contains(path, error.Message);
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Write_IntoAFileAsFolderOrOverAFolder_GivesIOException()
    {
        File.WriteAllText(_folder.File("f"), "");
        Directory.CreateDirectory(_folder.File("d"));
        Assert.ThrowsAny<IOException>(() => SafetensorsWriter.Write(_folder.File("f/x.safetensors"), [Singles("a", 1)]));
        Assert.Contains("folder of that name", Assert.ThrowsAny<IOException>(() => SafetensorsWriter.Write(_folder.File("d"), [Singles("a", 1)])).Message);
    }

    [Fact]
    public void Sha256_KnownContent_GivesTheKnownDigest()
        => Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", FileHash.Sha256(_folder.Write("abc", "abc"u8.ToArray())));

    /// <summary>A file on a disk that takes so many bytes and then reports ENOSPC, as the system does.</summary>
    private sealed class FullDisk(string path, int room) : FileStream(path, FileMode.CreateNew)
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            room -= buffer.Length;
            if (room < 0) throw new IOException("No space left on device", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28);
            base.Write(buffer);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    }
}
