using SemanticSam.Masks;
using SemanticSam.TextEncoder.Names;

namespace SemanticSam.Engine;

/// <summary>A click.</summary>
/// <param name="X">Column in pixels of the original picture; 0 is the left border, the width the right one.</param>
/// <param name="Y">Row in pixels of the original picture; 0 is the top border.</param>
/// <param name="Positive">True: what is wanted lies here. False: what is wanted does not.</param>
public readonly record struct PointPrompt(float X, float Y, bool Positive = true);

/// <summary>
/// What is asked of a picture: points, a box, a seed mask, names, or any mix of them. Coordinates are pixels of the original picture.
/// </summary>
/// <remarks>
/// Points, box and seed describe one thing together. Names beside them label the masks of that thing; names alone find everything that
/// carries them.
/// </remarks>
public sealed record Prompt
{
    /// <summary>Clicks, at least one of them positive unless there is a box or a seed.</summary>
    public IReadOnlyList<PointPrompt> Points { get; init; } = [];

    /// <summary>A box around what is wanted: left, top, right, bottom.</summary>
    public BoxF? Box { get; init; }

    /// <summary>A rough mask of what is wanted, of the picture's size.</summary>
    public Rle? Mask { get; init; }

    /// <summary>
    /// A mask at low resolution to go on from: the <see cref="MaskResult.Logits"/> of an earlier answer on the same picture, SAM's
    /// <c>mask_input</c>. Goes into the network as it is, alone or beside points and a box, but not beside <see cref="Mask"/>.
    /// </summary>
    public MaskLogits? Logits { get; init; }

    /// <summary>Names; see <see cref="ConceptParser"/> for how parts of wholes are written.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>One positive click.</summary>
    public static Prompt At(float x, float y) => new() { Points = [new(x, y)] };

    /// <summary>A box.</summary>
    public static Prompt Around(float left, float top, float right, float bottom) => new() { Box = new(left, top, right, bottom) };

    /// <summary>Names alone.</summary>
    public static Prompt Named(params string[] names) => new() { Names = names };

    /// <summary>Whether something says where to look.</summary>
    public bool HasPlace => Points.Count > 0 || Box is not null || Mask is not null || Logits is not null;

    /// <summary>Throws unless every coordinate lies in a picture of this size and the prompt asks for something.</summary>
    internal void Validate(int width, int height)
    {
        if (!HasPlace && Names.Count == 0)
            throw new PromptException("The prompt is empty: give a point, a box, a mask or a name.");
        foreach (var point in Points)
            if (!(point.X >= 0 && point.X <= width && point.Y >= 0 && point.Y <= height)) // also refuses NaN
                throw new PromptException($"The point ({point.X}, {point.Y}) is outside the picture, which is {width} x {height} pixels.");
        if (HasPlace && Box is null && Mask is null && Logits is null && !Points.Any(p => p.Positive))
            throw new PromptException("All points are negative: give at least one positive point, a box or a mask.");
        if (Box is { } box)
        {
            if (!(box.X1 >= 0 && box.Y1 >= 0 && box.X2 <= width && box.Y2 <= height))
                throw new PromptException($"The box ({box.X1}, {box.Y1}, {box.X2}, {box.Y2}) leaves the picture, which is {width} x {height} pixels.");
            if (!(box.X2 > box.X1 && box.Y2 > box.Y1))
                throw new PromptException($"The box ({box.X1}, {box.Y1}, {box.X2}, {box.Y2}) is empty: right must exceed left, bottom must exceed top.");
        }
        if (Mask is not null && Logits is not null)
            throw new PromptException("The prompt has both a mask and mask logits: they are two ways to say the same, give one.");
        if (Mask is { } mask)
        {
            if (mask.Width != width || mask.Height != height)
                throw new PromptException($"The mask is {mask.Width} x {mask.Height} pixels, the picture {width} x {height}; they must be of one size.");
            if (mask.IsEmpty)
                throw new PromptException("The mask has no pixel set.");
        }
    }
}

/// <summary>A prompt that cannot be answered: outside the picture, empty, contradictory, or of a kind the model does not know.</summary>
public sealed class PromptException : ArgumentException
{
    /// <summary>With a message that names the value and what is allowed.</summary>
    public PromptException(string message) : base(message) { }
}
