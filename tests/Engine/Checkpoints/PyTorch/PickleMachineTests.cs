using SemanticSam.Engine.Checkpoints;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Checkpoints.PyTorch;

public sealed class PickleMachineTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private ICheckpoint Open(PickleBuilder pickle, int storageBytes = 16)
        => Checkpoint.Open(_folder.Write("x.pth", new ZipBuilder().Add("x/data.pkl", pickle.Bytes).Add("x/data/0", new byte[storageBytes]).Build()));

    private void Refused(PickleBuilder pickle, string expected, int storageBytes = 16)
    {
        var error = Assert.Throws<CheckpointException>(() => Open(pickle, storageBytes));
        Assert.Contains(expected, error.Message);
    }

    private static PickleBuilder Dict(string key, Func<PickleBuilder, PickleBuilder> value) => value(new PickleBuilder().Op('}').Text(key)).Op('s');

    [Fact]
    public void Open_HandWrittenTensor_IsRead()
    {
        using var file = Open(Dict("a", p => p.Tensor("0", 4, 1, [3], [1])));
        Assert.Equal(["a: F32 [3]"], file.Tensors.Select(t => t.ToString()));
        Assert.Equal([0f, 0f, 0f], file.Tensors[0].ToSingles());
    }

    [Fact]
    public void Open_TensorAsRoot_IsCalledTensor()
    {
        using var file = Open(new PickleBuilder().Tensor("0", 4, 0, [2, 2], [2, 1]));
        Assert.Equal(["tensor: F32 [2, 2]"], file.Tensors.Select(t => t.ToString()));
    }

    [Fact]
    public void Open_EmptyTensorWithHugeOtherSizes_IsEmpty()
    {
        using var file = Open(Dict("a", p => p.Tensor("0", 4, 0, [long.MaxValue, long.MaxValue, 0], [1, 1, 1])));
        Assert.Empty(file.Tensors[0].ToBytes());
    }

    /// <summary>Settings of training programs lie beside the weights as objects of classes that do nothing; they are passed over.</summary>
    [Theory]
    [InlineData("argparse", "Namespace")]
    [InlineData("pathlib", "PosixPath")]
    [InlineData("mmengine.logging.history_buffer", "HistoryBuffer")]
    [InlineData("omegaconf.dictconfig", "DictConfig")]
    [InlineData("pytorch_lightning.utilities.parsing", "AttributeDict")]
    public void Open_SettingsBesideTheWeights_ArePassedOver(string module, string name)
    {
        using var file = Open(new PickleBuilder().Op('}').Text("args").Global(module, name).Op(')').Op(0x81).Op('}').Text("lr").Int(1).Op('s').Op('b').Op('s')
            .Text("path").Global(module, name).Op('(').Text("runs").Op('t').Op('R').Op('s').Text("a").Tensor("0", 4, 1, [3], [1]).Op('s'));
        Assert.Equal(["a: F32 [3]"], file.Tensors.Select(t => t.ToString()));
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("torch", "load")]
    [InlineData("torch._utils", "_rebuild_tensor_v3")]
    [InlineData("__torch__", "Anything")]
    [InlineData("torch.jit._pickle", "restore_type_tag")]
    [InlineData("collections.OrderedDict", "fromkeys")]
    [InlineData("", "")]
    public void Open_GlobalNotOnTheList_IsRefusedByName(string module, string name)
        => Refused(new PickleBuilder().Global(module, name), $"{module}.{name}; allowed are");

    [Theory]
    [InlineData('i', "INST")]
    [InlineData('o', "OBJ")]
    [InlineData('F', "FLOAT")]
    [InlineData('2', "DUP")]
    [InlineData('\u0092', "NEWOBJ_EX")]
    [InlineData('\u0082', "EXT")]
    [InlineData('\u00ff', "not a pickle opcode")]
    public void Open_OpcodeNotOnTheList_IsRefusedByName(char opcode, string name) => Refused(new PickleBuilder().Op(opcode), name);

    [Fact]
    public void Open_ListThatContainsItself_IsRefused() => Refused(new PickleBuilder().Op(']').Op((byte)'q', 0).Op((byte)'h', 0).Op('a'), "contains itself");

    [Fact]
    public void Open_ListsThatDoubleFortyTimes_AreRefused()
    {
        var pickle = new PickleBuilder().Op('(').Op(']').Op((byte)'q', 0);
        for (byte i = 1; i <= 40; i++) pickle.Op(']').Op('(').Op((byte)'h', (byte)(i - 1)).Op((byte)'h', (byte)(i - 1)).Op('e').Op((byte)'q', i);
        Refused(pickle.Op('t'), "more than 1000000 values");
    }

    [Fact]
    public void Open_ListsNestedAThousandDeep_AreRefused()
    {
        var pickle = new PickleBuilder();
        for (int i = 0; i < 1000; i++) pickle.Op(']');
        for (int i = 0; i < 999; i++) pickle.Op('a');
        Refused(pickle, "deep");
    }

    [Fact]
    public void Open_MarksNestedWithoutEnd_AreRefused() => Refused(new PickleBuilder().Op(Enumerable.Repeat((byte)'(', 1001).ToArray()), "nested marks");

    [Fact]
    public void Open_OneStringEncodedAgainAndAgain_IsRefused()
    {
        var pickle = new PickleBuilder().Op(']').Op('(').Global("_codecs", "encode").Op((byte)'q', 0).Text(new string('a', 1 << 20)).Text("latin1").Op(0x86)
            .Op((byte)'q', 1).Op('R');
        for (int i = 0; i < 80; i++) pickle.Op((byte)'h', 0).Op((byte)'h', 1).Op('R');
        Refused(pickle.Op('e'), "copied");
    }

    [Fact]
    public void Open_MillionsOfValues_AreRefused() => Refused(new PickleBuilder().Op(Enumerable.Repeat((byte)'N', 2_000_001).ToArray()),
        "more than 2000000 values");

    [Theory]
    [InlineData(-1, 2, 1, "negative")]
    [InlineData(0, -2, 1, "negative")]
    [InlineData(0, 2, -1, "negative")]
    [InlineData(0, 5, 1, "beyond its storage")]
    [InlineData(3, 2, 1, "beyond its storage")]
    [InlineData(0, 2, 4, "beyond its storage")]
    [InlineData(0, long.MaxValue, long.MaxValue, "beyond its storage")]
    [InlineData(0, 1L << 40, 0, "would take more")]
    public void Open_TensorThatLies_IsRefused(long offset, long size, long stride, string expected)
        => Refused(Dict("a", p => p.Tensor("0", 4, offset, [size], [stride])), expected);

    [Fact]
    public void Open_ManyExpandedViews_AreRefused()
    {
        var pickle = new PickleBuilder().Op('}');
        for (int i = 0; i < 40; i++) pickle.Text($"t{i}").Tensor("0", 4, 0, [1 << 18], [0]).Op('s');
        Refused(pickle, "16 times");
    }

    [Theory]
    [InlineData("../0")]
    [InlineData("0/../../x")]
    [InlineData("")]
    [InlineData("ü")]
    public void Open_StorageKeyWithOtherCharacters_IsRefused(string key) => Refused(Dict("a", p => p.Tensor(key, 4, 0, [1], [1])), "ASCII letters and digits");

    [Fact]
    public void Open_StorageWithTwoTypes_IsRefused()
        => Refused(new PickleBuilder().Op('}').Text("a").Tensor("0", 4, 0, [1], [1]).Op('s').Text("b")
            .Tensor("0", 4, 0, [1], [1], "IntStorage").Op('s'), "elsewhere");

    [Fact]
    public void Open_StorageLargerThanItsEntry_IsRefused() => Refused(Dict("a", p => p.Tensor("0", 5, 0, [1], [1])), "its entry holds 16 bytes");

    [Fact]
    public void Open_TwoTensorsOfOnePath_AreRefused()
        => Refused(new PickleBuilder().Op('}').Text("a/b").Tensor("0", 4, 0, [1], [1]).Op('s').Text("a").Op('}').Text("b").Tensor("0", 4, 0, [1], [1]).Op('s')
            .Op('s'), "two tensors have the path 'a/b'");

    [Fact]
    public void Open_KeySetTwice_KeepsTheLastValueAsPythonDoes()
    {
        using var file = Open(new PickleBuilder().Op('}').Text("n").Int(1).Op('s').Text("n").Int(2).Op('s'));
        Assert.Equal("2", file.Metadata["n"]);
    }

    [Theory]
    [InlineData(new byte[] { (byte)'q', 0 }, "empty stack")]
    [InlineData(new byte[] { (byte)'h', 0 }, "before it is written")]
    [InlineData(new byte[] { (byte)'N', (byte)'N' }, "exactly one")]
    [InlineData(new byte[] { (byte)'N', (byte)'t' }, "a mark is needed")]
    [InlineData(new byte[] { (byte)'(', 0x85 }, "empty stack")]
    [InlineData(new byte[] { (byte)'(', (byte)'q', 0 }, "a mark stands")]
    [InlineData(new byte[] { (byte)'N', (byte)'N', (byte)'a' }, "not a list")]
    [InlineData(new byte[] { (byte)'}', (byte)']', (byte)'N', (byte)'s' }, "key is a list")]
    [InlineData(new byte[] { (byte)'}', (byte)'(', (byte)'N', (byte)'u' }, "key without a value")]
    [InlineData(new byte[] { (byte)'N', (byte)')', (byte)'R' }, "not an allowed name is called")]
    [InlineData(new byte[] { (byte)'N', (byte)'Q' }, "persistent id")]
    [InlineData(new byte[] { (byte)'X', 0xFF, 0xFF, 0xFF, 0xFF }, "a string of 4294967295 bytes")]
    [InlineData(new byte[] { (byte)'X', 0xFF, 0xFF, 0, 0 }, "cut off")]
    [InlineData(new byte[] { 0x8B, 0xFF, 0xFF, 0xFF, 0xFF }, "an integer of -1 bytes")]
    [InlineData(new byte[] { 0x80, 9 }, "protocol 9")]
    [InlineData(new byte[] { (byte)'U', 1, 0xFF }, "UTF-8")]
    public void Open_NonsensePickle_SaysWhatIsWrong(byte[] opcodes, string expected) => Refused(new PickleBuilder().Op(opcodes), expected);
}
