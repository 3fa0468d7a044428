using System.Text.Json;
using SemanticSam.Granularity.SemanticSam;

namespace SemanticSam.Tests.Granularity.SemanticSam;

public sealed class ModelConfigTests
{
    [Fact]
    public void Json_RoundTrip_KeepsEverything()
    {
        foreach (var config in new[] { ModelConfig.SemanticSamSwinT, ModelConfig.SemanticSamSwinL, ModelConfig.OpenSeeDSwinTDecoupled, ModelConfig.OpenSeeDSwinLDecoupled, ModelConfig.Nano })
        {
            string json = config.ToJson();
            var read = ModelConfig.FromJson(json);
            Assert.Equal(json, read.ToJson());
            Assert.Equal(config.Decoder with { ClickSizes = null }, read.Decoder with { ClickSizes = null });
            Assert.Equal(config.Decoder.ClickSizes, read.Decoder.ClickSizes);
            Assert.Equal(config.Text, read.Text);
            Assert.Equal(config.Sizing, read.Sizing);
            Assert.Equal(config.Swin?.Depths, read.Swin?.Depths);
            Assert.Equal(config.ConvNet?.Channels, read.ConvNet?.Channels);
            Assert.Equal(config.PixelDecoder.Levels, read.PixelDecoder.Levels);
        }
    }

    [Fact]
    public void FromJson_UnknownEntry_IsRefusedByName()
    {
        string json = ModelConfig.SemanticSamSwinT.ToJson().Replace("\"mask_tokens\"", "\"mask_tokenz\"", StringComparison.Ordinal);
        Assert.Contains("mask_tokenz", Assert.Throws<JsonException>(() => ModelConfig.FromJson(json)).Message);
    }

    [Theory]
    [InlineData(30, 8, 6, 0)]
    [InlineData(256, 7, 6, 0)]
    [InlineData(256, 8, 0, 0)]
    [InlineData(256, 8, -1, 300)]
    public void Validate_ImpossibleSizes_AreRefused(int width, int heads, int tokens, int queries)
    {
        var config = new DecoderConfig { Width = width, Heads = heads, MaskTokens = tokens, ObjectQueries = queries };
        Assert.Throws<ArgumentOutOfRangeException>(config.Validate);
    }
}
