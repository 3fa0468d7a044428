using System.Globalization;
using SemanticSam.Formats;

namespace SemanticSam.Training.Evaluation.Coco;

/// <summary>Finds the images and classes of annotations by what a detector calls them: ids, names, parts of names.</summary>
internal sealed class CocoLookup
{
    private readonly Dictionary<long, CocoImage> _byId;
    private readonly Dictionary<string, CocoImage?> _byName = new(StringComparer.Ordinal); // null where several have the name
    private readonly Dictionary<long, CocoImage?> _byNumber = [];
    private readonly Dictionary<long, int> _classOfId = [];
    private readonly Dictionary<string, int> _classOfName = new(StringComparer.Ordinal);

    public CocoLookup(CocoSet set)
    {
        _byId = set.Images.Where(i => i.Id >= 0).ToDictionary(i => i.Id);
        foreach (var image in set.Images)
        {
            string last = OutputNames.LastPart(image.FileName), stem = Path.GetFileNameWithoutExtension(last);
            foreach (string name in new HashSet<string>([image.TextId ?? "", image.FileName, last, stem]))
                if (name.Length > 0 && !_byName.TryAdd(name, image)) _byName[name] = null;
            if (long.TryParse(stem, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && !_byNumber.TryAdd(number, image))
                _byNumber[number] = null;
        }
        for (int i = 0; i < set.Classes.Count; i++)
        {
            _classOfId.TryAdd(set.Classes[i].Id, i);
            _classOfName.TryAdd(set.Classes[i].Name, i);
            _classOfName.TryAdd(PlainNames.Of(set.Classes[i]), i);
            // As PACO calls parts.
            if (set.Classes[i] is { Role: AnnotationRole.Part, Supercategory: { } whole } part) _classOfName.TryAdd($"{whole}:{part.Name}", i);
        }
    }

    /// <summary>The least number of a class; 0 where there is none.</summary>
    public long LeastClass => _classOfId.Count == 0 ? 0 : _classOfId.Keys.Min();

    /// <summary>The image of an id; null for none.</summary>
    public CocoImage? ImageOf(long id) => _byId.GetValueOrDefault(id);

    /// <summary>The image whose name is a number: programs that know no ids make one of it, so that 000000000139.jpg is 139.</summary>
    public CocoImage? ImageNumbered(long number) => _byNumber.GetValueOrDefault(number);

    /// <summary>The image of a name, of its last part, or of that without its ending; null for none, or several.</summary>
    public CocoImage? ImageOf(string name, out bool several)
    {
        bool found = _byName.TryGetValue(name, out var image) || _byName.TryGetValue(OutputNames.LastPart(name), out image);
        several = found && image is null;
        return image;
    }

    /// <summary>The class of an id; null for none.</summary>
    public int? ClassOf(long id) => _classOfId.TryGetValue(id, out int found) ? found : null;

    /// <summary>The class of a name; null for none.</summary>
    public int? ClassOf(string name) => _classOfName.TryGetValue(NameBlanks.Tidy(name), out int found) ? found : null;
}
