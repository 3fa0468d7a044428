using System.IO.Compression;
using BitMiracle.LibTiff.Classic;
using static SemanticSam.Imaging.Decoding.TiffFields;

namespace SemanticSam.Imaging.Decoding;

/// <summary>
/// The check sums of a TIFF that is packed by deflate. The library reads the pixels of a strip or tile and not on to its sum, so that changed bytes that still
/// are codes would be shown as what they are not.
/// </summary>
internal static class TiffDeflate
{
    /// <summary>Whether the sum of each strip or tile of the open page is that of its data; true of pages that are packed in another way.</summary>
    public static bool IsSound(Tiff tiff)
    {
        if ((Compression)Field(tiff, TiffTag.COMPRESSION) is not (Compression.DEFLATE or Compression.ADOBE_DEFLATE)
            || Field(tiff, TiffTag.FILLORDER, 1) != 1) return true;
        bool tiled = tiff.IsTiled();
        int count = tiled ? tiff.NumberOfTiles() : tiff.NumberOfStrips();
        long most = tiff.Clientdata() is Stream file ? file.Length : int.MaxValue; // sizes are the file's word
        byte[] packed = [], plain = new byte[1 << 16];
        for (int i = 0; i < count; i++)
        {
            long size = tiled ? tiff.RawTileSize(i) : tiff.RawStripSize(i);
            if (size <= 0) continue; // one that was never written
            if (size > most) return false;
            if (packed.Length < size) packed = new byte[size];
            int read = tiled ? tiff.ReadRawTile(i, packed, 0, (int)size) : tiff.ReadRawStrip(i, packed, 0, (int)size);
            if (read != size) return false;
            try
            {
                using var zip = new ZLibStream(new MemoryStream(packed, 0, read, writable: false), CompressionMode.Decompress);
                while (zip.Read(plain) > 0) { }
            }
            catch (InvalidDataException)
            {
                return false;
            }
        }
        return true;
    }
}
