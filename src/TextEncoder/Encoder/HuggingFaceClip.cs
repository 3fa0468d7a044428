using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace SemanticSam.TextEncoder.Encoder;

/// <summary>Brings the text part of Hugging Face's CLIP state dicts (CLIPModel, CLIPTextModelWithProjection, CLIPTextModel) to OpenAI's names.</summary>
internal static partial class HuggingFaceClip
{
    private const string Prefix = "text_model.";

    [GeneratedRegex(@"^text_model\.encoder\.layers\.(\d+)\.(.+)$")]
    private static partial Regex Layer();

    /// <summary>Whether names are Hugging Face's.</summary>
    public static bool Recognizes(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return names.Contains(Prefix + "embeddings.token_embedding.weight");
    }

    /// <summary>
    /// The state dict of <see cref="OpenAiTextEncoder"/>. Query, key and value projections are packed into one, the text projection is
    /// transposed; without one (CLIPTextModel) it is the identity. Other towers and position ids are left out.
    /// </summary>
    /// <returns>New tensors where something changed, the given ones elsewhere.</returns>
    /// <exception cref="InvalidDataException">A name under <c>text_model.</c> is unknown, or a block lacks one of its projections.</exception>
    public static Dictionary<string, Tensor> ToOpenAi(IReadOnlyDictionary<string, Tensor> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var result = new Dictionary<string, Tensor>();
        foreach (var (name, value) in source)
        {
            if (name == "text_projection.weight") result["text_projection"] = value.transpose(0, 1).contiguous();
            else if (name == "logit_scale") result[name] = value;
            else if (name.StartsWith(Prefix, StringComparison.Ordinal) && name != Prefix + "embeddings.position_ids")
                Add(result, name, value, source);
        }
        if (!result.ContainsKey("text_projection") && result.TryGetValue("ln_final.weight", out var norm))
            result["text_projection"] = eye(norm.shape[0], dtype: norm.dtype, device: norm.device);
        return result;
    }

    private static void Add(Dictionary<string, Tensor> result, string name, Tensor value, IReadOnlyDictionary<string, Tensor> source)
    {
        string? known = name[Prefix.Length..] switch
        {
            "embeddings.token_embedding.weight" => "token_embedding.weight",
            "embeddings.position_embedding.weight" => "positional_embedding",
            "final_layer_norm.weight" => "ln_final.weight",
            "final_layer_norm.bias" => "ln_final.bias",
            _ => null,
        };
        if (known is not null)
        {
            result[known] = value;
            return;
        }
        var match = Layer().Match(name);
        if (!match.Success) throw new InvalidDataException($"'{name}' is not a name of Hugging Face's CLIP text model.");
        string block = $"transformer.resblocks.{match.Groups[1].Value}.", own = match.Groups[2].Value;
        string kind = own[(own.LastIndexOf('.') + 1)..];
        switch (own[..^(kind.Length + 1)])
        {
            case "self_attn.q_proj": // packed once, with the other two
                string layer = name[..^own.Length];
                result[$"{block}attn.in_proj_{kind}"] = cat([value, Get($"{layer}self_attn.k_proj.{kind}"), Get($"{layer}self_attn.v_proj.{kind}")], 0);
                break;
            case "self_attn.k_proj" or "self_attn.v_proj":
                Get(name.Replace(".k_proj.", ".q_proj.", StringComparison.Ordinal).Replace(".v_proj.", ".q_proj.", StringComparison.Ordinal));
                break;
            case "self_attn.out_proj":
                result[$"{block}attn.out_proj.{kind}"] = value;
                break;
            case "layer_norm1":
                result[$"{block}ln_1.{kind}"] = value;
                break;
            case "layer_norm2":
                result[$"{block}ln_2.{kind}"] = value;
                break;
            case "mlp.fc1":
                result[$"{block}mlp.c_fc.{kind}"] = value;
                break;
            case "mlp.fc2":
                result[$"{block}mlp.c_proj.{kind}"] = value;
                break;
            default:
                throw new InvalidDataException($"'{name}' is not a name of Hugging Face's CLIP text model.");
        }

        Tensor Get(string wanted) => source.TryGetValue(wanted, out var t) ? t
            : throw new InvalidDataException($"The state dict lacks '{wanted}', which belongs with '{name}'.");
    }
}
