using System.Text.Json;
using System.Text.Json.Nodes;
using SemanticSam.Foundation;
using SemanticSam.Granularity.SemanticSam;

namespace SemanticSam.Tests.Granularity.SemanticSam;

public sealed class ModelConfigTests
{
    [Fact]
    public void Json_RoundTrip_KeepsEverything()
    {
        foreach (var config in new[] { ModelConfig.SemanticSamSwinT, ModelConfig.SemanticSamSwinL, ModelConfig.OpenSeeDSwinTDecoupled,
        ModelConfig.OpenSeeDSwinLDecoupled, ModelConfig.Nano })
        {
            string json = config.ToJson();
            var read = ModelConfig.FromJson(json);
            Assert.Equal(json, read.ToJson());
            Assert.Equal(config.Decoder with { Additions = null }, read.Decoder with { Additions = null });
            Assert.Equal(config.Decoder.Additions is null, read.Decoder.Additions is null);
            Assert.Equal(config.Decoder.Additions?.ClickSizes, read.Decoder.Additions?.ClickSizes);
            Assert.Equal(config.Text, read.Text);
            Assert.Equal(config.Sizing, read.Sizing);
            Assert.Equal(config.Swin?.Depths, read.Swin?.Depths);
            Assert.Equal(config.ConvNet?.Channels, read.ConvNet?.Channels);
            Assert.Equal(config.PixelDecoder.Levels, read.PixelDecoder.Levels);
        }
    }

    /// <summary>As version 0.1 wrote them.</summary>
    [Fact]
    public void FromJson_AdditionsAmongTheDecodersEntries_AreGathered()
    {
        string nested = ModelConfig.Nano.ToJson();
        var root = JsonNode.Parse(nested)!;
        var decoder = root["decoder"]!.AsObject();
        decoder.Remove("additions", out var additions);
        foreach (var (name, value) in additions!.AsObject()) decoder[name] = value?.DeepClone();
        Assert.Contains("click_sizes", decoder.Select(e => e.Key));
        Assert.Equal(nested, ModelConfig.FromJson(root.ToJsonString()).ToJson());
    }

    [Fact]
    public void FromJson_UnknownEntry_IsRefusedByName()
    {
        string json = ModelConfig.SemanticSamSwinT.ToJson().Replace("\"mask_tokens\"", "\"mask_tokenz\"", StringComparison.Ordinal);
        Assert.Contains("mask_tokenz", Assert.Throws<JsonException>(() => ModelConfig.FromJson(json)).Message);
    }

    [Theory]
    [InlineData("""{"decoder":{"width":8,"width":9}}""", "the entry 'width' stands twice")]
    [InlineData("[1]", "it is no JSON object")]
    public void FromJson_EntryTwiceOrNoObject_IsRefused(string json, string message) =>
        Assert.Contains(message, JsonMessage.Of(Assert.Throws<JsonException>(() => ModelConfig.FromJson(json))));

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

    [Fact]
    public void Validate_AdditionsTheDecoderCannotHave_AreRefused()
    {
        var decoder = ModelConfig.Nano.Decoder;
        decoder.Validate();
        DecoderConfig[] refused =
        [
            decoder with { Additions = new() { ClickSizes = [0.1f, 0.2f] } },
            decoder with { Additions = new() { ClickSizes = [0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 1.5f] } },
            decoder with { Additions = new() { PromptSamples = 1 } },
            decoder with { MaskTokens = 0, Additions = new() { PromptSamples = 2 } },
            decoder with { MaskTokens = 0, Additions = new() { ComparesClicks = true } },
            decoder with { ObjectQueries = 0, Additions = new() { NameQueries = true } },
        ];
        Assert.All(refused, config => Assert.Throws<ArgumentOutOfRangeException>(config.Validate));
    }
}
