using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Foundation;
using SemanticSam.Imaging.Png;

namespace SemanticSam.Formats.Png;

/// <summary>Writes NAME.png and NAME.json an image.</summary>
internal sealed class IndexPngWriter(string path, AnnotationWriteOptions options) : AnnotationWriter(path, options)
{
    private readonly OutputNames _names = new(path);

    /// <inheritdoc/>
    private protected override void CompleteSet() { }

    private protected override int WriteImage(AnnotatedImage image)
    {
        string file = System.IO.Path.GetFileName(Path);
        if (image.Annotations.Count > ushort.MaxValue)
            throw new AnnotationFileException(file, image.FileName, $"{image.Annotations.Count} masks; an index PNG holds at most {ushort.MaxValue}");
        string stem = PathFor(image, _names);
        var indices = new ushort[image.Width * image.Height];
        var areas = new int[image.Annotations.Count];
        foreach (var (a, i) in image.Annotations.Select((a, i) => (a, i)).OrderByDescending(p => p.a.Mask.Area))
            foreach (var (x, top, bottom) in a.Mask.Segments)
                for (int y = top; y < bottom; y++)
                {
                    ref ushort index = ref indices[y * image.Width + x];
                    if (index > 0) areas[index - 1]--;
                    areas[i]++;
                    index = (ushort)(i + 1);
                }
        for (int i = 0; i < areas.Length; i++)
        {
            var a = image.Annotations[i];
            Loss.Add(a.Mask.IsEmpty ? 1 : (double)areas[i] / a.Mask.Area);
            if (areas[i] == 0 && !a.Mask.IsEmpty)
                Problems.Kept(file, $"{image.FileName}, annotation {a.Id ?? i + 1}", "smaller masks cover it wholly",
                    "no pixel of it remains in the index PNG");
        }
        byte[] png = PngCodec.Encode(indices, image.Width, image.Height, IndexPng.Palette);
        byte[] json = JsonText.Bytes(w => Write(w, image, System.IO.Path.GetFileName(stem) + ".png"), indented: true);
        AtomicFile.Write(stem + ".png", png, Durability.Cached);
        AtomicFile.Write(stem + ".json", json, Durability.Cached); // last: what has a json is complete
        return areas.Length;
    }

    private static void Write(Utf8JsonWriter w, AnnotatedImage image, string png)
    {
        w.WriteStartObject();
        w.WriteString(IndexPng.FormatKey, IndexPng.FormatName);
        w.WriteString("png", png);
        ImageFields.WriteObject(w, image);
        w.WriteStartArray("annotations");
        for (int i = 0; i < image.Annotations.Count; i++)
        {
            var a = image.Annotations[i];
            w.WriteStartObject();
            w.WriteNumber("index", i + 1);
            w.WriteString("name", PlainNames.Of(a));
            AnnotationFields.WriteIdentity(w, a);
            AnnotationFields.Write(w, a);
            w.WriteEndObject();
        }
        w.WriteEndArray();
        w.WriteEndObject();
    }
}
