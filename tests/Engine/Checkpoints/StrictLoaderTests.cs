using System.Runtime.InteropServices;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Tests.Engine.Checkpoints.PyTorch;
using SemanticSam.Tests.Support;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Engine.Checkpoints;

public sealed class StrictLoaderTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    /// <summary>The module that the golden state dicts were saved from: its names are those of the file.</summary>
    private sealed class Tiny : nn.Module
    {
        public Tiny() : base(nameof(Tiny))
        {
            register_parameter("pos_embed", new Parameter(zeros(Shape("pos_embed"))));
            register_buffer("scale", zeros(Shape("scale"), TypeOf("scale")));
            register_module("conv", new Holder(this, "conv", "weight"));
            register_module("bn", new Holder(this, "bn", "weight", "bias", "running_mean", "running_var", "num_batches_tracked"));
            register_module("blocks", new Holder(this, "blocks", "0.weight", "0.bias", "1.weight", "1.bias"));
            register_module("emb", new Holder(this, "emb", "weight"));
        }
    }

    private sealed class Holder : nn.Module
    {
        public Holder(nn.Module _, string prefix, params string[] names) : base(prefix)
        {
            foreach (string name in names)
            {
                if (name.Contains('.')) continue;
                register_buffer(name, zeros(Shape($"{prefix}.{name}"), TypeOf($"{prefix}.{name}")));
            }
            foreach (var group in names.Where(n => n.Contains('.')).GroupBy(n => n.Split('.')[0]))
                register_module(group.Key, new Holder(this, $"{prefix}.{group.Key}", [.. group.Select(n => n.Split('.')[1])]));
        }
    }

    private static CheckpointTensor Reference(string name)
    {
        var file = Checkpoint.Open(Fixtures.Path("checkpoints/zip_state_dict.pth"));
        Assert.True(file.TryGet(name, out var tensor));
        return tensor;
    }

    private static long[] Shape(string name) => Reference(name).Shape.ToArray();

    private static ScalarType TypeOf(string name) => Reference(name).DType == CheckpointDType.Int64 ? ScalarType.Int64 : ScalarType.Float32;

    [SkippableTheory]
    [InlineData("zip_state_dict.pth", "")]
    [InlineData("legacy_state_dict.pth", "")]
    [InlineData("zip_nested.pth", "model/")]
    [InlineData("legacy_nested.pth", "model/")]
    [InlineData("zip_data_parallel.pth", "state_dict/module.")]
    [InlineData("zip_protocol4.pth", "model/")]
    public void Load_GoldenStateDict_FillsTheModule(string file, string stripped)
    {
        using var checkpoint = Checkpoint.Open(Fixtures.Path($"checkpoints/{file}"));
        using var module = new Tiny();
        var weights = StateDict.From(checkpoint);
        Assert.Equal(stripped, weights.Stripped);
        var report = StrictLoader.Load(module, weights);
        Assert.Empty(report.Kept);
        Assert.Empty(report.Ignored);
        var loaded = module.state_dict();
        Assert.Equal(loaded.Count, report.Loaded.Count);
        foreach (var (name, tensor) in loaded) Assert.Equal(weights[name].ToBytes(), tensor.bytes.ToArray());
    }

    private string File(params (string Name, float[] Values, long[] Shape)[] rows)
    {
        string path = _folder.File($"{Guid.NewGuid():N}.safetensors");
        SafetensorsWriter.Write(path,
            rows.Select(r => CheckpointTensor.FromMemory(r.Name, CheckpointDType.Float32, r.Shape, MemoryMarshal.AsBytes(r.Values.AsSpan()).ToArray())));
        return path;
    }

    private sealed class Two : nn.Module
    {
        public readonly Parameter a = new(zeros(2, 2));
        public readonly Parameter b = new(zeros(1).squeeze());

        public Two() : base(nameof(Two)) => RegisterComponents();
    }

    [Fact]
    public void Load_WrongNamesAndShapes_ListsAllAndChangesNothing()
    {
        using var checkpoint = Checkpoint.Open(File(("a", [1, 2], [2]), ("c", [1], [1]), ("d", [1], [1])));
        using var module = new Two();
        var error = Assert.Throws<StateDictMismatchException>(() => StrictLoader.Load(module, checkpoint));
        Assert.Equal(["b"], error.Missing);
        Assert.Equal(["c", "d"], error.Unexpected);
        Assert.Equal(["a: the model has F32 [2, 2], the file F32 [2]"], error.Mismatched);
        Assert.Contains("Missing (1): b. Unexpected (2): c, d. Differing (1): a", error.Message);
        Assert.Equal(new float[4], module.a.data<float>().ToArray());
    }

    [Fact]
    public void Load_ScalarAsShapeOne_Fits()
    {
        using var checkpoint = Checkpoint.Open(File(("a", [1, 2, 3, 4], [2, 2]), ("b", [5], [1])));
        using var module = new Two();
        StrictLoader.Load(module, checkpoint);
        Assert.Equal([1f, 2f, 3f, 4f], module.a.data<float>().ToArray());
        Assert.Equal(5f, module.b.item<float>());
    }

    [Fact]
    public void Load_HalfFile_WidensIntoFloatParameters()
    {
        string path = _folder.File("half.safetensors");
        SafetensorsWriter.Write(path, new Dictionary<string, Tensor> { ["a"] = tensor(new float[] { 1, 0.1f, -3, 65504 }).reshape(2, 2), ["b"] = tensor(7f) },
            new() { Floats = CheckpointDType.Float16 });
        using var checkpoint = Checkpoint.Open(path);
        using var module = new Two();
        StrictLoader.Load(module, checkpoint);
        Assert.Equal([1f, (float)(Half)0.1f, -3f, 65504f], module.a.data<float>().ToArray());
    }

    [Fact]
    public void Load_AllowedNames_AreReportedNotRefused()
    {
        using var checkpoint =
            Checkpoint.Open(File(("a", [1, 2, 3, 4], [2, 2]), ("criterion.empty_weight", [1], [1]), ("x.relative_position_index", [1], [1])));
        using var module = new Two();
        var report = StrictLoader.Load(module, checkpoint, new() { AllowedMissing = ["b"] });
        Assert.Equal(["b"], report.Kept);
        Assert.Equal(["criterion.empty_weight", "x.relative_position_index"], report.Ignored.Order());
    }

    [Fact]
    public void Load_SecondNamesOfASharedTensor_MustAgree()
    {
        static string? Canonical(string name) => name.StartsWith("again.", StringComparison.Ordinal) ? name[6..] : null;
        using var module = new Two();
        using (var good = Checkpoint.Open(File(("a", [1, 2, 3, 4], [2, 2]), ("b", [5], []), ("again.b", [5], []))))
            Assert.Equal(["again.b"], StrictLoader.Load(module, good, new() { CanonicalName = Canonical }).Ignored);
        using var bad = Checkpoint.Open(File(("a", [1, 2, 3, 4], [2, 2]), ("b", [5], []), ("again.b", [6], [])));
        Assert.Contains("differ", Assert.Throws<CheckpointException>(() => StrictLoader.Load(module, bad, new() { CanonicalName = Canonical })).Message);
    }

    [Fact]
    public void Load_NonContiguousTarget_IsFilled()
    {
        using var module = new Two();
        module.register_buffer("t", zeros(3, 2).t());
        using var checkpoint = Checkpoint.Open(File(("a", [1, 2, 3, 4], [2, 2]), ("b", [5], []), ("t", [1, 2, 3, 4, 5, 6], [2, 3])));
        StrictLoader.Load(module, checkpoint);
        Assert.Equal([1f, 2f, 3f, 4f, 5f, 6f], module.get_buffer("t")!.contiguous().data<float>().ToArray());
    }

    [Fact]
    public void Load_Repeatedly_LeaksNoTensor()
    {
        using var checkpoint = Checkpoint.Open(File(("a", [1, 2, 3, 4], [2, 2]), ("b", [5], [])));
        using var module = new Two();
        StrictLoader.Load(module, checkpoint);
        long before = LiveTensors.Settled();
        for (int i = 0; i < 100; i++) StrictLoader.Load(module, checkpoint);
        Assert.Equal(before, Tensor.TotalCount);
    }

    [SkippableFact]
    public void ToTensor_EveryGoldenDType_HasItsBytes()
    {
        using var checkpoint = Checkpoint.Open(Fixtures.Path("checkpoints/zip_dtypes.pth"));
        foreach (var source in checkpoint.Tensors)
        {
            using var made = source.ToTensor();
            Assert.Equal(source.Shape.ToArray(), made.shape);
            Assert.Equal(source.ToBytes(), made.bytes.ToArray());
        }
    }

    [SkippableFact]
    public void ToTensor_IntegersAsFloat_IsRefused()
    {
        using var checkpoint = Checkpoint.Open(Fixtures.Path("checkpoints/zip_dtypes.pth"));
        Assert.True(checkpoint.TryGet("int64", out var integers));
        Assert.Throws<NotSupportedException>(() => integers.ToTensor(ScalarType.Float32));
    }

    [Fact]
    public void From_FileWithoutWeights_NamesWhatIsThere()
    {
        string path = _folder.Write("x.pth", new ZipBuilder().Add("x/data.pkl", new PickleBuilder().Op('}').Text("epoch").Int(3).Op('s').Bytes).Build());
        using var checkpoint = Checkpoint.Open(path);
        Assert.Contains("epoch", Assert.Throws<CheckpointException>(() => StateDict.From(checkpoint)).Message);
    }
}
