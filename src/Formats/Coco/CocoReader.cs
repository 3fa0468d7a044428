using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;
using SemanticSam.Foundation;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Coco;

/// <summary>
/// COCO instances json: polygons, run lengths as numbers or as compressed text, boxes; names with supercategories, and the fields of the
/// whole/part extension (level, parent, weak, derived, kind). A list of results is read with the file that it speaks of.
/// </summary>
internal sealed class CocoReader : AnnotationReader
{
    /// <summary>Fewer annotations that are all crowds may be crowds.</summary>
    private const int FewCrowds = 5;

    /// <summary>Of so many images one may say something else than the others.</summary>
    private const int FewOdd = 50;

    private readonly CocoIds _ids = new();
    private readonly CocoIndex _index, _set; // annotations; images and categories
    private readonly CocoPanoptic? _panoptic;
    private readonly Dictionary<long, AnnotationCategory> _categories = [];
    private readonly Dictionary<string, AnnotationCategory> _byName = new(StringComparer.Ordinal); // the first of each name
    private readonly Dictionary<long, ImageLicense> _licenses = [];
    private readonly bool _hasParts; // by the names of categories
    private readonly bool _noCrowds, _noPainted; // whatever annotations say; those of run lengths alone
    private long _lastId;
    private bool _areCorners; // boxes that stand for masks
    private int[] _order = []; // of annotations, those of an image together
    private bool? _areOfBefore;

    public CocoReader(string path, AnnotationReadOptions options) : base(path, options)
    {
        _index = _set = CocoIndex.Of(path, options.Encoding, _ids, Problems);
        try
        {
            if (_index.IsList && CocoReference.Of(path, options, _index, _ids, Problems) is { } reference)
                _set = CocoIndex.Of(reference, options.Encoding, _ids, Problems);
            _lastId = _index.LargestId;
            foreach (var (id, license) in All(_set.Licenses, "licenses", (v, _) => CocoRecords.ReadLicense(v))) _licenses.TryAdd(id, license);
            foreach (var category in All(_set.Categories, "categories", (v, key) => CocoRecords.ReadCategory(v, _set.IsMarked, key))) Add(category);
            foreach (var category in CocoPlainCategories.Of(_set, _index.CategoryNumbers, Problems)) Add(category);
            foreach (var category in _categories.Values) _byName.TryAdd(NameBlanks.Tidy(category.Name), category);
            if (!_set.IsMarked && !Problems.Refuses)
                foreach (var category in CocoPartNames.Read([.. _categories.Values], _set.File, Problems))
                {
                    if (ReferenceEquals(_categories[category.Id], category)) continue;
                    _hasParts = true;
                    _byName[NameBlanks.Tidy(_categories[category.Id].Name)] = _categories[category.Id] = category;
                }
            Categories = [.. _categories.Values.Where(c => c.Name != PlainNames.Unnamed)];
            Count = _set.Images.Count;
            (_noCrowds, _noPainted) = Crowds();
            if (_index.IsPanoptic) _panoptic = new(path, options);
        }
        catch
        {
            Dispose(true);
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool HasUniqueIds => true;

    private protected override bool HasOwnIds => _set.IsMarked;

    private string File => _index.File;

    private protected override IEnumerable<AnnotatedImage> Images()
    {
        var several = CocoImageMatches.Take(_index, _set, Problems);
        _areCorners = CocoBoxes.AreCorners(_index, _set, name => ImageFiles?.SizeOf(name), Problems);
        var (order, firstOf) = ByImage();
        _order = order;
        var seen = new Dictionary<long, string>();
        var ids = new HashSet<long>();
        foreach (var image in _set.Images.Count == 0 ? Assumed(order, firstOf) : Declared())
        {
            if (image is null) continue;
            bool second = !seen.TryAdd(image.Id, image.FileName);
            if (second && (seen[image.Id] == image.FileName || Problems.Refuses))
            {
                Problems.Repaired(_set.File, $"image {image.Id}", "this id occurs twice", "the second, of the same name, is left out");
                continue;
            }
            if (second) Problems.Repaired(_set.File, $"image {image.Id}", "this id occurs twice, for images of two names", "annotations are the first's");
            int at = 0;
            bool has = !second && firstOf.Remove(image.Id, out at);
            if (Problems.Try(() => Read(image, order, has ? at : order.Length, ids, second), "the image and its annotations are left out") is { } read)
                yield return read;
        }
        foreach (var (image, at) in firstOf.OrderBy(p => p.Value))
            for (int j = at; j < order.Length && _index.Annotations[order[j]].ImageId == image; j++)
                Problems.LeftOut(File, $"annotations[{order[j]}]", image == CocoIndex.NoImage
                    ? "key 'image_id' is missing or not a whole number"
                    : several.GetValueOrDefault(order[j]) is { } name ? $"several images are called '{MessageText.Cut(name)}'"
                    : _ids.IsText(image) ? "its image_id is not among the images" : $"image_id {image} is not among the images");
    }

    private protected override void Dispose(bool disposing)
    {
        _index.Dispose();
        _set.Dispose();
    }

    /// <summary>Whether crowds are none: all, or those of run lengths. CVAT calls masks so that were painted.</summary>
    private (bool All, bool Painted) Crowds()
    {
        var (crowds, count) = (_index.Crowds, _index.Annotations.Count);
        if (_index.IsMarked || crowds == 0) return default;
        if (crowds == count && count >= FewCrowds)
        {
            Problems.Noted(File, "", $"all of its {crowds} annotations are crowds (iscrowd 1), as CVAT calls masks that were painted",
                "they are taken as objects");
            return (true, false);
        }
        if (_index.OfCvat < count) return default;
        Problems.Noted(File, "", $"{crowds} of its {count} annotations are crowds (iscrowd 1), as CVAT, whose attributes all have, "
            + "calls masks that were painted", "those of run lengths are taken as objects");
        return (false, true);
    }

    private void Add(AnnotationCategory category)
    {
        if (_categories.TryAdd(category.Id, category) || _categories[category.Id].Name == category.Name) return;
        Problems.LeftOut(_set.File, $"category {category.Id}", "this id occurs twice", "the second is left out");
    }

    private IEnumerable<CocoRecords.Image?> Declared()
    {
        for (int i = 0; i < _set.Images.Count; i++)
            yield return Problems.Try(() => _set.Read(_set.Images[i], $"images[{i}]", v => CocoRecords.ReadImage(v, _ids, _set.KeyOf(_set.Images, i))),
                "the image and its annotations are left out");
    }

    /// <summary>
    /// Images that nobody declares: those that annotations name, called as these say (Ultralytics), by a text that is their id, or as COCO calls its own.
    /// </summary>
    private IEnumerable<CocoRecords.Image> Assumed(int[] order, Dictionary<long, int> firstOf)
    {
        foreach (long id in firstOf.OrderBy(p => p.Value).Select(p => p.Key).Where(id => id != CocoIndex.NoImage).ToList())
        {
            (int Width, int Height)? size = null;
            string? said = null;
            for (int j = firstOf[id]; size is null && j < order.Length && _index.Annotations[order[j]].ImageId == id; j++)
                (size, said) = _index.Read(_index.Annotations[order[j]], "",
                    v => (Segmentation.SizeOf(v.Element), said ?? new OwnFields(v, false).Text("file_name")));
            if (said is not { Length: > 0 } && _ids.TextOf(id) is { Length: > 0 } text) said = Formats.ImageFolder.IsImage(text) ? text : text + ".jpg";
            if (said is { Length: > 0 })
            {
                yield return new(id, said, size?.Width, size?.Height, null, null, []);
                continue;
            }
            string name = FormattableString.Invariant($"{id:d12}.jpg"), plain = FormattableString.Invariant($"{id}.jpg");
            if (ImageFiles?.Find(name) is null && ImageFiles?.Find(plain) is not null) name = plain;
            Problems.NotedOnce(File, "no file tells the names of the images", $"they are called by their ids, such as '{name}'");
            yield return new(id, name, size?.Width, size?.Height, null, null, []);
        }
    }

    private AnnotatedImage Read(CocoRecords.Image image, int[] order, int at, HashSet<long> ids, bool withoutId)
    {
        string place = _ids.TextOf(image.Id) is { } text ? $"image '{MessageText.Cut(text)}'" : $"image {image.Id}";
        var (width, height) = SizeOf(new(default(EmptyObject).Element, _set.File, place, Problems.Refuses ? null : Problems), image.FileName,
            image.Width, image.Height, drawnAsStored: () => IsDrawnAsStored(order, at, image),
            drawn: _set.IsMarked && !Problems.Refuses ? null : () => Drawn(order, at, image));
        var annotations = new List<Annotation>();
        var budget = new MaskBudget();
        for (; at < order.Length && _index.Annotations[order[at]].ImageId == image.Id; at++)
        {
            long? key = long.TryParse(_index.KeyOf(_index.Annotations, order[at]), out long number) ? number : null;
            annotations.AddRange(ReadAnnotations(order[at], image, width, height, budget).Select(a => Numbered(a.Id is null ? a with { Id = key } : a, ids)));
        }
        return new()
        {
            FileName = image.FileName, Width = width, Height = height, Id = withoutId || _ids.IsText(image.Id) ? null : image.Id,
            TextId = withoutId ? null : _ids.TextOf(image.Id), Source = image.Source, License = LicenseOf(image),
            AbsentCategories = AbsentIn(image),
            Annotations = _hasParts ? CocoPartNames.WithParents(annotations) : annotations,
        };
    }

    /// <summary>
    /// Whether the annotations of an image that lies on its side have the size that the file gives it, and not the upright one: converters often look the size
    /// up in the image's header and keep coordinates of the upright image. Run lengths say it; else what lies outside of either does, and where nothing
    /// does, coordinates stay as they are.
    /// </summary>
    private bool IsDrawnAsStored(int[] order, int at, CocoRecords.Image image)
    {
        var (width, height) = (image.Width!.Value, image.Height!.Value);
        return Drawn(order, at, image).IsOf((width, height), (height, width));
    }

    private DrawnExtent Drawn(int[] order, int at, CocoRecords.Image image)
    {
        var extent = new DrawnExtent();
        for (; at < order.Length && _index.Annotations[order[at]].ImageId == image.Id; at++)
            try
            {
                _index.Read(_index.Annotations[order[at]], "", v =>
                {
                    Segmentation.Measure(v, extent, _areCorners && !Segmentation.IsThere(v));
                    return true;
                });
            }
            catch (AnnotationFileException)
            {
                // It is told when it is read.
            }
        return extent;
    }

    /// <summary>Looks through the set the first time that an image does not tell.</summary>
    private protected override bool AreOthersOfBefore()
    {
        if (_areOfBefore is { } known) return known;
        var firstOf = new Dictionary<long, int>();
        for (int i = 0; i < _order.Length; i++) firstOf.TryAdd(_index.Annotations[_order[i]].ImageId, i);
        int before = 0, now = 0;
        foreach (var image in _set.Glance())
        {
            if (image is not { Width: { } width, Height: { } height } || !firstOf.TryGetValue(image.Id, out int at)
                || ImageFiles?.SizeOf(image.FileName) is not { } own || !ResizedMasks.IsResized((width, height), own)) continue;
            var drawn = Drawn(_order, at, image);
            if (drawn.IsEmpty || drawn.AreOfBefore((width, height), own) is not { } isOfBefore) continue;
            if (isOfBefore) before++;
            else now++;
        }
        _areOfBefore = before > FewOdd * now;
        return _areOfBefore.Value;
    }

    /// <summary>Of two annotations with one id the second gets a free one.</summary>
    private Annotation Numbered(Annotation a, HashSet<long> ids)
    {
        if (a.Id is not { } id || ids.Add(id)) return a;
        while (!ids.Add(++_lastId)) { }
        Problems.Repaired(File, $"annotation {id}", "this id occurs twice", $"the second becomes {_lastId}");
        return a with { Id = _lastId };
    }

    /// <summary>Places of annotations, those of an image together and in the file's order; and where each image's begin.</summary>
    private (int[] Order, Dictionary<long, int> FirstOf) ByImage()
    {
        var order = new int[_index.Annotations.Count];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        var images = _index.Annotations.Select(a => a.ImageId).ToArray();
        Array.Sort(order, (a, b) => images[a] != images[b] ? images[a].CompareTo(images[b]) : a.CompareTo(b));
        var first = new Dictionary<long, int>(_set.Images.Count);
        for (int i = 0; i < order.Length; i++) first.TryAdd(images[order[i]], i);
        return (order, first);
    }

    private IReadOnlyList<Annotation> ReadAnnotations(int index, CocoRecords.Image image, int width, int height, MaskBudget budget) =>
        Problems.Try(() => _index.Read(_index.Annotations[index], $"annotations[{index}]", v => ReadAnnotations(v, image, width, height, budget))) ?? [];

    private IReadOnlyList<Annotation> ReadAnnotations(JsonValues v, CocoRecords.Image image, int width, int height, MaskBudget budget)
    {
        if (v.Has("id", out var id)) v = v.At($"annotation {JsonValues.Describe(id)}");
        if (_panoptic is not null) return _panoptic.Read(v, width, height, Category, Problems);
        (int, int)? claimed = image.Height is { } h && image.Width is { } w ? (h, w) : null;
        var category = Category(v);
        Rle mask = budget.Take(Segmentation.Read(v, height, width, Options.Rule ?? PolygonRule.Center, claimed, _areCorners), v.Element, v.Bad);
        var annotation = CocoRecords.ReadAnnotation(v, category, mask, _index.IsMarked) with { Written = Extent(v, category) };
        if (_hasParts && annotation.Part is not null) annotation = annotation with { Parent = new OwnFields(v, false).Integer(CocoPartNames.ObjectKey) };
        return [_noCrowds || _noPainted && !Segmentation.HasPolygons(v) ? annotation with { IsCrowd = false } : annotation];
    }

    private WrittenExtent Extent(JsonValues v, AnnotationCategory? category)
    {
        bool isBox = !Segmentation.IsThere(v);
        return new(BoxField.AsWritten(v, isBox && _areCorners), v.Has("area", out var area) ? JsonValues.FiniteNumber(area) : null, isBox, category);
    }

    /// <summary>The name of an annotation; one that the file does not declare is its number.</summary>
    private AnnotationCategory? Category(JsonValues v)
    {
        if (CocoKeys.Find(v, "category_id", CocoKeys.CategoryIds) is not { } value)
        {
            if (CocoKeys.Name(v, CocoKeys.CategoryNames) is not { } said)
            {
                v.Repaired("key 'category_id' is missing or not a whole number", "it has no name");
                return null;
            }
            v.Repaired("key 'category_id' is missing", "the name that stands in its place is taken");
            return _byName.GetValueOrDefault(NameBlanks.Tidy(said)) ?? new(0, said);
        }
        if (value.ValueKind == System.Text.Json.JsonValueKind.Array && value.GetArrayLength() > 0)
        {
            if (value.GetArrayLength() == 1) v.Repaired("category_id is a list of one", "what it holds is taken");
            else v.Repaired($"category_id is a list of {value.GetArrayLength()}", "the first is taken");
            value = value[0];
        }
        string? text = value.ValueKind == System.Text.Json.JsonValueKind.String ? JsonValues.AsText(value) : null;
        if (JsonValues.WholeNumber(value) is not { } id)
        {
            if (string.IsNullOrEmpty(text))
            {
                v.Repaired("key 'category_id' is missing or not a whole number", "it has no name");
                return null;
            }
            bool isNumber = JsonValues.FiniteNumber(value) is { } number && number == Math.Truncate(number) && Math.Abs(number) < 1L << 53;
            v.Repaired($"category_id is the text '{text}'", isNumber ? "the number is taken" : "it is taken as the name");
            if (!isNumber) return new(0, text);
            id = (long)JsonValues.FiniteNumber(value)!.Value;
        }
        if (_categories.TryGetValue(id, out var named)) return named;
        if (CocoKeys.Name(v, CocoKeys.CategoryNames) is { } called)
        {
            Problems.NotedOnce(File, "annotations say the names of their categories themselves", "these are taken");
            return new(id, called);
        }
        if (_categories.Count > 0) v.Repaired($"category_id {id} is not among the categories", $"it is called '{id}'");
        else Problems.NotedOnce(File, "no file tells the names of the categories", "they are called by their numbers");
        return new(id, FormattableString.Invariant($"{id}"));
    }

    private ImageLicense? LicenseOf(CocoRecords.Image image)
    {
        if (image.License is not { } id) return null;
        if (_licenses.TryGetValue(id, out var license)) return license;
        if (_set.IsMarked && _licenses.Count > 0) Problems.Repaired(_set.File, $"image {image.Id}", $"license {id} is not among the licenses", "it loses it");
        return null;
    }

    private IReadOnlyList<AnnotationCategory> AbsentIn(CocoRecords.Image image)
    {
        if (image.Absent.Count == 0) return [];
        int unknown = image.Absent.Count(id => !_categories.ContainsKey(id));
        if (unknown > 0)
            Problems.LeftOut(_set.File, $"image {image.Id}",
                $"{unknown} of its {CocoRecords.AbsentKey} {(unknown == 1 ? "is" : "are")} not among the categories");
        return [.. image.Absent.Distinct().Where(_categories.ContainsKey).Select(id => _categories[id])];
    }

    private List<T> All<T>(List<CocoIndex.Record> records, string section, Func<JsonValues, string?, T> read)
    {
        var all = new List<T>();
        for (int i = 0; i < records.Count; i++)
        {
            string? key = _set.KeyOf(records, i);
            if (Problems.TryRead(() => _set.Read(records[i], $"{section}[{i}]", v => read(v, key)), out var item)) all.Add(item);
        }
        return all;
    }

    /// <summary>An object without values, where only file and place are spoken of.</summary>
    private readonly struct EmptyObject
    {
        private static readonly System.Text.Json.JsonDocument Document = System.Text.Json.JsonDocument.Parse("{}");

        public System.Text.Json.JsonElement Element => Document.RootElement;
    }
}
