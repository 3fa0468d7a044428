using System.Text;
using System.Text.Json;

namespace SemanticSam.Training.Data;

/// <summary>
/// Reads one annotation file in one pass, without building a document. Sections may come in any order, so records are linked
/// afterwards, by <see cref="WholePartLinker"/>.
/// </summary>
internal ref struct WholePartReader
{
    private readonly string _file;
    private JsonPump _json;
    private string _where = "";

    private WholePartReader(string file, Stream stream)
    {
        _file = file;
        _json = new(stream);
    }

    /// <summary>The records of a file, not yet linked.</summary>
    /// <exception cref="InvalidDataException">Not JSON, or not this format; the message names the file and the place.</exception>
    public static WholePartFile Read(string file, Stream stream)
    {
        var reader = new WholePartReader(file, stream);
        try
        {
            return reader.ReadFile();
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file}: after {(reader._where.Length == 0 ? "the start" : reader._where)}: not valid JSON: {e.Message}", e);
        }
    }

    private WholePartFile ReadFile()
    {
        var result = new WholePartFile(_file);
        bool images = false, annotations = false, categories = false;
        if (!_json.Read() || _json.Token != JsonTokenType.StartObject) throw Bad("a JSON object is expected");
        while (_json.Read() && _json.Token == JsonTokenType.PropertyName)
        {
            if (_json.NameIs("licenses"u8)) ReadList("licenses", result, static (ref r, f) => f.Licenses.Add(r.ReadLicense()));
            else if (_json.NameIs("images"u8)) images = ReadList("images", result, static (ref r, f) => f.Images.Add(r.ReadImage()));
            else if (_json.NameIs("categories"u8)) categories = ReadList("categories", result, static (ref r, f) => f.Categories.Add(r.ReadCategory()));
            else if (_json.NameIs("annotations"u8)) annotations = ReadList("annotations", result, static (ref r, f) => f.Annotations.Add(r.ReadAnnotation()));
            else
            {
                _json.Read();
                _json.Skip();
            }
        }
        _json.Read(); // anything behind the object is an error of JSON
        _where = "";
        if (!images) throw Bad("key 'images' is missing");
        if (!annotations) throw Bad("key 'annotations' is missing");
        if (!categories) throw Bad("key 'categories' is missing");
        return result;
    }

    private delegate void Add(ref WholePartReader reader, WholePartFile file);

    private bool ReadList(string name, WholePartFile file, Add add)
    {
        _where = name;
        _json.Read();
        if (_json.Token != JsonTokenType.StartArray) throw Bad("a list is expected");
        for (int i = 0; _json.Read() && _json.Token != JsonTokenType.EndArray; i++)
        {
            _where = $"{name}[{i}]";
            if (_json.Token != JsonTokenType.StartObject) throw Bad("an object is expected");
            add(ref this, file);
        }
        return true;
    }

    private DataLicense ReadLicense()
    {
        long? id = null;
        string? name = null, source = null, statement = null;
        while (NextKey())
        {
            if (_json.NameIs("id"u8)) id = Integer("id");
            else if (_json.NameIs("name"u8)) name = String("name");
            else if (_json.NameIs("source"u8)) source = String("source");
            else if (_json.NameIs("statement"u8)) statement = String("statement");
            else SkipValue();
        }
        return new(Need(id, "id"), Need(name, "name"), source, statement);
    }

    private RawImage ReadImage()
    {
        long? id = null, width = null, height = null, license = null;
        string? name = null, source = null;
        while (NextKey())
        {
            if (_json.NameIs("id"u8)) id = Integer("id");
            else if (_json.NameIs("width"u8)) width = Integer("width");
            else if (_json.NameIs("height"u8)) height = Integer("height");
            else if (_json.NameIs("license"u8)) license = Integer("license");
            else if (_json.NameIs("file_name"u8)) name = String("file_name");
            else if (_json.NameIs("source"u8)) source = String("source");
            else SkipValue();
        }
        name = Need(name, "file_name");
        if (name.Length == 0 || Path.IsPathRooted(name) || name.Split('/', '\\').Contains(".."))
            throw Bad($"file_name '{name}' has to be a path below the folder of pictures");
        return new(Need(id, "id"), name, Side(width, "width"), Side(height, "height"), source, license);
    }

    private DataCategory ReadCategory()
    {
        long? id = null;
        string? name = null, super = null, level = null;
        while (NextKey())
        {
            if (_json.NameIs("id"u8)) id = Integer("id");
            else if (_json.NameIs("name"u8)) name = String("name");
            else if (_json.NameIs("supercategory"u8)) super = String("supercategory");
            else if (_json.NameIs("level"u8)) level = String("level");
            else SkipValue();
        }
        return new(Need(id, "id"), Need(name, "name"), super, level is null ? AnnotationLevel.Whole : Level(level));
    }

    private RawAnnotation ReadAnnotation()
    {
        var a = new RawAnnotation();
        while (NextKey())
        {
            if (_json.NameIs("id"u8))
            {
                a.Id = Integer("id");
                _where = $"annotation {a.Id}";
            }
            else if (_json.NameIs("image_id"u8)) a.ImageId = Integer("image_id");
            else if (_json.NameIs("category_id"u8)) a.CategoryId = Integer("category_id");
            else if (_json.NameIs("segmentation"u8)) ReadSegmentation(a);
            else if (_json.NameIs("bbox"u8)) a.Box = ReadBox();
            else if (_json.NameIs("area"u8)) a.Area = Number("area");
            else if (_json.NameIs("iscrowd"u8)) a.IsCrowd = Flag("iscrowd");
            else if (_json.NameIs("level"u8)) a.Level = Level(String("level"));
            else if (_json.NameIs("parent"u8)) a.Parent = OptionalInteger("parent");
            else if (_json.NameIs("derived"u8)) a.IsDerived = Flag("derived");
            else if (_json.NameIs("weak"u8)) a.IsWeak = Flag("weak");
            else if (_json.NameIs("kind"u8)) a.Kind = Kind(String("kind"));
            else SkipValue();
        }
        Need(a.Id, "id");
        Need(a.ImageId, "image_id");
        Need(a.CategoryId, "category_id");
        Need(a.Level, "level");
        Need(a.Area, "area");
        Need(a.Box, "bbox");
        if (a.Text is null && a.Counts is null) throw Bad("key 'segmentation' is missing");
        return a;
    }

    private void ReadSegmentation(RawAnnotation a)
    {
        _json.Read();
        if (_json.Token != JsonTokenType.StartObject) throw Bad("segmentation: run lengths {\"size\", \"counts\"} are expected");
        List<double>? size = null;
        while (NextKey())
        {
            if (_json.NameIs("size"u8)) size = Numbers("segmentation.size");
            else if (_json.NameIs("counts"u8))
            {
                _json.Read();
                if (_json.Token == JsonTokenType.String) a.Text = Encoding.UTF8.GetBytes(_json.Text);
                else a.Counts = [.. NumbersHere("segmentation.counts").Select(v => (int)v)];
            }
            else SkipValue();
        }
        if (size is null) throw Bad("key 'segmentation.size' is missing");
        if (a.Text is null && a.Counts is null) throw Bad("key 'segmentation.counts' is missing");
        if (size is not [>= 1 and <= int.MaxValue, >= 1 and <= int.MaxValue])
            throw Bad($"segmentation.size is [{string.Join(", ", size)}], [height, width] is expected");
        (a.Height, a.Width) = ((int)size[0], (int)size[1]);
    }

    private (double, double, double, double) ReadBox()
    {
        var box = Numbers("bbox");
        return box.Count == 4 ? (box[0], box[1], box[2], box[3]) : throw Bad($"bbox has {box.Count} numbers, [x, y, width, height] is expected");
    }

    private bool NextKey() => _json.Read() && _json.Token == JsonTokenType.PropertyName;

    private void SkipValue()
    {
        _json.Read();
        _json.Skip();
    }

    private long Integer(string key)
    {
        _json.Read();
        return _json.TryGetInt64(out long value) ? value : throw Bad($"{key} has to be a whole number");
    }

    private long? OptionalInteger(string key)
    {
        _json.Read();
        return _json.Token == JsonTokenType.Null ? null : _json.TryGetInt64(out long value) ? value : throw Bad($"{key} has to be a whole number");
    }

    private double Number(string key)
    {
        _json.Read();
        return _json.TryGetDouble(out double value) ? value : throw Bad($"{key} has to be a number");
    }

    private string String(string key)
    {
        _json.Read();
        return _json.Token == JsonTokenType.String ? _json.Text : throw Bad($"{key} has to be a text");
    }

    private bool Flag(string key)
    {
        _json.Read();
        return _json.Token switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False or JsonTokenType.Null => false,
            _ => _json.TryGetInt64(out long value) && value is 0 or 1 ? value == 1 : throw Bad($"{key} has to be true, false, 0 or 1"),
        };
    }

    private List<double> Numbers(string key)
    {
        _json.Read();
        return NumbersHere(key);
    }

    private List<double> NumbersHere(string key)
    {
        if (_json.Token != JsonTokenType.StartArray) throw Bad($"{key} has to be a list of numbers");
        var numbers = new List<double>();
        while (_json.Read() && _json.Token != JsonTokenType.EndArray)
            numbers.Add(_json.TryGetDouble(out double v) && Math.Abs(v) <= int.MaxValue ? v : throw Bad($"{key} has to be a list of numbers"));
        return numbers;
    }

    private int Side(long? value, string key) =>
        Need(value, key) is >= 1 and <= int.MaxValue ? (int)value!.Value : throw Bad($"{key} is {value}; it has to be at least 1");

    private AnnotationLevel Level(string text) => text switch
    {
        "whole" => AnnotationLevel.Whole,
        "part" => AnnotationLevel.Part,
        "stuff" => AnnotationLevel.Stuff,
        "region" => AnnotationLevel.Region,
        _ => throw Bad($"level is '{text}'; whole, part, stuff and region are known"),
    };

    private AnnotationKind Kind(string text) => text switch
    {
        "component" => AnnotationKind.Component,
        "group" => AnnotationKind.Group,
        "coarse" => AnnotationKind.Coarse,
        "medium" => AnnotationKind.Medium,
        "fine" => AnnotationKind.Fine,
        _ => throw Bad($"kind is '{text}'; component, group, coarse, medium and fine are known"),
    };

    private T Need<T>(T? value, string key) where T : struct => value ?? throw Bad($"key '{key}' is missing");

    private string Need(string? value, string key) => value ?? throw Bad($"key '{key}' is missing");

    private InvalidDataException Bad(string what) => new($"{_file}: {(_where.Length == 0 ? "" : _where + ": ")}{what}.");
}
