using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>How prompts on an encoded image become queries, as in Semantic-SAM's demo (<c>evaluate_demo</c>).</summary>
internal static class InteractiveInference
{
    /// <summary>Side of the box that stands for a click, relative to the image's.</summary>
    public const float ClickSize = 0.005f;

    /// <summary>Boxes relative to the unpadded image to boxes relative to the padded one.</summary>
    public static Tensor ToPadded(Tensor boxes, SemanticSamFeatures image)
    {
        using var scope = NewDisposeScope();
        float x = (float)image.Unpadded.Width / image.Padded.Width, y = (float)image.Unpadded.Height / image.Padded.Height;
        return (boxes * tensor(new[] { x, y, x, y }, device: boxes.device)).MoveToOuterDisposeScope();
    }
}
