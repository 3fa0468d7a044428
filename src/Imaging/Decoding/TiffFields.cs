using BitMiracle.LibTiff.Classic;

namespace SemanticSam.Imaging.Decoding;

/// <summary>Entries of a TIFF's directory.</summary>
internal static class TiffFields
{
    /// <summary>The number of an entry of the page at hand; <paramref name="otherwise"/> where it has none.</summary>
    public static long Field(Tiff tiff, TiffTag tag, long otherwise = 0) => tiff.GetField(tag) is [var value, ..] ? value.ToInt() : otherwise;
}
