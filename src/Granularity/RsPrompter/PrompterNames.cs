using System.Text.RegularExpressions;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>
/// Names of tensors in released checkpoints. The deformable encoder is the one that Semantic-SAM has, with its names; so are the layers of the queries'
/// decoder, which are named alike here.
/// </summary>
internal static partial class PrompterNames
{
    /// <summary>The published name of a tensor of a <see cref="Prompter"/>.</summary>
    public static string Published(string name)
    {
        if (Encoder().Match(name) is { Success: true } encoder)
            return encoder.Groups[1].Value + Part(encoder.Groups[2].Value, NormOfEncoder) + encoder.Groups[3].Value;
        if (Decoder().Match(name) is { Success: true } decoder)
            return decoder.Groups[1].Value + Part(decoder.Groups[2].Value, NormOfDecoder) + decoder.Groups[3].Value;
        return name;
    }

    private static readonly string[] NormOfEncoder = ["norm1", "norm2"], NormOfDecoder = ["norm1", "norm2", "norm3"];

    private static string Part(string part, string[] norms) => part switch
    {
        "linear1" => "ffn.layers.0.0",
        "linear2" => "ffn.layers.1",
        "self_attn" => "self_attn.attn",
        "cross_attn" => "cross_attn.attn",
        _ => $"norms.{Array.IndexOf(norms, part)}",
    };

    [GeneratedRegex(@"^(panoptic_head\.pixel_decoder\.encoder\.layers\.\d+\.)(linear1|linear2|norm1|norm2)(\..+)$")]
    private static partial Regex Encoder();

    [GeneratedRegex(@"^(panoptic_head\.transformer_decoder\.layers\.\d+\.)(linear1|linear2|norm1|norm2|norm3|self_attn|cross_attn)(\..+)$")]
    private static partial Regex Decoder();
}
