using SemanticSam.Imaging;
using SemanticSam.Imaging.Overlays;
using SemanticSam.Imaging.Resizing;
using SemanticSam.Masks;

namespace SemanticSam.Training.Evaluation.Cases;

/// <summary>Draws a case: what is annotated, and beside it what the model said.</summary>
internal static class CasePictures
{
    private const int LongestSide = 300, Quality = 80;

    /// <summary>Both as JPEG; annotations first.</summary>
    public static (byte[] Truth, byte[] Answer) Draw(Case of)
    {
        RgbImage photo = ImageDecoder.Decode(of.Path, ImageDecoderOptions.Whole);
        return (Draw(photo, of.Truth, of.Clicks), Draw(photo, of.Answer, of.Clicks));
    }

    private static byte[] Draw(RgbImage photo, IReadOnlyList<Rle> masks, IReadOnlyList<(float X, float Y, bool Positive)> clicks)
    {
        var painted = OverlayPainter.Paint(photo, [.. masks.Select(m => new OverlayMask(m))], new() { Points = clicks });
        return ImageEncoder.Jpeg(Math.Max(painted.Width, painted.Height) > LongestSide ? Resize.LongestSide(painted, LongestSide) : painted, Quality);
    }
}
