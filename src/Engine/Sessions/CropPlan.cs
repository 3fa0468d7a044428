using System.Globalization;
using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>
/// The image and its crops, as everything mode goes through them. A layer is left out whose crops have fewer pixels than the model has cells: each pixel
/// would become a square of 16 x 16 or more, in which there is nothing to be seen, and there may be hundreds of them, each encoded by itself.
/// </summary>
/// <param name="Crops">In the order in which their masks win.</param>
/// <param name="Notice">Says which layers are left out; null where none is.</param>
internal sealed record CropPlan(IReadOnlyList<(BoxI Box, int Layer)> Crops, string? Notice)
{
    /// <summary>Side of a cell, in pixels of what a network sees.</summary>
    private const int Cell = 16;

    /// <param name="imageSize">See <see cref="Segmenter.ImageSize"/>.</param>
    /// <param name="size">Of the image.</param>
    /// <param name="options">Validated.</param>
    public static CropPlan Of(int imageSize, PixelSize size, EverythingOptions options)
    {
        int cells = imageSize / Cell, layers = options.CropLayers;
        var crops = CropBoxes.Generate(size.Height, size.Width, layers, options.CropOverlapRatio, cells * cells);
        int last = crops.Max(c => c.Layer);
        return new(CropBoxes.ByPriority(crops), last == layers ? null : Sentence(size, last + 1, layers, options.CropOverlapRatio, cells));
    }

    private static string Sentence(PixelSize size, int first, int last, double overlapRatio, int cells)
    {
        var (width, height, _) = CropBoxes.SizeOf(size.Height, size.Width, first, overlapRatio);
        string which = first == last ? $"crops of layer {first} are" : $"crops of layers {first} to {last} are";
        return string.Create(CultureInfo.InvariantCulture, $"The {which} left out: of an image of {size.Width} x {size.Height} they would have {width} x " +
            $"{height} pixels{(first == last ? "" : " and fewer")}, which is less than the {cells} x {cells} cells that the model sees.");
    }
}
