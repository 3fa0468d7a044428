using SemanticSam.Engine.Checkpoints;

namespace SemanticSam.Engine.Zoo;

/// <summary>Names models that are not read for what they are: much that is called SAM is another network.</summary>
internal static class ForeignModels
{
    private const string Instead = "Take a checkpoint of SAM (sam_vit_b, sam_vit_l, sam_vit_h) or MobileSAM.";

    private const string Adapters = "a checkpoint of adapters (LoRA) without the model that they belong to, or beside it; merge them into it first.",
        AdaptersOfSamed =
            "a checkpoint of adapters (LoRA, of SAMed) without the model that they belong to, or beside it; merge them into it first.";

    private const string Yolo = "a YOLO (FastSAM among them), which is another kind of network. " + Instead;

    /// <summary>What a part of a name tells, in this order.</summary>
    private static readonly (string Part, string What)[] Marks =
    [
        ("mask_decoder.hf_token", "HQ-SAM, whose decoder has a token and convolutions of its own. " + Instead),
        ("sam_mask_decoder.", "SAM 2, which has another encoder and a memory. " + Instead),
        ("memory_attention.", "SAM 2, which has another encoder and a memory. " + Instead),
        ("image_encoder.trunk.", "SAM 2, which has another encoder and a memory. " + Instead),
        ("detector.backbone.vision_backbone", "SAM 3, a detector and a tracker. " + Instead),
        ("tracker.maskmem", "SAM 3, a detector and a tracker. " + Instead),
        ("detector_model.", "SAM 3, a detector and a tracker. " + Instead),
        ("prompt_encoder.invalid_points", "EfficientSAM, whose prompts and decoder differ. " + Instead),
        ("prompt_encoder.bbox_top_left_embeddings", "EfficientSAM, whose prompts and decoder differ. " + Instead),
        ("image_encoder.backbone.stages.", "EfficientViT-SAM, which has another encoder. " + Instead),
        ("image_encoder.features.", "RepViT-SAM or EdgeSAM, which have another encoder. " + Instead),
        ("image_encoder.fuse_stage", "EdgeSAM, which has another encoder. " + Instead),
        (".Adapter.", "a SAM with adapters in its encoder (as SAM-Med2D or Medical SAM Adapter); merge or remove them first. " + Instead),
        (".adapter.", "a SAM with adapters in its encoder; merge or remove them first. " + Instead),
        ("lora_A", Adapters),
        (".linear_a_q.", AdaptersOfSamed),
        ("w_a_000", AdaptersOfSamed),
        ("bert.embeddings", "Grounding DINO, a detector that makes no masks; its boxes can be given as prompts."),
        ("vision_encoder.backbone.", "SAM 2, which has another encoder and a memory. " + Instead),
        ("text_backbone.embeddings.", "Grounding DINO, a detector that makes no masks; its boxes can be given as prompts."),
        ("model.22.cv2.", Yolo), // 8
        ("model.22.cv3.", Yolo),
        ("model.23.cv2.", Yolo), // 11 and later
        ("model.23.cv3.", Yolo),
        ("PromtEncoder.", "the decoder of MobileSAMv2 without its encoder. " + Instead),
        ("PromtEncoder/", "the decoder of MobileSAMv2 without its encoder. " + Instead),
    ];

    private static readonly string[] PartsOfSam = ["image_encoder.", "prompt_encoder.", "mask_decoder."];

    /// <summary>A sentence about a SAM of which only a part was saved; null for anything else.</summary>
    public static string? DescribePart(StateDict weights)
    {
        var there = PartsOfSam.ToLookup(part => weights.Keys.Any(n => n.StartsWith(part, StringComparison.Ordinal)), part => part.TrimEnd('.'));
        return there[true].Any() && there[false].Any()
            ? $"it holds only a part of a SAM: {string.Join(" and ", there[true])} without {string.Join(" and ", there[false])}. Put it back into the " +
                "checkpoint that it was trained from, and save that."
            : null;
    }

    /// <summary>A sentence about the file; null when it is none of these.</summary>
    public static string? Describe(StateDict weights)
    {
        // What was taken off the names may be what tells: all names of a YOLO begin with "model.".
        bool Has(string part) => weights.Keys.Any(n => n.Contains(part, StringComparison.Ordinal)
            || (weights.Stripped.Length > 0 && string.Concat(weights.Stripped, n).Contains(part, StringComparison.Ordinal)));
        return Marks.Where(m => Has(m.Part)).Select(m => $"this is {m.What}").FirstOrDefault();
    }
}
