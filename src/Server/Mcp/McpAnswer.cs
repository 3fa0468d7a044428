using System.ComponentModel;
using SemanticSam.Engine;
using SemanticSam.Formats.Shapes;
using SemanticSam.Masks;
using SemanticSam.Server.Api;
using SemanticSam.Server.Inference;

namespace SemanticSam.Server.Mcp;

/// <summary>How the pixels of masks come, beside the overlay.</summary>
internal enum MaskPixels
{
    /// <summary>Not at all: the overlay and the boxes are enough, and cost a reader of words little.</summary>
    None,

    /// <summary>Outlines.</summary>
    Polygons,

    /// <summary>COCO's compressed run lengths.</summary>
    Rle,
}

/// <summary>A mask, as a tool tells it.</summary>
internal sealed record McpMask
{
    [Description("Its number in this answer, which stands on the overlay, too.")]
    public required int Id { get; init; }

    [Description("How large a piece of the scene it is.")]
    public GranularityLevel? Level { get; init; }

    [Description("What it is called, where the model knows.")]
    public string? Label { get; init; }

    [Description("How sure the model is of label and mask, 0 to 1.")]
    public required double Score { get; init; }

    [Description("[x1, y1, x2, y2] in pixels of the upright image; x2 and y2 lie just outside.")]
    public required int[] Box { get; init; }

    [Description("Pixels.")]
    public required int Area { get; init; }

    [Description("Share of the image, 0 to 1.")]
    public required double Share { get; init; }

    [Description("Number of the smallest mask in this answer that it is a part of.")]
    public int? Parent { get; init; }

    [Description("Outlines, each a list of corners [x, y].")]
    public double[][][]? Polygons { get; init; }

    [Description("COCO's compressed run lengths.")]
    public MaskRequest? Rle { get; init; }
}

/// <summary>What a tool that looks at an image answers.</summary>
internal sealed record McpAnswer
{
    [Description("SHA-256 of the image file: ask again with {\"id\": this}, without sending or encoding it anew.")]
    public required string ImageId { get; init; }

    [Description("Columns of the upright image.")]
    public required int Width { get; init; }

    [Description("Rows of the upright image.")]
    public required int Height { get; init; }

    [Description("The masks, in the order of their numbers.")]
    public required IReadOnlyList<McpMask> Masks { get; init; }

    [Description("How many masks there are, those that were left out for length included.")]
    public required int Total { get; init; }

    [Description("How names were understood, and how sure the image is to show them.")]
    public IReadOnlyList<NameResponse>? Names { get; init; }

    [Description("What a caller should know: what was assumed of the image, what was not taken as it was asked, what was left out.")]
    public IReadOnlyList<string>? Notices { get; init; }

    public static McpAnswer Of<T>(Answered<T> answered, IReadOnlyList<MaskResult> masks, int total, MaskPixels pixels, IReadOnlyList<NameReport>? names) =>
        new()
    {
        ImageId = answered.Image.Id,
        Width = answered.Width,
        Height = answered.Height,
        Masks = [.. masks.Select((m, i) => Mask(m, i + 1, pixels))],
        Total = total,
        Names = names is { Count: > 0 } ? [.. names.Select(NameResponse.Of)] : null,
        Notices = Said(answered.Notices, masks.Count, total),
    };

    private static IReadOnlyList<string>? Said(IReadOnlyList<string> notices, int listed, int total)
    {
        string? count = total == 0 ? "Nothing was found." : total > listed
            ? $"Only the {listed} largest of {total} masks are listed; 'most' allows more." : null;
        return count is not null ? [.. notices, count] : notices.Count > 0 ? notices : null;
    }

    private static McpMask Mask(MaskResult mask, int id, MaskPixels pixels) => new()
    {
        Id = id,
        Level = mask.Level,
        Label = mask.Part?.Label ?? mask.Whole?.Label,
        Score = Math.Round(Math.Clamp(mask.Part?.Score ?? mask.Whole?.Score ?? mask.PredictedIou, 0, 1), 4),
        Box = [mask.Bounds.Left, mask.Bounds.Top, mask.Bounds.Right, mask.Bounds.Bottom],
        Area = mask.Area,
        Share = Math.Round(mask.Area / ((double)mask.Mask.Width * mask.Mask.Height), 6),
        Parent = mask.Parent + 1,
        Polygons = pixels == MaskPixels.Polygons
            ? [.. Outlines.Of(mask.Mask, PolygonRule.Center, 1).Select(p => p.Select(c => new double[] { c.X, c.Y }).ToArray())] : null,
        Rle = pixels == MaskPixels.Rle ? new() { Size = [mask.Mask.Height, mask.Mask.Width], Counts = mask.Mask.ToCompressedString() } : null,
    };
}
