using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Zoo;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Engine.Zoo;

/// <summary>Published names into models, strictly.</summary>
public sealed class SemanticSamCheckpointTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("semsam-weights-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableTheory]
    [InlineData("semantic_sam")]
    [InlineData("plain")]
    [InlineData("decoupled")]
    public void Load_AllNamesOfACheckpoint_FillsTheModel(string kind)
    {
        using var scope = NewDisposeScope();
        using var source = ModuleFill.Fill(new SemanticSamModel(Tiny(kind)));
        var names = source.state_dict();
        names["criterion.empty_weight"] = ones(2); // trained files carry the class weights of their loss
        using var target = new SemanticSamModel(Tiny(kind));
        using var file = SafetensorsFile.Open(Write(names));

        var report = SemanticSamCheckpoint.Load(target, StateDict.From(file));

        Assert.Equal(["criterion.empty_weight"], report.Ignored);
        Assert.Empty(report.Kept);
        foreach (var (name, value) in target.state_dict())
            Assert.True(value.eq(names[name]).all().item<bool>(), name);
    }

    [SkippableFact]
    public void Load_OnlyCanonicalNames_FillsTheAliases()
    {
        using var scope = NewDisposeScope();
        using var source = ModuleFill.Fill(new SemanticSamModel(Tiny("semantic_sam")));
        var names = source.state_dict().Where(entry => SharedModules.CanonicalName(entry.Key) is null).ToDictionary();
        using var target = new SemanticSamModel(Tiny("semantic_sam"));
        using var file = SafetensorsFile.Open(Write(names));
        SemanticSamCheckpoint.Load(target, StateDict.From(file));
        foreach (var (name, value) in source.state_dict())
            Assert.True(value.eq(target.state_dict()[name]).all().item<bool>(), name);
    }

    [SkippableFact]
    public void Load_MissingUnexpectedAndMisshapen_AreListedAndNothingIsChanged()
    {
        using var scope = NewDisposeScope();
        using var model = ModuleFill.Fill(new SemanticSamModel(Tiny("plain")));
        var names = model.state_dict().ToDictionary(entry => entry.Key, entry => zeros_like(entry.Value));
        names.Remove("sem_seg_head.predictor.enc_output.bias");
        names["sem_seg_head.predictor.stranger"] = ones(3);
        names["sem_seg_head.predictor.class_embed"] = ones(2, 2);
        using var file = SafetensorsFile.Open(Write(names));
        var refused = Assert.Throws<StateDictMismatchException>(() => SemanticSamCheckpoint.Load(model, StateDict.From(file)));
        Assert.Equal(["sem_seg_head.predictor.enc_output.bias"], refused.Missing);
        Assert.Equal(["sem_seg_head.predictor.stranger"], refused.Unexpected);
        Assert.Contains("class_embed", Assert.Single(refused.Mismatched));
        Assert.NotEqual(0f, model.state_dict()["sem_seg_head.predictor.enc_output.weight"].abs().sum().item<float>());
    }

    [Fact]
    public void ConfigOf_PublishedShapes_IsTheArchitecture()
    {
        foreach (var config in new[] { ModelConfig.SemanticSamSwinT, ModelConfig.OpenSeeDSwinT, ModelConfig.OpenSeeDSwinTObjects365,
        ModelConfig.OpenSeeDSwinTDecoupled, ModelConfig.OpenSeeDSwinLDecoupled })
        {
            using var scope = NewDisposeScope();
            // Only the tensors that tell the architecture, at their shapes.
            var shapes = new Dictionary<string, Tensor>
            {
                ["backbone.patch_embed.proj.weight"] = zeros(config.Swin!.EmbedDim, 3, 4, 4),
                ["sem_seg_head.pixel_decoder.transformer.level_embed"] = zeros(config.Decoder.Levels, 256),
            };
            if (config.Text is not null) shapes["sem_seg_head.predictor.lang_encoder.lang_encoder.positional_embedding"] = zeros(config.Text.Context, 512);
            if (config.Decoder.MaskTokens > 0) shapes["sem_seg_head.predictor.mask_tokens.weight"] = zeros(6, 256);
            if (config.Decoder.ObjectQueries > 0) shapes["sem_seg_head.predictor.enc_output.weight"] = zeros(256, 256);
            if (config.Decoder.StuffQueries > 0) shapes["sem_seg_head.predictor.query_feat.weight"] = zeros(100, 256);
            using var file = SafetensorsFile.Open(Write(shapes));
            var found = SemanticSamCheckpoint.ConfigOf(StateDict.From(file));
            Assert.Equal((config.Decoder, config.Text, config.PixelDecoder.Levels, config.Swin),
                (found.Decoder, found.Text, found.PixelDecoder.Levels, found.Swin));
        }
    }

    private static ModelConfig Tiny(string kind) => kind == "semantic_sam" ? ReferenceConfig.SemanticSamTiny() : ReferenceConfig.OpenSeeDTiny(kind);

    /// <summary>As a training program writes them: with the prefix model.</summary>
    private string Write(IReadOnlyDictionary<string, Tensor> tensors)
    {
        string path = Path.Combine(_folder, Guid.NewGuid() + ".safetensors");
        SafetensorsWriter.Write(path, tensors.ToDictionary(entry => "model." + entry.Key, entry => entry.Value));
        return path;
    }
}
