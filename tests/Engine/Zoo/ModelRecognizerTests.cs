using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Zoo;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Zoo;

public sealed class ModelRecognizerTests
{
    [SkippableTheory]
    [InlineData("vit_b", nameof(ModelFamily.Sam), "ViT-B")]
    [InlineData("vit_l", nameof(ModelFamily.Sam), "ViT-L")]
    [InlineData("vit_h", nameof(ModelFamily.Sam), "ViT-H")]
    [InlineData("vit_t", nameof(ModelFamily.MobileSam), "TinyViT")]
    public void Recognize_SamNames_GivesTheArchitecture(string configuration, string family, string architecture)
    {
        var found = ModelRecognizer.Recognize(NamesFiles.Sam(configuration));
        Assert.Equal((family, architecture, NameStyle.Original), (found!.Family.ToString(), found.Architecture, found.Style));
    }

    [SkippableTheory]
    [InlineData("swinT", "Swin-T")]
    [InlineData("swinL", "Swin-L")]
    public void Recognize_SemanticSamNames_GivesTheArchitecture(string configuration, string architecture)
    {
        var names = NamesFiles.SemanticSam(configuration);
        var plain = ModelRecognizer.Recognize(NamesFiles.Weights(NamesFiles.Rows(names.GetProperty("tensors"))));
        Assert.Equal((ModelFamily.SemanticSam, architecture), (plain!.Family, plain.Architecture));
        Assert.Equal("6", plain.Details["mask tokens"]);
        Assert.False(plain.Details.ContainsKey("text context"));
        var text = ModelRecognizer.Recognize(
            NamesFiles.Weights([.. NamesFiles.Rows(names.GetProperty("tensors")), .. NamesFiles.Rows(names.GetProperty("with_language_encoder_additional"))]));
        Assert.Equal("18", text!.Details["text context"]);
    }

    [SkippableTheory]
    [InlineData("openseed_swint_lang", "Swin-T", "plain", "18", "4")]
    [InlineData("openseed_swint_lang_o365", "Swin-T", "plain", "77", "4")]
    [InlineData("openseed_swint_lang_o365_decouple", "Swin-T", "decoupled", "77", "4")]
    [InlineData("openseed_swinl_lang_decouple", "Swin-L", "decoupled", "18", "5")]
    public void Recognize_OpenSeeDNames_GivesVariantAndContext(string configuration, string architecture, string queries, string context, string levels)
    {
        var found = ModelRecognizer.Recognize(NamesFiles.OpenSeeD(configuration));
        Assert.Equal((ModelFamily.OpenSeeD, architecture), (found!.Family, found.Architecture));
        Assert.StartsWith(queries, found.Details["queries"]);
        Assert.Equal((context, levels), (found.Details["text context"], found.Details["levels"]));
    }

    [SkippableFact]
    public void Recognize_ClipNames_GivesTheArchitecture()
    {
        var found = ModelRecognizer.Recognize(NamesFiles.Weights(NamesFiles.Rows(NamesFiles.Clip("vit_b_32").GetProperty("openai"))));
        Assert.Equal((ModelFamily.Clip, "ViT-B/32", NameStyle.Original, "77"), (found!.Family, found.Architecture, found.Style, found.Details["text context"]));
        var large = ModelRecognizer.Recognize(NamesFiles.Weights(NamesFiles.Rows(NamesFiles.Clip("vit_l_14").GetProperty("openai"))));
        Assert.Equal("ViT-L/14", large!.Architecture);
        using var texts = Fixtures.Json("clip/texts.json");
        var tower = ModelRecognizer.Recognize(NamesFiles.Weights([.. NamesFiles.Rows(texts.RootElement.GetProperty("state_dict_vit_b_32_text"))]));
        Assert.Equal("text tower of width 512", tower!.Architecture);
    }

    [SkippableFact]
    public void Recognize_TorchScriptClip_IsRecognizedInTheFile()
    {
        using var file = Checkpoint.Open(Fixtures.Path("checkpoints/torchscript_clip_like.pt"));
        Assert.Equal(ModelFamily.Clip, ModelRecognizer.Recognize(StateDict.From(file))!.Family);
    }

    [SkippableFact]
    public void Recognize_OtherNames_GivesNull()
    {
        using var file = Checkpoint.Open(Fixtures.Path("checkpoints/zip_state_dict.pth"));
        Assert.Null(ModelRecognizer.Recognize(StateDict.From(file)));
    }

    [SkippableTheory]
    [InlineData("swinT")]
    [InlineData("swinL")]
    public void Canonical_GoldenNames_GivesTheListedAliasesAndNoOthers(string configuration)
    {
        var names = NamesFiles.SemanticSam(configuration);
        var aliases = names.GetProperty("aliases").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString());
        Assert.NotEmpty(aliases);
        foreach (var (name, _) in NamesFiles.Rows(names.GetProperty("tensors"))
            ) Assert.Equal(aliases.GetValueOrDefault(name), SharedModules.CanonicalName(name));
    }
}
