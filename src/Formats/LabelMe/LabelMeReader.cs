using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;
using SemanticSam.Foundation;
using SemanticSam.Imaging;

namespace SemanticSam.Formats.LabelMe;

/// <summary>
/// LabelMe json and what is derived from it (X-AnyLabeling): polygons, rectangles by two or four corners, turned boxes, circles and masks;
/// shapes of one label and one group_id are one object, as LabelMe's own exporters have it. Points and lines have no pixels: they are reported and
/// left out.
/// </summary>
internal sealed class LabelMeReader(string path, AnnotationReadOptions options) : FilePerImageReader(path, options, AnnotationFormat.LabelMe)
{
    private readonly AccentedFiles _accented = new();
    private readonly Dictionary<string, string> _images = []; // the file of each

    private protected override AnnotatedImage ReadImage(JsonValues v, string path)
    {
        string name = FileName(v, path);
        var ownSize = OwnSize(v, name, path, out string? file);
        var (width, height) = SizeOf(v, name, v.OptionalSide("imageWidth"), v.OptionalSide("imageHeight"), ownSize, file,
            drawn: () => LabelMeShapes.Drawn(v));
        var image = new AnnotatedImage { FileName = name, Width = width, Height = height };
        if (v.Has(LabelMeWriter.OwnKey, out var key) && key.ValueKind == JsonValueKind.Object && v.OptionalObject(LabelMeWriter.OwnKey) is { } own)
            image = ImageFields.Read(own, image) with { FileName = own.OptionalText("file_name") ?? image.FileName };
        var ties = new Dictionary<string, int>();
        return image with { Annotations = Shape.Join(
            AnnotationList.Read(v, s => LabelMeShapes.Read(s, height, width, Options.Rule, ties), Problems, "shapes")) };
    }

    /// <summary>The size of the image inside the json, or beside it; null when it is in neither.</summary>
    private (int Width, int Height)? OwnSize(JsonValues v, string name, string path, out string? file)
    {
        file = null;
        if (v.Has("imageData", out var data) && data.ValueKind == JsonValueKind.String && data.TryGetBytesFromBase64(out byte[]? bytes) && bytes.Length > 0)
        {
            try
            {
                return ImageFile.PeekSize(bytes, "imageData");
            }
            catch (ImageException e)
            {
                Problems.NotedOnce(v.File, $"the image inside it cannot be read ({e.Message.TrimEnd('.')})", "its size is looked for elsewhere");
            }
        }
        if (ImageFiles?.SizeOf(name) is { } size) return size;
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        foreach (string beside in (string[])[System.IO.Path.Combine(folder, name.Split('/')[^1]), .. Written(v, folder)])
            if (_accented.Find(beside) is { } image && ImageFolder.SizeOfFile(image) is { } found)
            {
                file = image;
                return found;
            }
        return null;
    }

    /// <summary>The image where the json says that it is, from its own folder.</summary>
    private static IEnumerable<string> Written(JsonValues v, string folder) =>
        new OwnFields(v, false).Text("imagePath")?.Replace('\\', '/') is { } path && !path.Contains('\0') && !path.Contains("://")
            ? [System.IO.Path.Combine(folder, path)] : [];

    /// <summary>The image's name below the folder of annotations: the json's sub-folder and the image's own name.</summary>
    private string FileName(JsonValues v, string path)
    {
        string? written = new OwnFields(v, false).Text("imagePath");
        string image = (written ?? "").Replace('\\', '/').Split('/')[^1];
        string? own = Beside(path);
        if (image.Length == 0) return Below(path, own ?? System.IO.Path.ChangeExtension(System.IO.Path.GetFileName(path), ".jpg"));
        string name = Below(path, image);
        if (own is null || own == image || Problems.Refuses)
        {
            _images.TryAdd(name, v.File);
            return name;
        }
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        bool isThere = ImageFiles?.Find(name) is not null ||
            ((string[])[System.IO.Path.Combine(folder, image), .. Written(v, folder)]).Any(p => _accented.Find(p) is not null);
        if (!isThere)
        {
            Problems.Repaired(v.File, "", $"its image '{MessageText.Cut(image)}' is not there", $"'{own}' beside it is taken, as images that were renamed");
            return Below(path, own);
        }
        if (!_images.TryAdd(name, v.File) && _images[name] != v.File)
            Problems.Noted(v.File, "", $"its image is '{MessageText.Cut(image)}', as {_images[name]} has it, and '{own}' lies beside it",
                "it is taken as it says");
        return name;
    }

    /// <summary>The image beside a json that is called as that is; null where there is none.</summary>
    private string? Beside(string path)
    {
        string stem = System.IO.Path.ChangeExtension(path, null);
        return System.IO.Path.GetFileName(ImageFolder.Extensions.Select(e => _accented.Find(stem + e) ?? _accented.Find(stem + e.ToUpperInvariant()))
            .FirstOrDefault(p => p is not null));
    }
}
