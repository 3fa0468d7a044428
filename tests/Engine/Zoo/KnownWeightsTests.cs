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

    /// <summary>What is compiled, sharded, recomputed or replicated module by module has words of its wrappers within its names.</summary>
    [Theory]
    [InlineData("image_encoder._orig_mod.", "mask_decoder.")]
    [InlineData("image_encoder.module.", "mask_decoder._orig_mod.")]
    [InlineData("model.image_encoder._fsdp_wrapped_module._checkpoint_wrapped_module.", "model.mask_decoder._fsdp_wrapped_module.")]
    public void Wrappers_WithinNames_AreTakenOut(string encoder, string decoder)
    {
        string path = _folder.File("w.safetensors");
        SafetensorsWriter.Write(path, [Tensor(encoder + "patch_embed.proj.weight", 768, 3, 16, 16), Tensor(encoder + "blocks.0._orig_mod.norm1.weight", 768),
            Tensor(decoder + "iou_token.weight", 1, 256)]);
        using var checkpoint = Checkpoint.Open(path);
        var (weights, found) = KnownWeights.Of(checkpoint);
        Assert.Equal(ModelFamily.Sam, found?.Family);
        Assert.Equal(["image_encoder.blocks.0.norm1.weight", "image_encoder.patch_embed.proj.weight", "mask_decoder.iou_token.weight"], weights.Keys.Order());
    }

    /// <summary>Lightning keeps losses and metrics beside the model; averages of weights count their steps there.</summary>
    [Fact]
    public void Tensors_BesideThePrefix_AreNoWeightsOfTheModelAndAreNamed()
    {
        string path = _folder.File("b.safetensors");
        CheckpointTensor[] model = [Tensor("model.image_encoder.patch_embed.proj.weight", 768, 3, 16, 16),
            Tensor("model.mask_decoder.iou_token.weight", 1, 256)];
        SafetensorsWriter.Write(path, [.. model, Tensor("n_averaged", 1)]);
        using (var checkpoint = Checkpoint.Open(path))
        {
            var weights = KnownWeights.Of(checkpoint).Weights;
            Assert.Equal(["n_averaged"], weights.Outside);
            Assert.Equal(["image_encoder.patch_embed.proj.weight", "mask_decoder.iou_token.weight"], weights.Keys.Order());
        }
        // Where the model is whole only with them, they belong to it.
        SafetensorsWriter.Write(path, [model[0], Tensor("model.image_encoder.blocks.0.norm1.weight", 768), Tensor("mask_decoder.iou_token.weight", 1, 256)]);
        using (var checkpoint = Checkpoint.Open(path))
        {
            var (weights, found) = KnownWeights.Of(checkpoint);
            Assert.Equal((ModelFamily.Sam, 3, 0), (found!.Family, weights.Count, weights.Outside.Count));
        }
    }

    /// <summary>Whoever trains a SAM with a head of his own saves both.</summary>
    [Fact]
    public void Tensors_BesideTheModulesOfASam_AreNoWeightsOfItAndAreNamed()
    {
        string path = _folder.File("h.safetensors");
        SafetensorsWriter.Write(path, [Tensor("image_encoder.patch_embed.proj.weight", 768, 3, 16, 16), Tensor("mask_decoder.iou_token.weight", 1, 256),
            Tensor("pixel_mean", 3, 1, 1), Tensor("class_head.weight", 5, 256), Tensor("loss.weight", 3)]);
        using var checkpoint = Checkpoint.Open(path);
        var (weights, found) = KnownWeights.Of(checkpoint);
        Assert.Equal((ModelFamily.Sam, 3), (found!.Family, weights.Count));
        Assert.Equal(["class_head.weight", "loss.weight"], weights.Outside.Order());
    }

    /// <summary>Some save a dictionary a module, or names with slashes.</summary>
    [Theory]
    [InlineData("image_encoder/patch_embed.proj.weight", "mask_decoder/iou_token.weight")]
    [InlineData("net/image_encoder/patch_embed/proj/weight", "net/mask_decoder/iou_token/weight")]
    public void Modules_InDictionariesOfTheirOwn_AreOneModel(string encoder, string decoder)
    {
        string path = _folder.File("m.safetensors");
        SafetensorsWriter.Write(path, [Tensor(encoder, 768, 3, 16, 16), Tensor(decoder, 1, 256)]);
        using var checkpoint = Checkpoint.Open(path);
        var (weights, found) = KnownWeights.Of(checkpoint);
        Assert.Equal(ModelFamily.Sam, found?.Family);
        Assert.Equal(["image_encoder.patch_embed.proj.weight", "mask_decoder.iou_token.weight"], weights.Keys.Order());
    }

    [Fact]
    public void Part_OfASam_IsNamed()
    {
        var (_, family, why) = Read(Tensor("mask_decoder.iou_token.weight", 1, 256), Tensor("prompt_encoder.no_mask_embed.weight", 1, 256));
        Assert.Null(family);
        Assert.StartsWith("it holds only a part of a SAM: prompt_encoder and mask_decoder without image_encoder.", why);
    }

    [Theory]
    [InlineData("w_a_000", "LoRA")]
    [InlineData("mask_decoder.hf_token.weight", "HQ-SAM")]
    [InlineData("image_encoder.trunk.patch_embed.proj.weight", "SAM 2")]
    [InlineData("sam_mask_decoder.iou_token.weight", "SAM 2")]
    [InlineData("detector.backbone.vision_backbone.trunk.x", "SAM 3")]
    [InlineData("prompt_encoder.invalid_points.weight", "EfficientSAM")]
    [InlineData("image_encoder.backbone.stages.0.op.weight", "EfficientViT-SAM")]
    [InlineData("image_encoder.blocks.0.Adapter.D_fc1.weight", "adapters")]
    [InlineData("model.22.cv2.0.0.conv.weight", "YOLO")]
    [InlineData("model.model.23.cv3.0.0.conv.weight", "YOLO")]
    [InlineData("vision_encoder.backbone.blocks.0.attn.qkv.weight", "SAM 2")]
    [InlineData("model.text_backbone.embeddings.word_embeddings.weight", "Grounding DINO")]
    [InlineData("PromtEncoder.point_embeddings.0.weight", "MobileSAMv2")]
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
    public void File_WithoutTensors_IsSaidToHoldNone() => Assert.Contains("holds no tensors", Read().Why);

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
        _folder.Write("shards/pytorch_model-00001-of-00002.bin", [1]);
        _folder.Write("shards/pytorch_model-00002-of-00002.bin", [1]);
        _folder.Write("shards/pytorch_model.bin.index.json", "{}"u8.ToArray());
        Assert.Contains("save it as safetensors", Assert.Throws<CheckpointException>(() => ForeignFolder.WeightsOf(_folder.File("shards"))).Message);
        _folder.Write("hf/inference.json", "{}"u8.ToArray());
        Assert.Null(ForeignFolder.WeightsOf(_folder.File("hf")));
    }
}
