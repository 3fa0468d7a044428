namespace SemanticSam.Masks;

/// <summary>By what two masks are compared when duplicates are dropped.</summary>
public enum OverlapMeasure
{
    /// <summary>IoU of their boxes, as SAM's and Semantic-SAM's generators do. Fast, but a part that fills the box of its whole goes with it.</summary>
    Boxes,

    /// <summary>IoU of their pixels: only the same thing found again goes.</summary>
    Masks,
}
