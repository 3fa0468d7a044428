using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Encoder;
using SemanticSam.TextEncoder.Tokenizer;
using static TorchSharp.torch;

namespace SemanticSam.Tests.TextEncoder.Encoder;

public sealed class OpenAiTextEncoderTests
{
    [SkippableFact]
    public void Encode_TinyModel_EveryStageIsTheReferences()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var golden = Golden.Load("clip/text_tiny.safetensors");
        var encoder = Model("text_tiny");
        var ids = TextModels.Ids(golden["ids"]);

        var x = encoder.Embed(ids);
        Check("embedded", x);
        for (int i = 0; i < encoder.Blocks.Count; i++)
        {
            var block = encoder.Blocks[i];
            var normalized = block.FirstNorm(x);
            var attended = block.Attend(normalized);
            var fed = block.Feed(block.SecondNorm(x + attended));
            Check($"block{i}.ln_1", normalized);
            Check($"block{i}.attn", attended);
            Check($"block{i}.mlp", fed);
            x = block.forward(x);
            Check($"block{i}", x);
        }
        Check("ln_final", encoder.Hidden(ids));
        Check("features", encoder.forward(ids));
        Check("features_normalised", encoder.Normalize(encoder.forward(ids)));
        Check("features_normalised", encoder.EncodeNormalized(Rows(golden["ids"])));

        void Check(string name, Tensor actual) => Close.Assert_(TextModels.Floats(actual), golden[name].Floats, 1e-5, name);
    }

    [SkippableFact]
    [Trait("Category", "Slow")]
    public void Encode_VitB32_FeaturesAreTheReferences()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var sidecar = Fixtures.Json("clip/texts.json");
        var golden = Golden.Load("clip/text_vit_b_32.safetensors");
        var encoder = Model("text_vit_b_32");
        int[][] rows = [.. sidecar.RootElement.GetProperty("texts").EnumerateArray()
            .Select(t => ClipTokenizer.Instance.Encode(t.GetString()!,
                TextContext.Clip with { Length = encoder.Config.ContextLength, Overflow = TextOverflow.Truncate }))];
        Assert.Equal(golden["ids"].Integers, rows.SelectMany(r => r).Select(i => (long)i));

        var ids = TextModels.Ids(golden["ids"]);
        var hidden = encoder.Hidden(ids);
        var atEnd = hidden[TensorIndex.Tensor(arange(rows.Length)), TensorIndex.Tensor(tensor(golden["eot_index"].Integers))];
        Close.Assert_(TextModels.Floats(atEnd), golden["ln_final.at_eot"].Floats, 1e-5, "ln_final.at_eot");
        Close.Assert_(TextModels.Floats(encoder.forward(ids)), golden["features"].Floats, 1e-4, "features");
        var normalized = encoder.EncodeNormalized(rows);
        Close.Assert_(TextModels.Floats(normalized), golden["features_normalised"].Floats, 1e-4, "features_normalised");
        Close.Assert_(TextModels.Floats(normalized.matmul(normalized.transpose(0, 1))), golden["similarity"].Floats, 1e-4, "similarity");
        Close.Assert_(TextModels.Floats(encoder.LogitScale.exp().reshape(1)), golden["logit_scale_exp"].Floats, 1e-6, "logit_scale_exp");
    }

    [SkippableFact]
    public void StateDict_VitB32_HasTheReferencesNamesAndShapes()
    {
        using var scope = NewDisposeScope();
        using var sidecar = Fixtures.Json("clip/texts.json");
        var shapes = TextModels.Shapes(sidecar.RootElement.GetProperty("state_dict_vit_b_32_text"), "");
        var config = TextEncoderConfig.FromShapes(shapes);
        Assert.Equal(TextEncoderConfig.ClipVitB, config);
        using var encoder = new OpenAiTextEncoder(config);
        Assert.Equal(
            shapes.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key} {string.Join(',', s.Value)}"),
            encoder.state_dict().OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key} {string.Join(',', s.Value.shape)}"));
    }

    [SkippableFact]
    public void ToOpenAi_HuggingFaceNames_GivesTheSameFeatures()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var golden = Golden.Load("clip/text_tiny.safetensors");
        var encoder = Model("text_tiny");
        var renamed = HuggingFace(encoder.state_dict());
        Assert.True(HuggingFaceClip.Recognizes(renamed.Keys));
        Assert.False(HuggingFaceClip.Recognizes(encoder.state_dict().Keys));
        renamed["vision_model.embeddings.class_embedding"] = zeros(3);
        renamed["text_model.embeddings.position_ids"] = arange(encoder.Config.ContextLength);

        var back = HuggingFaceClip.ToOpenAi(renamed);
        var other = new OpenAiTextEncoder(TextEncoderConfig.FromShapes(back.ToDictionary(t => t.Key, t => t.Value.shape), encoder.Config.Heads));
        other.load_state_dict(back);
        Close.Assert_(TextModels.Floats(other.forward(TextModels.Ids(golden["ids"]))), golden["features"].Floats, 1e-5, "features");

        renamed.Remove("text_projection.weight");
        Assert.Equal([encoder.Config.Width, encoder.Config.Width], HuggingFaceClip.ToOpenAi(renamed)["text_projection"].shape);
        renamed.Remove("text_model.encoder.layers.1.self_attn.k_proj.bias");
        Assert.Contains("layers.1.self_attn.k_proj.bias", Assert.Throws<InvalidDataException>(() => HuggingFaceClip.ToOpenAi(renamed)).Message);
    }

    [Fact]
    public void ToOpenAi_UnknownName_Throws()
    {
        using var scope = NewDisposeScope();
        var e = Assert.Throws<InvalidDataException>(
            () => HuggingFaceClip.ToOpenAi(new Dictionary<string, Tensor> { ["text_model.encoder.layers.0.mlp.fc3.weight"] = zeros(1) }));
        Assert.Contains("fc3", e.Message);
    }

    [SkippableFact]
    public void Constructor_GeluOption_ChangesTheResult()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var quick = Model("text_tiny");
        var exact = TextModels.Fill(new OpenAiTextEncoder(quick.Config with { Activation = TextActivation.Gelu }));
        int[][] rows = [quickRow(quick)];
        double error = Close.RelativeError(TextModels.Floats(exact.EncodeNormalized(rows)), TextModels.Floats(quick.EncodeNormalized(rows)));
        Assert.InRange(error, 1e-4, 0.2);

        static int[] quickRow(ClipTextEncoder e) => ClipTokenizer.Instance.Encode("a photo of a cat",
            new TextContext(e.Config.ContextLength, TextPadding.Zero));
    }

    [Fact]
    public void Constructor_HeadsThatDoNotDivideTheWidth_Throws()
        => Assert.Throws<ArgumentOutOfRangeException>(() => new OpenAiTextEncoder(new TextEncoderConfig(10, 1, 3, 8, 600, 4)));

    private static OpenAiTextEncoder Model(string name)
    {
        using var sidecar = Fixtures.Json("clip/texts.json");
        var c = sidecar.RootElement.GetProperty(name);
        return TextModels.Fill(new OpenAiTextEncoder(new TextEncoderConfig(Int("width"), Int("layers"), Int("heads"), Int("context_length"),
            Int("vocab_size"), Int("embed_dim"))));

        int Int(string property) => c.GetProperty(property).GetInt32();
    }

    private static int[][] Rows(GoldenTensor ids) => [.. ids.Integers.Select(i => (int)i).Chunk((int)ids.Shape[1])];

    private static Dictionary<string, Tensor> HuggingFace(Dictionary<string, Tensor> openAi)
    {
        var result = new Dictionary<string, Tensor>();
        foreach (var (name, value) in openAi)
        {
            string hf = name.Replace("transformer.resblocks.", "text_model.encoder.layers.").Replace(".ln_1.", ".layer_norm1.")
                .Replace(".ln_2.", ".layer_norm2.")
                .Replace(".mlp.c_fc.", ".mlp.fc1.").Replace(".mlp.c_proj.", ".mlp.fc2.").Replace(".attn.", ".self_attn.");
            if (hf.Contains("in_proj_"))
            {
                var parts = value.chunk(3, 0);
                string[] letters = ["q", "k", "v"];
                for (int i = 0; i < 3; i++) result[hf.Replace("in_proj_", $"{letters[i]}_proj.")] = parts[i];
            }
            else if (name == "text_projection") result["text_projection.weight"] = value.transpose(0, 1);
            else if (name == "token_embedding.weight") result["text_model.embeddings.token_embedding.weight"] = value;
            else if (name == "positional_embedding") result["text_model.embeddings.position_embedding.weight"] = value;
            else if (name.StartsWith("ln_final.")) result["text_model.final_layer_norm." + name[9..]] = value;
            else result[hf] = value;
        }
        return result;
    }
}
