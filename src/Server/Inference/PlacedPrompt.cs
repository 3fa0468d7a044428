using SemanticSam.Engine;
using SemanticSam.Masks;

namespace SemanticSam.Server.Inference;

/// <summary>A prompt in pixels of the whole image, and the handle of logits that it goes on from.</summary>
internal sealed record PlacedPrompt(Prompt Prompt, string? Logits = null)
{
    /// <summary>As the session takes it: in pixels of its region, logits found.</summary>
    /// <exception cref="LogitsUnknownException">The handle is unknown.</exception>
    /// <exception cref="PromptException">A mask is not of the image's size.</exception>
    public Prompt On(CachedImage image)
    {
        var prompt = Logits is null ? Prompt : Prompt with { Logits = image.Find(Logits) ?? throw new LogitsUnknownException(Logits) };
        return image.Key.Region is { } region ? Within(prompt, region) : prompt;
    }

    private static Prompt Within(Prompt prompt, BoxI region) => prompt with
    {
        Points = [.. prompt.Points.Select(p => p with { X = p.X - region.Left, Y = p.Y - region.Top })],
        Box = prompt.Box is { } b ? new BoxF(b.X1 - region.Left, b.Y1 - region.Top, b.X2 - region.Left, b.Y2 - region.Top) : null,
        Mask = prompt.Mask is not { } mask ? null : region.Right <= mask.Width && region.Bottom <= mask.Height ? mask.Crop(region)
            : throw new PromptException(PromptError.OutsideImage, $"The mask is {mask.Width} x {mask.Height} pixels, and does not hold the region."),
    };
}
