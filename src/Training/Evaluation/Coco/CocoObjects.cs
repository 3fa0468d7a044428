using SemanticSam.Masks;

namespace SemanticSam.Training.Evaluation.Coco;

/// <summary>A box as COCO has it, in pixels.</summary>
/// <param name="X">Left.</param>
/// <param name="Y">Top.</param>
/// <param name="Width">Columns, not below 0.</param>
/// <param name="Height">Rows, not below 0.</param>
internal readonly record struct CocoBox(double X, double Y, double Width, double Height)
{
    /// <summary>Width x height.</summary>
    public double Area => Width * Height;

    /// <summary>The box of a mask's pixels (COCO's <c>toBbox</c>).</summary>
    public static CocoBox Of(Rle mask) => mask.BoxXywh is var (x, y, width, height) ? new(x, y, width, height) : default;

    /// <summary>Intersection over union in the order of operations of <c>bbIou</c>; over this box's own area where the truth is a crowd.</summary>
    public double IoU(CocoBox truth, bool isCrowd)
    {
        double width = Math.Min(X + Width, truth.X + truth.Width) - Math.Max(X, truth.X);
        double height = Math.Min(Y + Height, truth.Y + truth.Height) - Math.Max(Y, truth.Y);
        if (width <= 0 || height <= 0) return 0;
        double shared = width * height;
        return shared / (isCrowd ? Area : Area + truth.Area - shared);
    }
}

/// <summary>An annotated object of an image.</summary>
/// <param name="Class">Index of its class, from 0.</param>
/// <param name="Box">Its box.</param>
/// <param name="Area">Its annotated area, which decides whether it is small, medium or large.</param>
/// <param name="Mask">Its mask; null where boxes alone are measured.</param>
/// <param name="IsCrowd">Several objects outlined as one: neither to be found, nor wrong to be found any number of times.</param>
internal sealed record CocoTruth(int Class, CocoBox Box, double Area, Rle? Mask = null, bool IsCrowd = false)
{
    /// <summary>An object that is known by its mask alone.</summary>
    public static CocoTruth Of(int @class, Rle mask, bool isCrowd = false) => new(@class, CocoBox.Of(mask), mask.Area, mask, isCrowd);
}

/// <summary>An object that a model found in an image.</summary>
/// <param name="Class">Index of its class, from 0.</param>
/// <param name="Score">How sure the model is; only the order matters.</param>
/// <param name="Box">Its box.</param>
/// <param name="Mask">Its mask; null where boxes alone are measured.</param>
internal sealed record CocoDetection(int Class, double Score, CocoBox Box, Rle? Mask = null)
{
    /// <summary>A detection with a mask.</summary>
    /// <param name="class">Index of its class.</param>
    /// <param name="score">How sure the model is.</param>
    /// <param name="mask">Its mask.</param>
    /// <param name="box">Its box, where a detector found one; null for that of the mask.</param>
    public static CocoDetection Of(int @class, double score, Rle mask, BoxF? box = null) =>
        new(@class, score, box is { } found ? new(found.X1, found.Y1, found.Width, found.Height) : CocoBox.Of(mask), mask);
}

/// <summary>What is compared.</summary>
internal enum CocoMeasure
{
    /// <summary>Boxes (COCO's "bbox").</summary>
    Boxes,

    /// <summary>Masks (COCO's "segm").</summary>
    Masks,
}
