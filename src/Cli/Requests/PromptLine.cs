using SemanticSam.Engine;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Overlays;
using SemanticSam.Masks;

namespace SemanticSam.Cli.Requests;

/// <summary>An image and what is asked of it: by the command line or by a line of a prompts file.</summary>
internal sealed record PromptLine
{
    public required string Image { get; init; }

    /// <summary>Groups of clicks, each of one thing.</summary>
    public IReadOnlyList<IReadOnlyList<PointPrompt>> Groups { get; init; } = [];

    /// <summary>Boxes, each around one thing.</summary>
    public IReadOnlyList<BoxF> Boxes { get; init; } = [];

    /// <summary>Path of a mask image of the image's size.</summary>
    public string? MaskPath { get; init; }

    public IReadOnlyList<string> Text { get; init; } = [];

    /// <summary>How sure the image has to be to show a name, 0 to 1; null for the model's own.</summary>
    public double? PresenceThreshold { get; init; }

    public EverythingOptions? Everything { get; init; }

    public IReadOnlyList<GranularityLevel>? Levels { get; init; }

    /// <summary>Whether a place (points, a box, a mask) is given.</summary>
    public bool HasPlace => Groups.Count > 0 || Boxes.Count > 0 || MaskPath is not null;

    /// <summary>
    /// The prompts for an image of this size; reads the mask. Boxes and groups of clicks of one number go together, one by one; else each is a prompt of
    /// its own. A box that sticks out is cut to the image.
    /// </summary>
    /// <param name="width">Columns of the image.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="notice">Told of boxes that were cut, and of places that may be in shares of the sides; may be null.</param>
    /// <exception cref="PromptException">A mask goes with one box and one group of clicks at most.</exception>
    public IReadOnlyList<Prompt> ToPrompts(int width, int height, Action<string>? notice = null)
    {
        var prompts = Placed(width, height, notice);
        foreach (var prompt in prompts)
            if (ShareCoordinates.NoticeOf(prompt, width, height) is { } said) notice?.Invoke(said);
        return prompts;
    }

    private IReadOnlyList<Prompt> Placed(int width, int height, Action<string>? notice)
    {
        var boxes = Boxes.Select(b => BoxCutting.Cut(b, width, height, notice)).ToList();
        var mask = MaskPath is null ? (Rle?)null : ImageDecoder.DecodeMask(MaskPath, width, height);
        if (mask is not null && (boxes.Count > 1 || Groups.Count > 1))
            throw new PromptException("a mask goes with one box and one group of points; ask for the others apart.");
        if (boxes.Count == Groups.Count && boxes.Count > 0 || mask is not null || boxes.Count + Groups.Count <= 1)
            return [.. Enumerable.Range(0, Math.Max(1, Math.Max(boxes.Count, Groups.Count))).Select(i => new Prompt
            {
                Points = i < Groups.Count ? Groups[i] : [], Box = i < boxes.Count ? boxes[i] : null, Mask = mask, Names = Text,
            })];
        return [.. boxes.Select(b => new Prompt { Box = b, Names = Text }), .. Groups.Select(g => new Prompt { Points = g, Names = Text })];
    }

    /// <summary>The places, to be marked in an overlay.</summary>
    public OverlayOptions Marks => new()
    {
        Points = [.. Groups.SelectMany(g => g).Select(p => (p.X, p.Y, p.Positive))],
        Boxes = [.. Boxes],
    };
}
