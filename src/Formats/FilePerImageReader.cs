using SemanticSam.Formats.Json;

namespace SemanticSam.Formats;

/// <summary>A set in which each image has a file of its own: the one path on which all such formats are read.</summary>
internal abstract class FilePerImageReader : AnnotationReader
{
    private readonly IReadOnlyList<string> _files;

    /// <summary>A set of json files of one format: the file itself, or those below the folder.</summary>
    protected FilePerImageReader(string path, AnnotationReadOptions options, AnnotationFormat format) : base(path, options)
    {
        _files = FormatFiles.Json(path, format, Problems, options.MayBeEmpty);
        Count = _files.Count;
    }

    /// <summary>A set of files that are known.</summary>
    protected FilePerImageReader(string path, AnnotationReadOptions options, IReadOnlyList<string> files)
        : base(path, options) => Count = (_files = files).Count;

    private protected sealed override IEnumerable<AnnotatedImage> Images() => _files.SelectMany(ReadFile);

    private protected override string NameOf(AnnotatedImage image) => image.FileName;

    /// <summary>The images of a file: one, or none when it is bad.</summary>
    private protected virtual IEnumerable<AnnotatedImage> ReadFile(string path) =>
        Problems.Try(() => ReadOne(path), "the file is left out") is { } image ? [image] : [];

    /// <summary>The image of a file.</summary>
    private protected virtual AnnotatedImage ReadOne(string path) => JsonText.Read(path, Problems, Options.Encoding, v => ReadImage(v, path));

    /// <summary>The image of a file whose root is an object.</summary>
    private protected abstract AnnotatedImage ReadImage(JsonValues v, string path);

    /// <summary>A name below the folder of the set, for an image whose annotations are in a file: the file's sub-folder and the name's last part.</summary>
    private protected string Below(string path, string name)
    {
        string last = OutputNames.LastPart(name);
        string folder = Directory.Exists(Path) ? System.IO.Path.GetRelativePath(Path, System.IO.Path.GetDirectoryName(path)!).Replace('\\', '/') : ".";
        return folder == "." ? last : $"{folder}/{last}";
    }
}
