using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Encoder;
using static TorchSharp.torch;

namespace SemanticSam.Tests.TextEncoder;

/// <summary>Text encoders with the weights of the reference values.</summary>
internal static class TextModels
{
    /// <summary>Prefix of the language encoder's names in a Semantic-SAM or OpenSeeD checkpoint.</summary>
    public const string Language = "sem_seg_head.predictor.lang_encoder.";

    /// <summary>Every weight by the formula of its name.</summary>
    public static T Fill<T>(T model, string prefix = "")
        where T : nn.Module
    {
        using var grad = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
        {
            using var values = tensor(DetWeights.Values(prefix + name, parameter.shape)).reshape(parameter.shape);
            parameter.copy_(values);
        }
        model.eval();
        return model;
    }

    private static readonly Dictionary<string, LanguageEncoder> Tiny = [];

    /// <summary>The language encoder of a tiny model, shared: its token embedding alone has three million weights.</summary>
    /// <param name="kind">"semantic_sam", or "plain" or "decoupled" of OpenSeeD.</param>
    public static LanguageEncoder TinyLanguage(string kind = "semantic_sam")
    {
        lock (Tiny)
            return Tiny.TryGetValue(kind, out var made) ? made : Tiny[kind] = MakeTiny(kind);
    }

    private static LanguageEncoder MakeTiny(string kind)
    {
        using var config = Fixtures.Json(kind == "semantic_sam" ? "semantic_sam/tiny_config.json" : "openseed/tiny_config.json");
        var root = kind == "semantic_sam" ? config.RootElement : config.RootElement.GetProperty(kind);
        var text = (kind == "semantic_sam" ? root.GetProperty("MODEL") : root).GetProperty("TEXT");
        var model =
            Fill(new LanguageEncoder(TextEncoderConfig.FromShapes(Shapes(root.GetProperty("state_dict"), Language), text.GetProperty("HEADS").GetInt32())),
            Language);
        // It outlives the scope of the test that asks for it first.
        foreach (var parameter in model.parameters()) parameter.DetachFromDisposeScope();
        return model;
    }

    public static Dictionary<string, long[]> Shapes(System.Text.Json.JsonElement element, string prefix)
        => element.EnumerateObject().Where(p => p.Name.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(p => p.Name[prefix.Length..], p => p.Value.EnumerateArray().Select(v => v.GetInt64()).ToArray());

    public static Tensor Ids(GoldenTensor ids) => tensor(ids.Integers).reshape(ids.Shape);

    public static float[] Floats(Tensor t) => t.contiguous().data<float>().ToArray();
}
