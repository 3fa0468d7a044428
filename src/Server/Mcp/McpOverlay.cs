using SemanticSam.Engine;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Overlays;
using SemanticSam.Imaging.Resizing;
using SemanticSam.Masks;
using SemanticSam.Server.Images;
using SemanticSam.Server.Inference;

namespace SemanticSam.Server.Mcp;

/// <summary>The image with its masks, so that an agent sees what was found.</summary>
internal sealed class McpOverlay(EngineCalls engine, ImageIntake intake)
{
    /// <summary>A PNG; null where the image has made room for others in the meantime and only its id was given.</summary>
    /// <param name="image">The image.</param>
    /// <param name="masks">The masks; their numbers are written on them.</param>
    /// <param name="prompt">What was asked; null for nothing in particular.</param>
    /// <param name="side">The PNG's longer side in pixels, at most; a smaller image stays as it is.</param>
    /// <param name="cancellation">The client gave up.</param>
    public async Task<byte[]?> Paint(IncomingImage image, IReadOnlyList<MaskResult> masks, Prompt? prompt, int side, CancellationToken cancellation)
    {
        if (await Pixels(image, cancellation).ConfigureAwait(false) is not { } pixels) return null;
        var numbered = masks.Select((m, i) => OverlayMask.From(m) is var shown
            ? shown with { Name = $"{i + 1} {shown.Name ?? shown.Level?.ToString().ToLowerInvariant()}".TrimEnd() } : null!).ToArray();
        var painted = OverlayPainter.Paint(pixels, numbered, prompt is null ? null : new()
        {
            Points = [.. prompt.Points.Select(p => (p.X, p.Y, p.Positive))], Boxes = prompt.Box is { } box ? [box] : [],
        });
        return ImageEncoder.Png(Shrunk(painted, side));
    }

    private async Task<RgbImage?> Pixels(IncomingImage image, CancellationToken cancellation)
    {
        try
        {
            return await engine.Pixels(image.Id, cancellation).ConfigureAwait(false);
        }
        catch (ImageUnknownException)
        {
            return image.File is null ? null : await intake.WithPixels(image, i => Task.FromResult(i.Pixels), cancellation).ConfigureAwait(false);
        }
    }

    private static RgbImage Shrunk(RgbImage image, int side)
    {
        double scale = (double)side / Math.Max(image.Width, image.Height);
        return scale >= 1 ? image : Resize.To(image, Math.Max(1, (int)Math.Round(image.Width * scale)), Math.Max(1, (int)Math.Round(image.Height * scale)));
    }
}
