using SemanticSam.Tests.Reference;
using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Encoder;
using SemanticSam.TextEncoder.Names;
using SemanticSam.TextEncoder.Tokenizer;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.TextEncoder.Encoder;

public sealed class LanguageEncoderTests
{
    [SkippableFact]
    public void Hidden_TinyModel_IsTheReferences()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var golden = Golden.Load("semantic_sam/tiny_text.safetensors");
        var encoder = TextModels.TinyLanguage();
        var ids = golden["last_part_first_prompts.ids"];
        Close.Assert_(TextModels.Floats(encoder.Hidden(TextModels.Ids(ids))), golden["last_part_first_prompts.hidden"].Floats, 1e-5, "hidden");
    }

    [SkippableTheory]
    [InlineData("whole")]
    [InlineData("part")]
    public void EncodeNormalized_AllTemplates_AreTheReferences(string kind)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var golden = GoldenTensors.Load("semantic_sam/tiny_text");
        string name = kind + "_template_embeddings";
        int[][] rows = [.. golden.Integers(kind + "_token_ids").Select(i => (int)i).Chunk((int)golden.Shape(kind + "_token_ids")[2])];
        golden.Check(name, TextModels.TinyLanguage().EncodeNormalized(rows).view(golden.Shape(name)), 1e-5);
    }

    [SkippableFact]
    public void Similarity_Whole_IsTheReferences()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var sidecar = Fixtures.Json("semantic_sam/tiny_text.json");
        var golden = Golden.Load("semantic_sam/tiny_text.safetensors");
        var encoder = TextModels.TinyLanguage();
        var texts = golden["whole_text_embeddings"];
        var shape = golden["similarity_whole"].Shape;
        using var features = Formula.Of(sidecar.RootElement.GetProperty("similarity_input").GetString()!);
        var similarity = encoder.Similarity(features, tensor(texts.Floats).reshape(texts.Shape));
        Assert.Equal(shape, similarity.shape);
        Close.Assert_(TextModels.Floats(similarity), golden["similarity_whole"].Floats, 1e-5, "similarity");
        Close.Assert_(TextModels.Floats(encoder.LogitScale.reshape(1)), golden["logit_scale"].Floats, 1e-7, "logit_scale");
    }

    [SkippableFact]
    public void EncodeNormalized_OneTemplateEach_IsOpenSeeDsTrainingForm()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var sidecar = Fixtures.Json("openseed/tiny_text.json");
        var golden = Golden.Load("openseed/tiny_text.safetensors");
        var one = sidecar.RootElement.GetProperty("one_template");
        string[] names = [.. sidecar.RootElement.GetProperty("names").EnumerateArray().Select(n => TrainingNames.Of(n.GetString()!))];
        string[] texts = [.. one.GetProperty("template_index").EnumerateArray()
            .Select((t, i) => TrainingNames.Sentence(PromptTemplates.All[t.GetInt32()], names[i]))];
        Assert.Equal(one.GetProperty("texts").EnumerateArray().Select(t => t.GetString()!), texts);

        var context = TextContext.SemanticSam with { Length = (int)golden["one_template_token_ids"].Shape[1] };
        int[][] rows = [.. texts.Select(t => ClipTokenizer.Instance.Encode(t, context))];
        Assert.Equal(golden["one_template_token_ids"].Integers, rows.SelectMany(r => r).Select(i => (long)i));
        Close.Assert_(TextModels.Floats(TextModels.TinyLanguage("plain").EncodeNormalized(rows)),
            golden["one_template_text_embeddings"].Floats, 1e-5, "one template");
    }

    [SkippableTheory]
    [InlineData("plain")]
    [InlineData("decoupled")]
    public void EncodeNormalized_VocabulariesOfATrainingStep_AreOpenSeeDs(string model)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var golden = GoldenTensors.Load("openseed/train_step");
        var root = golden.Sidecar;
        string tag = root.GetProperty(model).GetProperty("tag").GetString()!;
        float[] template = DetWeights.Values($"input:{tag}.template", root.GetProperty(model).GetProperty("templates_used").GetInt64());
        float[] synonym = DetWeights.Values($"input:{tag}.synonym", root.GetProperty(model).GetProperty("synonyms_used").GetInt64());
        int templates = 0, synonyms = 0;
        foreach (string set in new[] { "coco", "o365" })
        {
            var names = root.GetProperty("texts").GetProperty(set).EnumerateArray().Select(n => n.GetString()!);
            if (set == "o365") names = names.Select(n => TrainingNames.Synonyms(n)).Select(s => s[Draw(synonym[synonyms++], s.Count)]);
            var context = TextContext.SemanticSam with { Length = (int)golden.Shape($"{model}.{set}.token_ids")[1] };
            int[][] rows = [.. names.ToArray().Select(n => ClipTokenizer.Instance.Encode(
                TrainingNames.Sentence(PromptTemplates.All[Draw(template[templates++], PromptTemplates.All.Count)], n), context))];
            Assert.Equal(golden.Integers($"{model}.{set}.token_ids"), rows.SelectMany(r => r).Select(i => (long)i));
            golden.Check($"{model}.{set}.text_embeddings", TextModels.TinyLanguage(model).EncodeNormalized(rows), 1e-5);
        }
        Assert.Equal((template.Length, synonym.Length), (templates, synonyms));

        static int Draw(float value, int count) => (int)Math.Floor(count * ((double)value + 1) / 2);
    }

    [SkippableFact]
    public void StateDict_TinyModel_HasTheReferencesNamesAndShapes()
    {
        using var scope = NewDisposeScope();
        using var config = Fixtures.Json("semantic_sam/tiny_config.json");
        var shapes = TextModels.Shapes(config.RootElement.GetProperty("state_dict"), TextModels.Language);
        Assert.Equal(
            shapes.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key} {string.Join(',', s.Value)}"),
            TextModels.TinyLanguage().state_dict().OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key} {string.Join(',', s.Value.shape)}"));
    }

    [Fact]
    public void EncodeNormalized_ManyTimes_LeaksNoTensor()
    {
        using var scope = NewDisposeScope();
        var encoder = TextModels.Fill(new LanguageEncoder(new TextEncoderConfig(16, 2, 2, 8, 49408, 12)));
        int[][] rows = [ClipTokenizer.Instance.Encode("cat", new TextContext(8, TextPadding.EndToken))];
        using (no_grad()) encoder.EncodeNormalized(rows).Dispose();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (no_grad())
            for (int i = 0; i < 100; i++) encoder.EncodeNormalized(rows).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void EncodeNormalized_InTraining_GivesEveryWeightAGradient()
    {
        using var scope = NewDisposeScope();
        var encoder = TextModels.Fill(new LanguageEncoder(new TextEncoderConfig(16, 2, 2, 8, 49408, 12)));
        int[][] rows = [ClipTokenizer.Instance.Encode("cat", new TextContext(8, TextPadding.EndToken))];
        encoder.Similarity(ones(1, 12), encoder.EncodeNormalized(rows)).sum().backward();
        foreach (var (name, parameter) in encoder.named_parameters())
            Assert.True(parameter.grad is not null && parameter.grad.abs().sum().item<float>() > 0, $"{name} has no gradient.");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void EncodeNormalized_RowsThatDoNotFit_Throws(int length)
    {
        using var scope = NewDisposeScope();
        var encoder = new LanguageEncoder(new TextEncoderConfig(16, 1, 2, 8, 600, 12));
        Assert.Throws<ArgumentException>(() => encoder.EncodeNormalized(length == 0 ? [] : [new int[length]]));
        Assert.Throws<ArgumentException>(() => encoder.EncodeNormalized([new int[8], new int[7]]));
    }
}
