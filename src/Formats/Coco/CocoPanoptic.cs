using SemanticSam.Formats.Json;
using SemanticSam.Foundation;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Png;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Coco;

/// <summary>
/// COCO panoptic: an annotation an image, whose segments are the colors of a PNG, red + 256 green + 65,536 blue. The PNGs lie in a folder
/// that is called as the json is, or beside it.
/// </summary>
internal sealed class CocoPanoptic(string path, AnnotationReadOptions options)
{
    private readonly AccentedFiles _files = new();
    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(path))!;

    public IReadOnlyList<Annotation> Read(JsonValues v, int width, int height, Func<JsonValues, AnnotationCategory?> nameOf, FormatReport report)
    {
        string name = v.Text("file_name");
        var (ids, columns, rows) = Ids(Find(name)
            ?? throw v.Bad($"its PNG '{MessageText.Cut(name)}' is neither in the folder {Path.GetFileNameWithoutExtension(path)} nor beside the json"), v);
        if ((columns, rows) != (width, height)) throw v.Bad($"its PNG is {columns} x {rows}, but its image is {width} x {height}");
        return AnnotationList.Read(v.List("segments_info"), v, s => ReadSegment(s, ids, width, height, nameOf), report, "segments_info", areMasksMade: false);
    }

    private static Annotation ReadSegment(JsonValues s, int[] ids, int width, int height, Func<JsonValues, AnnotationCategory?> nameOf)
    {
        long id = s.Integer("id");
        var inside = new byte[ids.Length];
        for (int i = 0; i < ids.Length; i++) inside[i] = ids[i] == id ? (byte)1 : (byte)0;
        var mask = Rle.FromBytes(inside, height, width);
        if (mask.IsEmpty) throw s.Bad($"no pixel of the PNG has the id {id}");
        var named = nameOf(s);
        return new()
        {
            Mask = mask, IsCrowd = new OwnFields(s, false).Flag("iscrowd"), Whole = named is null ? null : new(named.Name),
            Supercategory = named?.Supercategory,
        };
    }

    private string? Find(string name)
    {
        string last = OutputNames.LastPart(name), stem = Path.GetFileNameWithoutExtension(path);
        string?[] folders = [Path.Combine(_folder, stem), options.Images, _folder];
        return folders.OfType<string>().SelectMany(f => (string[])[Path.Combine(f, last), Path.Combine(f, Path.ChangeExtension(last, ".png"))])
            .Select(_files.Find).OfType<string>().FirstOrDefault();
    }

    private static (int[] Ids, int Width, int Height) Ids(string png, JsonValues v)
    {
        try
        {
            byte[] bytes = ImageFile.ReadBytes(png, ImageDecoderOptions.Default);
            var header = PngCodec.ReadHeader(bytes, "its PNG");
            FormatLimits.Area(FormatLimits.Side(header.Width, "width", v.Bad), FormatLimits.Side(header.Height, "height", v.Bad), v.Bad,
                FormatLimits.LargestColorIndexArea);
            var image = PngCodec.Decode(bytes, "its PNG");
            int channels = header.Channels;
            if (channels < 3) throw v.Bad("its PNG has no colors, which are the ids of segments");
            var ids = new int[image.Width * image.Height];
            for (int i = 0; i < ids.Length; i++)
                ids[i] = image.Samples[i * channels] + 256 * image.Samples[i * channels + 1] + 65_536 * image.Samples[i * channels + 2];
            return (ids, image.Width, image.Height);
        }
        catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
        {
            throw v.Bad($"its PNG cannot be read: {e.Message.TrimEnd('.')}");
        }
    }
}
