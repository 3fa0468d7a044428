using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>
/// How much the masks of an image may take, all of which are in memory at a time: a few numbers in a file can be an outline that crosses every column of a
/// large image many times. Who says more may have more, so that run lengths and outlines that follow pixels always have room. What is beyond is left out, and
/// those before and after it are not.
/// </summary>
internal sealed class MaskBudget
{
    /// <summary>Run lengths of a mask, those of the background included: 2 million runs, as noise all over 8 megapixels has them.</summary>
    public const int MostOfOne = 1 << 22;

    /// <summary>Run lengths of all masks of an image, 67 MB, whatever the file says; and more for each byte that it spends on them.</summary>
    public const int MostOfAll = 1 << 24, MoreAByte = 16;

    private long _taken, _said;

    /// <summary>An annotation or a shape, whose mask counts from now on.</summary>
    /// <param name="item">It.</param>
    /// <param name="said">What the file says of it.</param>
    /// <param name="bad">Puts the fault into its place.</param>
    /// <exception cref="AnnotationFileException">It is too much, alone or with those before.</exception>
    public T Take<T>(T item, JsonElement said, Func<string, Exception> bad) => Take(item, JsonMarshal.GetRawUtf8Value(said).Length, bad);

    /// <summary>As the other, by the number of characters in which the file says it.</summary>
    public T Take<T>(T item, long said, Func<string, Exception> bad)
    {
        var mask = item as Rle ?? (item as Annotation ?? (item as Shape)?.Annotation)?.Mask ?? throw new ArgumentException("It has no mask.", nameof(item));
        int lengths = mask.Counts.Length;
        if (lengths > MostOfOne)
            throw bad(string.Create(CultureInfo.InvariantCulture, $"its mask has {lengths / 2} runs of pixels; at most {MostOfOne / 2} are allowed"));
        long most = MostOfAll + MoreAByte * (_said + said);
        if (_taken + lengths > most)
            throw bad(string.Create(CultureInfo.InvariantCulture,
                $"its mask has {lengths / 2} runs of pixels, and those of its image before it {_taken / 2}; at most {most / 2} are allowed in all"));
        _taken += lengths;
        _said += said;
        return item;
    }
}
