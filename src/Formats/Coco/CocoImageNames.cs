using System.Globalization;

namespace SemanticSam.Formats.Coco;

/// <summary>
/// Finds images by what annotations or detections call them: ids, names, parts of names, and numbers that stand in names.
/// </summary>
/// <typeparam name="T">An image.</typeparam>
internal sealed class CocoImageNames<T> where T : class
{
    /// <summary>Under which keys a name stands beside an id.</summary>
    public static readonly string[] Keys = ["file_name", .. CocoKeys.FileNames];

    private readonly Dictionary<long, T> _byId = [];
    private readonly Dictionary<string, T?> _byName = new(StringComparer.Ordinal); // null where several have the name
    private readonly Dictionary<long, T?> _byNumber = [];

    /// <param name="images">Each with its id, null for none that others could know; its id that is a text, null for none; and its name.</param>
    public CocoImageNames(IEnumerable<(T Image, long? Id, string? TextId, string FileName)> images)
    {
        foreach (var (image, id, textId, fileName) in images)
        {
            if (id is { } known && !_byId.TryAdd(known, image)) continue; // the second of an id is none
            string last = OutputNames.LastPart(fileName), stem = Path.GetFileNameWithoutExtension(last);
            foreach (string name in new HashSet<string>([textId ?? "", fileName, last, stem]))
                if (name.Length > 0 && !_byName.TryAdd(name, image)) _byName[name] = null;
            if (long.TryParse(stem, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && !_byNumber.TryAdd(number, image))
                _byNumber[number] = null;
        }
    }

    /// <summary>How an image was found, and why it was not.</summary>
    internal enum By
    {
        /// <summary>Nothing tells it.</summary>
        Nothing,

        /// <summary>Several have the name.</summary>
        Several,

        /// <summary>By its id.</summary>
        Id,

        /// <summary>By a name.</summary>
        Name,

        /// <summary>By a name, where the id is that of another image.</summary>
        NameAgainstId,

        /// <summary>By the number in its name.</summary>
        Number,
    }

    /// <summary>The image of an id; null for none.</summary>
    public T? ImageOf(long id) => _byId.GetValueOrDefault(id);

    /// <summary>The image whose name is a number: programs that know no ids make one of it, so that 000000000139.jpg is 139.</summary>
    public T? ImageNumbered(long number) => _byNumber.GetValueOrDefault(number);

    /// <summary>The image of a name, of its last part, or of that without its ending; null for none, or several.</summary>
    public T? ImageOf(string name, out bool several)
    {
        bool found = _byName.TryGetValue(name, out var image) || _byName.TryGetValue(OutputNames.LastPart(name), out image);
        several = found && image is null;
        return image;
    }

    /// <summary>Whether the ids of a list are the numbers in names: not all are ids, and all are such numbers.</summary>
    /// <param name="ids">Those that are numbers.</param>
    public bool AreNumbers(IReadOnlyCollection<long> ids) => ids.Any(id => ImageOf(id) is null) && ids.All(id => ImageNumbered(id) is not null);

    /// <summary>The image of an annotation or a detection.</summary>
    /// <param name="id">Its <c>image_id</c>, or the number that stands for a text.</param>
    /// <param name="text">The text; null where the id is a number.</param>
    /// <param name="said">The name of the image beside it; null for none.</param>
    /// <param name="areNumbers">See <see cref="AreNumbers"/>.</param>
    /// <returns>The image, null for none; how it was found; and the name by which it was looked for, where that decided.</returns>
    public (T? Image, By How, string? Name) Find(long id, string? text, string? said, bool areNumbers)
    {
        bool numbered = areNumbers && text is null;
        if ((numbered ? ImageNumbered(id) : ImageOf(id)) is { } image)
            return said is not null && ImageOf(said, out _) is { } other && other != image ? (other, By.NameAgainstId, said)
                : (image, numbered ? By.Number : By.Id, null);
        foreach (string? name in (string?[])[text, said])
            if (name is not null && (ImageOf(name, out bool several) is var named && named is not null || several))
                return (named, named is null ? By.Several : By.Name, name);
        return text is null && ImageNumbered(id) is { } counted ? (counted, By.Number, null) : (null, By.Nothing, null);
    }
}
