using SemanticSam.Engine;
using SemanticSam.Masks;

namespace SemanticSam.Server.Inference;

/// <summary>A prompt in pixels of the whole image, and the handle of logits that it goes on from.</summary>
internal sealed record PlacedPrompt(Prompt Prompt, string? Logits = null)
{
    /// <summary>As the session takes it: in pixels of its region, logits found, a box cut to what is looked at.</summary>
    /// <param name="image">The image, or the region of it that is looked at.</param>
    /// <param name="notices">Gets a sentence for what was not taken as it was asked.</param>
    /// <exception cref="LogitsUnknownException">The handle is unknown.</exception>
    /// <exception cref="PromptException">A mask is not of the image's size.</exception>
    public Prompt On(CachedImage image, ICollection<string> notices)
    {
        var prompt = Logits is null ? Prompt : Prompt with { Logits = image.Find(Logits) ?? throw new LogitsUnknownException(Logits) };
        if (ShareCoordinates.NoticeOf(prompt, image.Session.Width, image.Session.Height) is { } said) notices.Add(said);
        if (image.Key.Region is not { } region)
            return prompt.Box is { } whole ? prompt with { Box = BoxCutting.Cut(whole, image.Session.Width, image.Session.Height, notices.Add) } : prompt;
        if (prompt.Box is { } box)
            prompt =
                prompt with { Box = BoxCutting.Cut(box, region, $"the region ({region.Left}, {region.Top}, {region.Right}, {region.Bottom})", notices.Add) };
        return Within(prompt, region);
    }

    private static Prompt Within(Prompt prompt, BoxI region) => prompt with
    {
        Points = [.. prompt.Points.Select(p => p with { X = p.X - region.Left, Y = p.Y - region.Top })],
        Box = prompt.Box is { } b ? new BoxF(b.X1 - region.Left, b.Y1 - region.Top, b.X2 - region.Left, b.Y2 - region.Top) : null,
        Mask = prompt.Mask is not { } mask ? null : region.Right <= mask.Width && region.Bottom <= mask.Height ? mask.Crop(region)
            : throw new PromptException(PromptError.OutsideImage, $"The mask is {mask.Width} x {mask.Height} pixels, and does not hold the region."),
    };
}
