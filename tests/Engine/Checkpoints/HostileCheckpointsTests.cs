using System.Text;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Zoo;
using SemanticSam.Tests.Engine.Checkpoints.PyTorch;
using SemanticSam.Tests.Support;
using TorchSharp;

namespace SemanticSam.Tests.Engine.Checkpoints;

/// <summary>Small files that ask for much memory or time: refused, in one sentence, before either is spent.</summary>
public sealed class HostileCheckpointsTests : IDisposable
{
    private const int Mega = 1 << 20;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Zip(PickleBuilder pickle, bool script = false)
    {
        var zip = new ZipBuilder().Add("x/data.pkl", pickle.Bytes);
        return _folder.Write("x.pth", (script ? zip.Add("x/constants.pkl", new PickleBuilder().Op(')').Bytes) : zip).Build());
    }

    /// <summary>The refusal, and that no more was allocated than <paramref name="megabytes"/>.</summary>
    private static string Refusal(int megabytes, Action open)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.ThrowsAny<CheckpointException>(open).Message;
        double taken = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Mega;
        Assert.True(taken < megabytes, $"{taken:f0} MB: {message}");
        Assert.True(message.Length < 1600);
        return message;
    }

    /// <summary>A long text, remembered as 0.</summary>
    private static PickleBuilder Remembered(PickleBuilder pickle, int length) => pickle.Text(new string('A', length)).Op((byte)'q', 0);

    [Fact]
    public void Pickle_KeyOfManyLongTexts_IsMeasuredBeforeItIsJoined()
    {
        var pickle = Remembered(new PickleBuilder().Op('}').Op('('), 4 * Mega);
        for (int i = 0; i < 15; i++) pickle.Op((byte)'h', 0); // 16 parts, as many as a key may have
        string path = Zip(pickle.Op('t').Op('N').Op('s'));
        Assert.Contains("a dictionary key of more than 1024 characters", Refusal(60, () => Checkpoint.Open(path)));
    }

    [Theory]
    [InlineData(2000, 1)]
    [InlineData(1, 2000)]
    public void Pickle_LongNameOfAClass_IsRefusedInEitherWayToWriteIt(int module, int name)
    {
        string path = Zip(new PickleBuilder().Text("__torch__." + new string('A', module)).Text(new string('C', name)).Op(0x93), script: true);
        Assert.Contains("at most 1024 are allowed", Refusal(5, () => Checkpoint.Open(path)));
        Assert.Contains("longer than 1024",
            Refusal(5, () => Checkpoint.Open(Zip(new PickleBuilder().Global("__torch__." + new string('A', module), new string('C', name)), script: true))));
    }

    [Fact]
    public void Pickle_ManyEntriesUnderLongPaths_AreBoundedTogether()
    {
        var pickle = new PickleBuilder().Op('}').Text(new string('k', 1000)).Op(']').Op('(');
        for (int i = 0; i < 60_000; i++) pickle.Op('N');
        Assert.Contains("Mi characters together", Refusal(160, () => Checkpoint.Open(Zip(pickle.Op('e').Op('s')))));
    }

    [Fact]
    public void Pickle_TensorsUnderLongPaths_AreBoundedTogether()
    {
        var pickle = new PickleBuilder().Op('}').Text(new string('k', 1000)).Op(']').Op('(').Tensor("0", 1, 0, [1], [1]).Op((byte)'q', 5);
        for (int i = 0; i < 60_000; i++) pickle.Op((byte)'h', 5);
        string path = _folder.Write("y.pth", new ZipBuilder().Add("x/data.pkl", pickle.Op('e').Op('s').Bytes).Add("x/data/0", new byte[4]).Build());
        Refusal(160, () => Checkpoint.Open(path));
    }

    [Fact]
    public void Pickle_NameOfADeviceThatGrows_IsRefused()
    {
        var pickle = Remembered(new PickleBuilder().Op(']'), Mega).Op('a').Op('(');
        for (int i = 0; i < 100; i++) pickle.Global("torch", "device").Op((byte)'h', 0).Op((byte)'K', 1, 0x86, (byte)'R');
        Refusal(40, () => Checkpoint.Open(Zip(pickle.Op('e'))));
    }

    [Fact]
    public void Pickle_ContainersWithoutEnd_AreCharged()
    {
        var pickle = new PickleBuilder().Op(']').Op('(');
        for (int i = 0; i < 1_900_000; i++) pickle.Op('}').Op((byte)'q', 1);
        Assert.Contains("would take more than 256 MiB", Refusal(400, () => Checkpoint.Open(Zip(pickle.Op('e')))));
    }

    private string Safetensors(string header, int data = 0) =>
        _folder.Write("x.safetensors",
            [.. BitConverter.GetBytes((long)Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header), .. new byte[data]]);

    private static string Entry(string name, string shape = "0", int begin = 0, int end = 0) =>
        $"\"{name}\":{{\"dtype\":\"F32\",\"shape\":[{shape}],\"data_offsets\":[{begin},{end}]}}";

    [Fact]
    public void Safetensors_LongNames_AreRefused()
    {
        string path = Safetensors($"{{{Entry(string.Concat(Enumerable.Repeat("model.", 300_000)))}}}");
        Assert.Contains("at most 1024 characters", Refusal(20, () => Checkpoint.Open(path)));
        path = Safetensors($"{{{Entry(new string('x', 1100))}}}");
        Assert.Contains("at most 1024", Refusal(5, () => Checkpoint.Open(path)));
    }

    [Fact]
    public void Safetensors_WrappersWithoutEnd_AreLookedThroughSoFar()
    {
        string name = string.Concat(Enumerable.Repeat("module.", 140)) + "x";
        string path = Safetensors($"{{{string.Join(',', Enumerable.Range(0, 3000).Select(i => Entry(name + i)))}}}");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        using var file = Checkpoint.Open(path);
        Assert.Equal(string.Concat(Enumerable.Repeat("module.", 6)), StateDict.From(file).Stripped);
        Assert.True(watch.Elapsed.TotalSeconds < 2);
    }

    [Fact]
    public void Safetensors_MetadataWithoutEnd_IsRefused() =>
        Assert.Contains("of metadata", Refusal(200, () => Checkpoint.Open(Safetensors("{\"__metadata__\":{\"a\":\"" + new string('x', 17 << 20) + "\"}}"))));

    [Theory]
    [InlineData("../x.safetensors")]
    [InlineData("/x.safetensors")]
    [InlineData(@"..\x.safetensors")]
    [InlineData("a/x.safetensors")]
    [InlineData("x.bin")]
    public void Index_PartThatLiesElsewhere_IsRefused(string name)
    {
        string path = _folder.Write("x.safetensors.index.json",
            Encoding.UTF8.GetBytes("{\"weight_map\":{\"a\":" + System.Text.Json.JsonSerializer.Serialize(name) + "}}"));
        Assert.Contains("plain names that end in .safetensors", Refusal(5, () => Checkpoint.Open(path)));
    }

    private const string Published = "backbone.patch_embed.proj.weight", Predictor = "sem_seg_head.predictor.";

    /// <summary>Shapes that size a network may claim anything where there are no values.</summary>
    [Theory]
    [InlineData(Predictor + "lang_encoder.lang_encoder.positional_embedding", 10_000_000L)]
    [InlineData(Predictor + "lang_encoder.lang_encoder.positional_embedding", 2_147_483_648L)]
    [InlineData(Predictor + "query_feat.weight", 10_000_000L)]
    [InlineData("sem_seg_head.pixel_decoder.transformer.level_embed", 3L)]
    [InlineData("sem_seg_head.pixel_decoder.transformer.level_embed", 0L)]
    public void SemanticSam_ShapeWithoutValues_SizesNothing(string name, long rows)
    {
        string path =
            Safetensors(
            $"{{{Entry(Published, "96,3,4,4", 0, 18432)},"
            + $"{Entry(Predictor + "enc_output.weight", "0", 18432, 18432)},{Entry(name, $"{rows},0", 18432, 18432)}}}", 18432);
        using var file = Checkpoint.Open(path);
        var weights = StateDict.From(file);
        Assert.Contains($"'{name}' is F32 [{rows}, 0]", Refusal(5, () => SemanticSamCheckpoint.Open(weights)));
        Assert.NotNull(CheckpointModel.WhyNot(weights, ModelRecognizer.Recognize(weights)));
    }

    [Theory]
    [InlineData("backbone.patch_embed.proj.weight", "192,3,4,4", "sem_seg_head.predictor.mask_tokens.weight")]
    [InlineData("image_encoder.patch_embed.proj.weight", "1280,3,16,16", "mask_decoder.iou_token.weight")]
    public void Checkpoint_WithoutTheWeights_IsNotBuilt(string sizes, string shape, string other)
    {
        // The family's largest network, in a file of some hundred kilobytes.
        var entries = new List<string> { Entry(other, "6,0") }; // a matrix: what it is recognized by, without values
        if (sizes.StartsWith("image", StringComparison.Ordinal)) entries.AddRange(Enumerable.Range(0, 32).Select(i => Entry($"image_encoder.blocks.{i}.x")));
        int bytes = 4 * shape.Split(',').Aggregate(1, (a, b) => a * int.Parse(b));
        entries.Add(Entry(sizes, shape, 0, bytes));
        using var file = Checkpoint.Open(Safetensors("{" + string.Join(',', entries) + "}", bytes));
        var weights = StateDict.From(file);
        string? why = null;
        Refusal(20, () => throw new CheckpointException("x", why = CheckpointModel.WhyNot(weights, ModelRecognizer.Recognize(weights))!));
        Assert.True(why!.Contains("parameters") || why.Contains("mask tokens") || why.Contains("fit"), why);
    }

    [SkippableFact]
    public void Open_PipeOrDevice_IsRefusedAtOnce()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "devices of Linux");
        Assert.Contains("regular file", Refusal(1, () => Checkpoint.Open("/dev/zero")));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void StrictLoader_ValueThatIsNoNumber_IsRefusedByName(float bad)
    {
        using var module = new Linear4();
        using var target = new Linear4();
        using (torch.no_grad()) module.second.weight![1, 2] = bad;
        string path = _folder.File("w.safetensors");
        SafetensorsWriter.Write(path, module.state_dict());
        using var file = Checkpoint.Open(path);
        Assert.Contains($"'second.weight' holds {(float.IsNaN(bad) ? "NaN" : "infinity")}: 1 of its 16 values are not finite",
            Assert.Throws<CheckpointException>(() => StrictLoader.Load(target, file)).Message);
    }

    [Fact]
    public void StrictLoader_AllZero_IsRefusedAndLargeNumbersAreNot()
    {
        using var module = new Linear4();
        using var target = new Linear4();
        string path = _folder.File("w.safetensors");
        using (torch.no_grad())
            foreach (var p in module.parameters()) p.fill_(3e38f); // whose sum is not finite
        SafetensorsWriter.Write(path, module.state_dict());
        using (var large = Checkpoint.Open(path)) StrictLoader.Load(target, large);
        using (torch.no_grad())
            foreach (var p in module.parameters())
                if (p.dim() > 1) p.zero_();
        SafetensorsWriter.Write(path, module.state_dict());
        using var zero = Checkpoint.Open(path);
        Assert.Contains("all 2 matrices of its weights are zero", Assert.Throws<CheckpointException>(() => StrictLoader.Load(target, zero)).Message);
    }

    private sealed class Linear4 : torch.nn.Module
    {
        public readonly TorchSharp.Modules.Linear first = torch.nn.Linear(4, 4), second = torch.nn.Linear(4, 4);

        public Linear4() : base("x") => RegisterComponents();
    }
}
