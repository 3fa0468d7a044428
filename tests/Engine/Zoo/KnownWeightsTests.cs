using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Zoo;
using SemanticSam.Granularity.Sam;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Engine.Zoo;

/// <summary>Weights in wrappers and under prefixes, of other sizes, damaged, or of models that only sound like it.</summary>
public sealed class KnownWeightsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static CheckpointTensor Tensor(string name, params long[] shape) =>
        CheckpointTensor.FromMemory(name, CheckpointDType.Float32, shape, new byte[4 * shape.Aggregate(1L, (a, b) => a * b)]);

    private (string Stripped, ModelFamily? Family, string? Why) Read(params CheckpointTensor[] tensors)
    {
        string path = _folder.File($"{Guid.NewGuid():N}.safetensors");
        SafetensorsWriter.Write(path, tensors);
        using var checkpoint = Checkpoint.Open(path);
        var (weights, found) = KnownWeights.Of(checkpoint);
        return (weights.Stripped, found?.Family, found is null ? KnownWeights.WhyUnknown(weights) : null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sam.")]
    [InlineData("sam_model.")]
    [InlineData("net.")]
    [InlineData("_orig_mod.")]
    [InlineData("module._orig_mod.")]
    [InlineData("model.module.")]
    [InlineData("student.backbone.sam.")]
    [InlineData("lightning_module.anything_at_all.")]
    public void Prefix_OfAnyKind_IsTakenOff(string prefix)
    {
        var (stripped, family, _) = Read(Tensor(prefix + "image_encoder.patch_embed.proj.weight", 768, 3, 16, 16),
        Tensor(prefix + "mask_decoder.iou_token.weight", 1, 256),
            Tensor(prefix + "image_encoder.blocks.0.norm1.weight", 768), Tensor("stray", 1));
        Assert.Equal((prefix, (ModelFamily?)ModelFamily.Sam), (stripped, family));
    }

    [Theory]
    [InlineData("mask_decoder.hf_token.weight", "HQ-SAM")]
    [InlineData("image_encoder.trunk.patch_embed.proj.weight", "SAM 2")]
    [InlineData("sam_mask_decoder.iou_token.weight", "SAM 2")]
    [InlineData("detector.backbone.vision_backbone.trunk.x", "SAM 3")]
    [InlineData("prompt_encoder.invalid_points.weight", "EfficientSAM")]
    [InlineData("image_encoder.backbone.stages.0.op.weight", "EfficientViT-SAM")]
    [InlineData("image_encoder.blocks.0.Adapter.D_fc1.weight", "adapters")]
    [InlineData("nothing.known.weight", "the first names are ")]
    public void Foreign_Models_AreNamedWithWhatCanBeDone(string name, string what)
    {
        var (_, family, why) = Read(Tensor(name, 4), Tensor("x.patch_embed.proj.weight", 768, 3, 16, 16), Tensor("x.mask_decoder.weight", 1, 256));
        Assert.Null(family);
        Assert.Contains(what, why);
    }

    /// <summary>A ViT so small that it is made in a moment, saved at one size and loaded as what it is.</summary>
    [Fact]
    public void Positions_OfAnotherImageSize_MakeAModelOfThatSize()
    {
        var config = SamConfig.VitB with { Vit = SamConfig.VitB.Vit! with { ImageSize = 512 } };
        string path = _folder.File("p.safetensors");
        SafetensorsWriter.Write(path, [Tensor("image_encoder.pos_embed", 1, 32, 32, 768)]);
        using var checkpoint = Checkpoint.Open(path);
        Assert.Equal(512, SamPositions.Sized(SamConfig.VitB, StateDict.From(checkpoint)).ImageSize);
        Assert.Equal(1024, SamPositions.Sized(config with { Vit = config.Vit! with { ImageSize = 1024 } },
            StateDict.Of("x", [Tensor("image_encoder.pos_embed", 1, 64, 64, 768)])).ImageSize);
        Assert.Contains("32 x 16 patches", Assert.Throws<CheckpointException>(
            () => SamPositions.Sized(SamConfig.VitB, StateDict.Of("x", [Tensor("image_encoder.pos_embed", 1, 32, 16, 768)]))).Message);
    }

    [Fact]
    public void NaN_InAWeight_IsRefusedByItsName()
    {
        using var linear = nn.Linear(3, 2);
        string path = _folder.File("n.safetensors");
        using var weight = tensor(new[] { 1f, 2, float.NaN, 4, 5, 6 }).reshape(2, 3);
        using var bias = tensor(new[] { float.PositiveInfinity, float.NegativeInfinity });
        SafetensorsWriter.Write(path, [weight.AsCheckpointTensor("weight"), bias.AsCheckpointTensor("bias")]);
        using var checkpoint = Checkpoint.Open(path);
        Assert.Contains("the tensor 'weight' holds NaN", Assert.Throws<CheckpointException>(() => StrictLoader.Load(linear, checkpoint)).Message);
    }

    [Fact]
    public void Folder_OfAnotherProgram_IsItsOneFileOfWeights()
    {
        _folder.Write("hf/config.json", "{\"_name_or_path\": \"x\"}"u8.ToArray());
        Assert.Contains("nor a file of weights", Assert.Throws<CheckpointException>(() => ForeignFolder.WeightsOf(_folder.File("hf"))).Message);
        string first = _folder.Write("hf/weights.pt", [1]);
        Assert.Equal(first, ForeignFolder.WeightsOf(_folder.File("hf")));
        _folder.Write("hf/more.bin", [1]);
        Assert.Contains("2 files of weights", Assert.Throws<CheckpointException>(() => ForeignFolder.WeightsOf(_folder.File("hf"))).Message);
        Assert.Equal(_folder.Write("hf/model.safetensors", [1]), ForeignFolder.WeightsOf(_folder.File("hf")));
        _folder.Write("hf/inference.json", "{}"u8.ToArray());
        Assert.Null(ForeignFolder.WeightsOf(_folder.File("hf")));
    }
}
