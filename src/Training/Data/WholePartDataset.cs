using System.Security.Cryptography;
using System.Text;
using SemanticSam.Formats;

namespace SemanticSam.Training.Data;

/// <summary>
/// Images with masks of wholes, parts, stuff and regions, in COCO's format extended by level, parent, weak, derived and kind.
/// Masks are decoded when asked for.
/// </summary>
public sealed class WholePartDataset
{
    private WholePartDataset(IEnumerable<DataImage> images)
    {
        Images = [.. images];
        Categories = [.. Images.SelectMany(i => i.Annotations).Select(a => a.Category).Distinct().OrderBy(c => c.Id)];
    }

    /// <summary>
    /// Sources of the compact whole/part set in which not every object of a named class is labelled: there the absence of a mask does
    /// not mean absence of the thing.
    /// </summary>
    public static IReadOnlySet<string> IncompleteSources { get; } = new HashSet<string>
    {
        "mixed14", "medical", "davis", "smallitem", "teacher", "wildanimal", "pug", "firetruck", "indofood",
    };

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<DataImage> Images { get; }

    /// <summary>The categories in use, by id.</summary>
    public IReadOnlyList<DataCategory> Categories { get; }

    /// <summary>Reads an annotation file.</summary>
    /// <param name="annotationFile">JSON, such as annotations_train.json.</param>
    /// <param name="imageFolder">Where the images are; they are not opened here.</param>
    /// <exception cref="FileNotFoundException">No such file.</exception>
    /// <exception cref="InvalidDataException">Not JSON, a key is missing or of the wrong type, an id names nothing or occurs twice, a
    /// mask is of another size than its image; the message names the file and the record.</exception>
    public static WholePartDataset Load(string annotationFile, string imageFolder)
    {
        using var stream = File.OpenRead(annotationFile);
        return Load(stream, Path.GetFileName(annotationFile), imageFolder);
    }

    /// <summary>Reads annotations from a stream; <paramref name="name"/> is for messages.</summary>
    /// <inheritdoc cref="Load(string, string)" path="/exception"/>
    public static WholePartDataset Load(Stream stream, string name, string imageFolder) =>
        new(WholePartLinker.Link(WholePartReader.Read(name, stream), imageFolder));

    /// <summary>Reads one split of a folder laid out as annotations_SPLIT.json and images/SPLIT.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="split">"train" or "val".</param>
    /// <param name="withRegions">Adds annotations_regions_SPLIT.json, images with unnamed regions.</param>
    /// <inheritdoc cref="Load(string, string)" path="/exception"/>
    public static WholePartDataset LoadSplit(string root, string split, bool withRegions = false)
    {
        string images = Path.Combine(root, "images", split);
        var named = Load(Path.Combine(root, $"annotations_{split}.json"), images);
        return withRegions ? named.Concat(Load(Path.Combine(root, $"annotations_regions_{split}.json"), images)) : named;
    }

    /// <summary>The images of both.</summary>
    public WholePartDataset Concat(WholePartDataset other) => new(Images.Concat(other.Images));

    /// <summary>The images and annotations that a filter lets through. Images left without annotations are dropped.</summary>
    public WholePartDataset Where(DatasetFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return new(Images.Where(filter.Takes).Select(i => i.Annotations.All(filter.Takes) ? i : i with { Annotations = [.. i.Annotations.Where(filter.Takes)] })
            .Where(i => i.Annotations.Count > 0));
    }

    /// <summary>
    /// Divides by the MD5 of each image's file name, so that an image keeps its side when others come or go.
    /// </summary>
    /// <param name="valShare">About this share goes to the second part, 0 to 1.</param>
    /// <param name="salt">Another text gives another division.</param>
    public (WholePartDataset Train, WholePartDataset Val) Split(double valShare, string salt = "split")
    {
        if (!(valShare is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(valShare), valShare, "The share has to be 0 to 1.");
        var sides = Images.ToLookup(i => Share(salt, i.FileName) < valShare);
        return (new(sides[false]), new(sides[true]));
    }

    /// <summary>Decodes every mask and compares it with the area that the file gives.</summary>
    /// <exception cref="InvalidDataException">A mask is damaged or has another area; the message names file and annotation.</exception>
    public void Validate()
    {
        foreach (var annotation in Images.SelectMany(i => i.Annotations))
        {
            int area = annotation.ReadMask().Area;
            if (area != annotation.Area) throw new InvalidDataException($"Annotation {annotation.Id}: its mask has {area} pixels, but area is {annotation.Area}.");
        }
    }

    /// <summary>Counts for printing.</summary>
    public DatasetStatistics Statistics() => new(this);

    private static double Share(string salt, string name) =>
        BitConverter.ToUInt32(MD5.HashData(Encoding.UTF8.GetBytes($"{salt}:{name}"))) / (uint.MaxValue + 1.0);
}
