using System.Globalization;
using SemanticSam.Engine.Checkpoints;

namespace SemanticSam.Engine.Zoo;

/// <summary>Tells what a checkpoint is from the names and shapes of its tensors; values are not read.</summary>
internal static class ModelRecognizer
{
    private const string Predictor = "sem_seg_head.predictor.";

    /// <summary>Recognizes weights.</summary>
    /// <param name="weights">Names as <see cref="StateDict.From"/> gives them.</param>
    /// <returns>What they are, or null when they are not of a model this project knows.</returns>
    public static Recognition? Recognize(StateDict weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return RsPrompter(weights) ?? Sam(weights) ?? MobileSam(weights) ?? HuggingFaceSam(weights) ?? Nano(weights)
            ?? SemanticSam(weights) ?? OpenSeeD(weights) ?? Clip(weights) ?? HuggingFaceClip(weights);
    }

    private static Recognition? RsPrompter(StateDict weights)
    {
        if (!weights.ContainsKey("neck.feature_spliter.fpn1.0.weight")) return null;
        bool regions = weights.ContainsKey("rpn_head.rpn_conv.weight"), draws = weights.ContainsKey("mask_decoder.iou_token.weight");
        if (!regions && !weights.ContainsKey("panoptic_head.query_feat.weight")) return null;
        string name = (regions, draws) switch
        {
            (true, true) => "RSPrompter-anchor",
            (false, true) => "RSPrompter-query",
            (true, false) => "SAM-seg (Mask R-CNN)",
            _ => "SAM-seg (Mask2Former)",
        };
        long[]? classes = Shape(weights, "roi_head.bbox_head.fc_cls.weight") ?? Shape(weights, "panoptic_head.cls_embed.2.weight")
            ?? Shape(weights, "panoptic_head.cls_embed.weight");
        return new(ModelFamily.RsPrompter, name, NameStyle.Original, Details([("classes", classes is [var rows, _] ? rows - 1 : 0)]));
    }

    private static Recognition? Sam(StateDict weights)
    {
        if (Shape(weights, "image_encoder.patch_embed.proj.weight") is not [var width, 3, _, _] || !weights.ContainsKey("mask_decoder.iou_token.weight")
            ) return null;
        long depth = Blocks(weights, "image_encoder.blocks.");
        return new(ModelFamily.Sam, VitName(width, depth), NameStyle.Original, Details(("encoder blocks", depth), ("encoder width", width)));
    }

    private static Recognition? HuggingFaceSam(StateDict weights)
    {
        if (Shape(weights, "vision_encoder.patch_embed.projection.weight") is not [var width, 3, _, _] || !weights.ContainsKey("mask_decoder.iou_token.weight")
            ) return null;
        long depth = Blocks(weights, "vision_encoder.layers.");
        return new(ModelFamily.Sam, VitName(width, depth), NameStyle.HuggingFace, Details(("encoder blocks", depth), ("encoder width", width)));
    }

    private static Recognition? MobileSam(StateDict weights)
    {
        if (!weights.ContainsKey("image_encoder.patch_embed.seq.0.c.weight") || !weights.ContainsKey("mask_decoder.iou_token.weight")) return null;
        bool published = Shape(weights, "image_encoder.patch_embed.seq.2.c.weight") is [64, ..]
            && Shape(weights, "image_encoder.neck.0.weight") is [256, 320, 1, 1];
        return new(ModelFamily.MobileSam, published ? "TinyViT" : "custom TinyViT", NameStyle.Original, Details());
    }

    private static Recognition? Nano(StateDict weights)
    {
        if (Shape(weights, "backbone.conv1.weight") is [_, 3, 7, 7] && Shape(weights, "names.linear.weight") is [var embedding, var sentence])
            return new(ModelFamily.Nano, "ResNet-18", NameStyle.Original, Details(("embedding width", embedding), ("sentence width", sentence)));
        if (Shape(weights, "backbone.stem.0.conv.weight") is not [var width, 3, 3, 3] || !weights.ContainsKey(Predictor + "mask_tokens.weight")) return null;
        return new(ModelFamily.Nano, "ConvNet", NameStyle.Original, Details([("backbone width", width), .. Text(weights)]));
    }

    private static Recognition? SemanticSam(StateDict weights)
    {
        if (Shape(weights, "backbone.patch_embed.proj.weight") is not [var width, 3, _, _]
            || Shape(weights, Predictor + "mask_tokens.weight") is not [var tokens, _]) return null;
        return new(ModelFamily.SemanticSam, SwinName(weights, width), NameStyle.Original, Details([("mask tokens", tokens), .. Text(weights)]));
    }

    private static Recognition? OpenSeeD(StateDict weights)
    {
        if (Shape(weights, "backbone.patch_embed.proj.weight") is not [var width, 3, _, _] || !weights.ContainsKey(Predictor + "enc_output.weight")
            ) return null;
        bool decoupled = weights.ContainsKey(Predictor + "query_feat.weight");
        var levels = Shape(weights, "sem_seg_head.pixel_decoder.transformer.level_embed") is [var rows, _] ? rows : 0;
        var details = Details([("levels", levels), .. Text(weights)]);
        details["queries"] = decoupled ? "decoupled (learned queries for stuff)" : "plain";
        return new(ModelFamily.OpenSeeD, SwinName(weights, width), NameStyle.Original, details);
    }

    private static Recognition? Clip(StateDict weights)
    {
        if (Shape(weights, "token_embedding.weight") is not [var vocabulary, var width]
                || Shape(weights, "positional_embedding") is not [var context, _] || !weights.ContainsKey("text_projection"))
            return null;
        var vision = Shape(weights, "visual.conv1.weight");
        string name = vision is [var visionWidth, 3, var patch, _] && weights.ContainsKey("visual.class_embedding")
            ? ClipName(visionWidth, patch, Shape(weights, "visual.positional_embedding"))
            : vision is null ? $"text tower of width {width}" : "ResNet";
        return new(ModelFamily.Clip, name, NameStyle.Original, Details(("text context", context), ("text width", width), ("vocabulary", vocabulary)));
    }

    private static Recognition? HuggingFaceClip(StateDict weights)
    {
        if (Shape(weights, "text_model.embeddings.token_embedding.weight") is not [var vocabulary, var width]
                || Shape(weights, "text_model.embeddings.position_embedding.weight") is not [var context, _])
            return null;
        string name = Shape(weights, "vision_model.embeddings.patch_embedding.weight") is [var visionWidth, 3, var patch, _]
            ? ClipName(visionWidth, patch, Shape(weights, "vision_model.embeddings.position_embedding.weight")) : $"text tower of width {width}";
        return new(ModelFamily.Clip, name, NameStyle.HuggingFace, Details(("text context", context), ("text width", width), ("vocabulary", vocabulary)));
    }

    private static string VitName(long width, long depth) => (width, depth) switch
    {
        (768, 12) => "ViT-B",
        (1024, 24) => "ViT-L",
        (1280, 32) => "ViT-H",
        _ => "custom ViT",
    };

    private static string SwinName(StateDict weights, long width)
    {
        long window = Shape(weights, "backbone.layers.0.blocks.0.attn.relative_position_bias_table") is [var rows, _] ? ((long)Math.Sqrt(rows) + 1) / 2 : 0;
        return (width, Blocks(weights, "backbone.layers.2.blocks."), window) switch
        {
            (96, 6, 7) => "Swin-T",
            (192, 18, 12) => "Swin-L",
            _ => "custom Swin",
        };
    }

    private static string ClipName(long width, long patch, long[]? positions)
    {
        string size = width switch { 768 => "B", 1024 => "L", _ => $"custom-{width}" };
        string resolution = positions is [577, _] && patch == 14 ? "@336px" : "";
        return $"ViT-{size}/{patch}{resolution}";
    }

    /// <summary>The language encoder that lies within a segmentation model, if any.</summary>
    private static IEnumerable<(string, long)> Text(StateDict weights)
        => Shape(weights, Predictor + "lang_encoder.lang_encoder.positional_embedding") is [var context, _] ? [("text context", context)] : [];

    private static long Blocks(StateDict weights, string prefix) => weights.Keys.Where(n => n.StartsWith(prefix, StringComparison.Ordinal))
        .Select(n => n[prefix.Length..].Split('.')[0]).Distinct().Count();

    private static long[]? Shape(StateDict weights, string name) => weights.TryGetValue(name, out var tensor) ? tensor.Shape.ToArray() : null;

    private static Dictionary<string, string> Details(params IEnumerable<(string Key, long Value)> rows)
        => rows.ToDictionary(r => r.Key, r => r.Value.ToString(CultureInfo.InvariantCulture));
}
