using System.Text.RegularExpressions;
using SemanticSam.Engine.Checkpoints;

namespace SemanticSam.Engine.Zoo;

/// <summary>Gives weights with the names of Hugging Face's transformers library the names of the original sources.</summary>
internal static partial class HuggingFaceNames
{
    /// <summary>SamModel: parts are renamed, nothing else; the shared position matrix is there twice.</summary>
    /// <param name="weights">Weights with the names of transformers' SamModel.</param>
    /// <returns>The same with the names of segment-anything.</returns>
    public static StateDict Sam(StateDict weights)
    {
        bool twice = weights.ContainsKey("prompt_encoder.shared_embedding.positional_embedding");
        return weights.Renamed(name => twice && name == "shared_image_embedding.positional_embedding" ? null : SamName(name));
    }

    private static string SamName(string name)
    {
        if (name is "shared_image_embedding.positional_embedding" or "prompt_encoder.shared_embedding.positional_embedding")
            return "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix";
        if (name.StartsWith("vision_encoder.", StringComparison.Ordinal)) return EncoderName(name);
        name = name.Replace("prompt_encoder.point_embed.", "prompt_encoder.point_embeddings.", StringComparison.Ordinal);
        name = MaskEmbed().Replace(name,
            m => $"prompt_encoder.mask_downscaling.{m.Groups[1].Value switch { "conv1" => 0, "layer_norm1" => 1, "conv2" => 3, "layer_norm2" => 4, _ => 6 }}.");
        name = Upscale().Replace(name, m => $"mask_decoder.output_upscaling.{m.Groups[1].Value switch { "conv1" => 0, "layer_norm" => 1, _ => 3 }}.");
        // An MLP of three layers is proj_in, layers.0, proj_out there and layers.0 to 2 here.
        name = Mlp().Replace(name, m => $"{m.Groups[1].Value}.layers.{m.Groups[2].Value switch { "proj_in" => 0, "proj_out" => 2, _ => 1 }}.");
        return name.Replace(".layer_norm", ".norm", StringComparison.Ordinal);
    }

    private static string EncoderName(string name)
    {
        name = "image_encoder." + name["vision_encoder.".Length..];
        name = Neck().Replace(name, m => $"image_encoder.neck.{m.Groups[1].Value switch { "conv1" => 0, "layer_norm1" => 1, "conv2" => 2, _ => 3 }}.");
        return name.Replace("patch_embed.projection.", "patch_embed.proj.", StringComparison.Ordinal)
            .Replace("image_encoder.layers.", "image_encoder.blocks.", StringComparison.Ordinal)
            .Replace(".layer_norm", ".norm", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^prompt_encoder\.mask_embed\.(conv1|layer_norm1|conv2|layer_norm2|conv3)\.")]
    private static partial Regex MaskEmbed();

    [GeneratedRegex(@"^mask_decoder\.upscale_(conv1|layer_norm|conv2)\.")]
    private static partial Regex Upscale();

    [GeneratedRegex(@"^(mask_decoder\.(?:output_hypernetworks_mlps\.\d+|iou_prediction_head))\.(proj_in|layers\.0|proj_out)\.")]
    private static partial Regex Mlp();

    [GeneratedRegex(@"^image_encoder\.neck\.(conv1|layer_norm1|conv2|layer_norm2)\.")]
    private static partial Regex Neck();
}
