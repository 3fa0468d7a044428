using System.Text.RegularExpressions;
using SemanticSam.Engine.Zoo;

namespace SemanticSam.Tests.Engine.Zoo;

public sealed class HuggingFaceNamesTests
{
    [SkippableTheory]
    [InlineData("vit_b", "ViT-B")]
    [InlineData("vit_h", "ViT-H")]
    public void Sam_NamesOfTransformers_BecomeTheOriginalOnes(string configuration, string architecture)
    {
        var original = NamesFiles.Sam(configuration);
        var there = NamesFiles.Weights(
            [.. original.Select(p => (ToTransformers(p.Key), p.Value.Shape.ToArray())), ("shared_image_embedding.positional_embedding", [2, 128])]);
        var found = ModelRecognizer.Recognize(there);
        Assert.Equal((architecture, NameStyle.HuggingFace), (found!.Architecture, found.Style));
        var back = HuggingFaceNames.Sam(there);
        Assert.Equal(original.Keys.Order(StringComparer.Ordinal), back.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, tensor) in back) Assert.Equal(original[name].Shape.ToArray(), tensor.Shape.ToArray());
    }

    /// <summary>The published conversion, original to transformers, as its table of replacements.</summary>
    private static string ToTransformers(string name)
    {
        name = Regex.Replace(name, @"(output_hypernetworks_mlps\.\d+|iou_prediction_head)\.layers\.(\d)",
            m => $"{m.Groups[1].Value}.{m.Groups[2].Value switch { "0" => "proj_in", "1" => "layers.0", _ => "proj_out" }}");
        foreach (var (from, to) in new[]
        {
            ("mask_decoder.output_upscaling.0", "mask_decoder.upscale_conv1"), ("mask_decoder.output_upscaling.1", "mask_decoder.upscale_layer_norm"),
            ("mask_decoder.output_upscaling.3", "mask_decoder.upscale_conv2"),
            ("mask_downscaling.0", "mask_embed.conv1"), ("mask_downscaling.1", "mask_embed.layer_norm1"), ("mask_downscaling.3", "mask_embed.conv2"),
            ("mask_downscaling.4", "mask_embed.layer_norm2"), ("mask_downscaling.6", "mask_embed.conv3"),
            ("point_embeddings", "point_embed"), ("pe_layer.positional_encoding_gaussian_matrix", "shared_embedding.positional_embedding"),
            ("image_encoder", "vision_encoder"),
            ("neck.0", "neck.conv1"), ("neck.1", "neck.layer_norm1"), ("neck.2", "neck.conv2"), ("neck.3", "neck.layer_norm2"),
            ("patch_embed.proj", "patch_embed.projection"), (".norm", ".layer_norm"), ("blocks", "layers"),
        }) name = name.Replace(from, to);
        return name;
    }
}
