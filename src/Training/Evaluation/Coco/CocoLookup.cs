using SemanticSam.Formats;
using SemanticSam.Formats.Coco;

namespace SemanticSam.Training.Evaluation.Coco;

/// <summary>Finds the images and classes of annotations by what a detector calls them: ids, names, parts of names.</summary>
internal sealed class CocoLookup
{
    private readonly Dictionary<long, int> _classOfId = [];
    private readonly Dictionary<string, int> _classOfName = new(StringComparer.Ordinal);

    public CocoLookup(CocoSet set)
    {
        Images = new(set.Images.Select(i => (i, i.Id >= 0 ? (long?)i.Id : null, i.TextId, i.FileName)));
        for (int i = 0; i < set.Classes.Count; i++)
        {
            _classOfId.TryAdd(set.Classes[i].Id, i);
            _classOfName.TryAdd(set.Classes[i].Name, i);
            _classOfName.TryAdd(PlainNames.Of(set.Classes[i]), i);
            // As PACO calls parts.
            if (set.Classes[i] is { Role: AnnotationRole.Part, Supercategory: { } whole } part) _classOfName.TryAdd($"{whole}:{part.Name}", i);
        }
    }

    /// <summary>The images.</summary>
    public CocoImageNames<CocoImage> Images { get; }

    /// <summary>The least number of a class; 0 where there is none.</summary>
    public long LeastClass => _classOfId.Count == 0 ? 0 : _classOfId.Keys.Min();

    /// <summary>The class of an id; null for none.</summary>
    public int? ClassOf(long id) => _classOfId.TryGetValue(id, out int found) ? found : null;

    /// <summary>The class of a name; null for none.</summary>
    public int? ClassOf(string name) => _classOfName.TryGetValue(NameBlanks.Tidy(name), out int found) ? found : null;
}
