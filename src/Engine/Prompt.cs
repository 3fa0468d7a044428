using System.Globalization;
using SemanticSam.Masks;

namespace SemanticSam.Engine;

/// <summary>A click.</summary>
/// <param name="X">Column in pixels of the original image, from 0 (its left border) to its width (its right border); the center of the first pixel is
/// 0.5.</param>
/// <param name="Y">Row in pixels of the original image, from 0 (its top border) to its height (its bottom border).</param>
/// <param name="Positive">True: what is wanted lies here. False: what is wanted does not.</param>
public readonly record struct PointPrompt(float X, float Y, bool Positive = true);

/// <summary>
/// What is asked of an image: points, a box, a seed mask, names, or any mix of them. Coordinates are pixels of the original image, whatever size
/// the model resizes it to.
/// </summary>
/// <remarks>
/// Points, box and seed describe one thing together. Names beside them label the masks of that thing; names alone find everything that
/// carries them.
/// </remarks>
public sealed record Prompt
{
    /// <summary>Clicks, at least one of them positive unless there is a box or a seed.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public IReadOnlyList<PointPrompt> Points { get; init => field = value ?? throw new ArgumentNullException(nameof(Points)); } = [];

    /// <summary>
    /// A box around what is wanted: left, top, right, bottom in the coordinates of <see cref="PointPrompt"/>. It has to lie within the image, and its
    /// right and bottom have to exceed its left and top.
    /// </summary>
    public BoxF? Box { get; init; }

    /// <summary>A rough mask of what is wanted, of the image's size, with at least one pixel.</summary>
    public Rle? Mask { get; init; }

    /// <summary>
    /// A mask at low resolution to go on from: the <see cref="MaskResult.Logits"/> of an earlier answer on the same image, SAM's
    /// <c>mask_input</c>. Goes into the network as it is, alone or beside points and a box, but not beside <see cref="Mask"/>.
    /// </summary>
    public MaskLogits? Logits { get; init; }

    /// <summary>Names, such as "car", "wheel of a car", "car: wheel"; several may stand in one text, separated by commas.</summary>
    /// <exception cref="ArgumentNullException">It, or one of the names, is null.</exception>
    public IReadOnlyList<string> Names
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Names));
            foreach (string name in value) ArgumentNullException.ThrowIfNull(name, nameof(Names));
            field = value;
        }
    } = [];

    /// <summary>One positive click.</summary>
    /// <param name="x">Column; see <see cref="PointPrompt"/>.</param>
    /// <param name="y">Row; see <see cref="PointPrompt"/>.</param>
    public static Prompt At(float x, float y) => new() { Points = [new(x, y)] };

    /// <summary>A box; see <see cref="Box"/>.</summary>
    public static Prompt Around(float left, float top, float right, float bottom) => new() { Box = new(left, top, right, bottom) };

    /// <summary>Names alone; see <see cref="Names"/>.</summary>
    public static Prompt Named(params string[] names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return new() { Names = names };
    }

    /// <summary>Points of a prompt. Each is a query of its own, and they are worked off in groups; ten thousand take a minute on two cores.</summary>
    internal const int MostPoints = 10_000;

    /// <summary>Whether something says where to look.</summary>
    public bool HasPlace => Points.Count > 0 || Box is not null || Mask is not null || Logits is not null;

    /// <summary>Throws unless every coordinate lies in an image of this size and the prompt asks for something.</summary>
    /// <exception cref="PromptException">The message names the value and what is allowed.</exception>
    internal void Validate(int width, int height)
    {
        static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

        if (!HasPlace && Names.Count == 0)
            throw new PromptException(PromptError.Empty, "The prompt is empty: give a point, a box, a mask or a name.");
        if (Points.Count > MostPoints)
            throw new PromptException(PromptError.Malformed, $"The prompt has {Points.Count} points; at most {MostPoints} are allowed. A mask says more.");
        foreach (var point in Points)
            if (!(point.X >= 0 && point.X <= width && point.Y >= 0 && point.Y <= height)) // also refuses NaN
                throw new PromptException(PromptError.OutsideImage,
                    Text($"The point ({point.X}, {point.Y}) is not within the image, which is {width} x {height} pixels."));
        if (HasPlace && Box is null && Mask is null && Logits is null && !Points.Any(p => p.Positive))
            throw new PromptException(PromptError.Contradictory, "All points are negative: give at least one positive point, a box or a mask.");
        if (Box is { } box)
        {
            if (!(box.X1 >= 0 && box.Y1 >= 0 && box.X2 <= width && box.Y2 <= height))
                throw new PromptException(PromptError.OutsideImage,
                    Text($"The box ({box.X1}, {box.Y1}, {box.X2}, {box.Y2}) is not within the image, which is {width} x {height} pixels."));
            if (!(box.X2 > box.X1 && box.Y2 > box.Y1))
                throw new PromptException(PromptError.Empty,
                    Text($"The box ({box.X1}, {box.Y1}, {box.X2}, {box.Y2}) is empty: right must exceed left, bottom must exceed top."));
        }
        if (Mask is not null && Logits is not null)
            throw new PromptException(PromptError.Contradictory, "The prompt has both a mask and mask logits: they are two ways to say the same, give one.");
        if (Mask is not { } mask) return;
        if (mask.Width != width || mask.Height != height)
            throw new PromptException(PromptError.OutsideImage,
                $"The mask is {mask.Width} x {mask.Height} pixels, the image {width} x {height}; they must be of one size.");
        if (mask.IsEmpty)
            throw new PromptException(PromptError.Empty, "The mask has no pixel set.");
    }
}
