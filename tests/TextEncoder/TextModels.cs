using SemanticSam.Formats.Shapes;
using SemanticSam.Tests.Engine.Checkpoints;
using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Encoder;
using TorchSharp;
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

    private static readonly Lazy<LanguageEncoder> Tiny = new(MakeTiny);

    /// <summary>The tiny model's language encoder, shared: its token embedding alone has three million weights.</summary>
    public static LanguageEncoder TinyLanguage() => Tiny.Value;

    private static LanguageEncoder MakeTiny()
    {
        using var config = Fixtures.Json("semantic_sam/tiny_config.json");
        var shapes = Shapes(config.RootElement.GetProperty("state_dict"), Language);
        int heads = config.RootElement.GetProperty("MODEL").GetProperty("TEXT").GetProperty("HEADS").GetInt32();
        return Fill(new LanguageEncoder(TextEncoderConfig.FromShapes(shapes, heads)), Language);
    }

    public static Dictionary<string, long[]> Shapes(System.Text.Json.JsonElement element, string prefix)
        => element.EnumerateObject().Where(p => p.Name.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(p => p.Name[prefix.Length..], p => p.Value.EnumerateArray().Select(v => v.GetInt64()).ToArray());

    public static Tensor Ids(GoldenTensor ids) => tensor(ids.Integers).reshape(ids.Shape);

    public static float[] Floats(Tensor t) => t.contiguous().data<float>().ToArray();
}
