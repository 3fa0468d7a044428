using SemanticSam.Engine;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Overlays;
using SemanticSam.Masks;

namespace SemanticSam.Cli.Requests;

/// <summary>An image and what is asked of it: by the command line or by a line of a prompts file.</summary>
internal sealed record PromptLine
{
    public required string Image { get; init; }

    public IReadOnlyList<PointPrompt> Points { get; init; } = [];

    public BoxF? Box { get; init; }

    /// <summary>Path of a mask image of the image's size.</summary>
    public string? MaskPath { get; init; }

    public IReadOnlyList<string> Text { get; init; } = [];

    public EverythingOptions? Everything { get; init; }

    public IReadOnlyList<GranularityLevel>? Levels { get; init; }

    /// <summary>Whether a place (points, a box, a mask) is given.</summary>
    public bool HasPlace => Points.Count > 0 || Box is not null || MaskPath is not null;

    /// <summary>The prompt for an image of this size; reads the mask.</summary>
    public Prompt ToPrompt(int width, int height) => new()
    {
        Points = Points,
        Box = Box,
        Mask = MaskPath is null ? null : MaskPng.Read(MaskPath, width, height),
        Names = Text,
    };

    /// <summary>The places, to be marked in an overlay.</summary>
    public OverlayPrompts Marks => new()
    {
        Points = [.. Points.Select(p => (p.X, p.Y, p.Positive))],
        Boxes = Box is { } box ? [box] : [],
    };
}
