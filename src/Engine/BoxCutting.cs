using System.Globalization;
using SemanticSam.Masks;

namespace SemanticSam.Engine;

/// <summary>
/// Boxes that people and programs drew over the edge of an image. The engine refuses them, since a caller of its own may have mistaken the size; where
/// somebody can be told, what sticks out is cut off.
/// </summary>
internal static class BoxCutting
{
    /// <summary>The box within a frame; one that lies outside wholly stays as it is, for the engine to refuse.</summary>
    /// <param name="box">In pixels.</param>
    /// <param name="frame">What it is to lie in, in the same pixels.</param>
    /// <param name="name">What messages call the frame: "the image of 640 x 480".</param>
    /// <param name="notice">Told, in a sentence, of what was cut off; may be null.</param>
    public static BoxF Cut(BoxF box, BoxI frame, string name, Action<string>? notice)
    {
        var cut = new BoxF(Math.Clamp(box.X1, frame.Left, frame.Right), Math.Clamp(box.Y1, frame.Top, frame.Bottom),
            Math.Clamp(box.X2, frame.Left, frame.Right), Math.Clamp(box.Y2, frame.Top, frame.Bottom));
        if (cut == box || !(cut.X2 > cut.X1 && cut.Y2 > cut.Y1)) return box;
        notice?.Invoke(string.Create(CultureInfo.InvariantCulture,
            $"the box ({box.X1}, {box.Y1}, {box.X2}, {box.Y2}) sticks out of {name} and is cut to ({cut.X1}, {cut.Y1}, {cut.X2}, {cut.Y2})."));
        return cut;
    }

    /// <summary>The box within an image.</summary>
    public static BoxF Cut(BoxF box, int width, int height, Action<string>? notice) =>
        Cut(box, new BoxI(0, 0, width, height), string.Create(CultureInfo.InvariantCulture, $"the image of {width} x {height}"), notice);
}
