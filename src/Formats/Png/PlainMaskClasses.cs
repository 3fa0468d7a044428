namespace SemanticSam.Formats.Png;

/// <summary>
/// What the values of masks are called whose pixels are numbers of classes: name i is value i, or, where a list does not begin with the background's, i + 1.
/// </summary>
internal sealed class PlainMaskClasses
{
    private const int Void = 255, Light = 200;

    private readonly SortedDictionary<int, string> _names;
    private readonly FormatReport _problems;
    private readonly int _first; // the value of the first name
    private readonly bool _zero; // whether value 0 is a class

    /// <param name="names">By value, or by place in a list.</param>
    /// <param name="problems">Told of what is assumed.</param>
    /// <param name="set">What messages call the set.</param>
    /// <param name="values">The values of all masks, where a list of names is to be counted by them; null where names are those of values.</param>
    public PlainMaskClasses(SortedDictionary<int, string> names, FormatReport problems, string set, Func<IReadOnlySet<ushort>>? values)
    {
        (_names, _problems) = (names, problems);
        if (values is null || names.Count < 2 || names.Keys.Last() != names.Count - 1 || BackgroundNames.MayBeFirst(names[0])) return;
        var all = values();
        if (all.Contains((ushort)names.Count))
        {
            _first = 1;
            problems.Noted(set, "",
                $"masks have the value {names.Count}, and {names.Count} names are given, the first of which, '{names[0]}', is no background",
                "names count from 1");
        }
        else if (!all.Contains(0)) return;
        else if (all.Contains(Void) && all.Contains((ushort)(names.Count - 1)))
        {
            _zero = true;
            problems.Noted(set, "", $"values of masks go to {names.Count - 1}, 255 stands beside them, and the first of {names.Count} names, "
                + $"'{names[0]}', is no background", $"0 is taken as '{names[0]}'");
        }
        else
            problems.Noted(set, "", $"the first name, '{names[0]}', is no background, and it would be that of the value 0",
                "0 is left out as background; a list that counts from 1 has to begin with a line 'background'");
    }

    /// <summary>How many names there are.</summary>
    private int Count => _names.Count;

    /// <summary>Whether there is one class to tell from the background.</summary>
    private bool IsOne => Count == 1 || Count == 2 && _names.ContainsKey(0) && BackgroundNames.MayBeFirst(_names[0]);

    /// <summary>A mask for each class of an image.</summary>
    /// <param name="file">What messages call it.</param>
    /// <param name="values">[height, width].</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="isLossy">Whether values are only near to those that were written.</param>
    public IReadOnlyList<Annotation> Annotations(string file, ushort[] values, int height, int width, bool isLossy)
    {
        if (isLossy)
        {
            if (!MayHalve(file)) return [];
            Halve(values);
        }
        var masks = new IndexMasks(values, height, width);
        if (masks.Values.Contains(ushort.MaxValue) && masks.Values.All(v => v is 0 or ushort.MaxValue)) // white of 16 bits
        {
            Halve(values);
            masks = new(values, height, width);
        }
        // A mask of one class is 0 and 255 in most programs, or 0 and 1.
        if (masks.Values.All(v => v is 0 or Void) && masks.Values.Contains(Void))
        {
            if (Count <= 2 && Count > 0) return One(file, "its only values are 0 and 255", Void);
            _problems.LeftOut(file, "", $"its only values are 0 and 255, and {Count} names are given; 255 is void",
                "nothing is taken from it; for a mask of one class give the names of background and that class");
        }
        if (IsOne && masks.Values.Where(v => v is not (0 or Void)).ToArray() is { Length: > 0 } others && !others.Any(v => v > 0 && IsKnown(v)))
        {
            if (others is [1])
                return One(file, masks.Values.Contains(Void) ? "its only values besides void, 255, are 0 and 1, and one name is given"
                    : "its only values are 0 and 1, and one name is given", 1);
            if (others is [var only] && !masks.Values.Contains(Void)) return One(file, $"its only value besides 0 is {only}, and one name is given", only);
            if (masks.Values.Max() >= Light && masks.Values.Max() <= Void)
            {
                Halve(values);
                masks = new(values, height, width);
                return One(file, "it has many values between 0 and 255, as masks have that were resized smoothly, and one name is given", Void,
                    "what is lighter than half is");
            }
        }
        var annotations = new List<Annotation>();
        foreach (ushort value in masks.Values.Where(v => v != Void && (v != 0 || _zero)).Order())
        {
            if (!IsKnown(value)) _problems.Repaired(file, "", $"the value {value} has no name; there are {Count} names", $"it is called '{value}'");
            annotations.Add(new() { Mask = masks[value], Whole = new(_names.GetValueOrDefault(value - _first) ?? $"{value}") });
        }
        return annotations;

        IReadOnlyList<Annotation> One(string at, string what, ushort value, string? how = null)
        {
            string name = _names.Values.Last();
            _problems.NotedOnce(at, what, $"{how ?? $"{value} is taken as"} '{name}'");
            return masks[value] is { IsEmpty: false } mask ? [new() { Mask = mask, Whole = new(name) }] : [];
        }
    }

    private bool IsKnown(ushort value) => _names.ContainsKey(value - _first);

    /// <summary>A JPEG's values tell black from white and no class from another.</summary>
    private bool MayHalve(string file)
    {
        if (Count > 2)
        {
            _problems.LeftOut(file, "", $"it is a JPEG, which changes the values of pixels, so {Count} names cannot be told apart",
                "nothing is taken from it; save such masks as PNGs, from what they were made of");
            return false;
        }
        _problems.NotedOnce(file, "it is a JPEG, which changes the values of pixels", "what is lighter than half is the class");
        return true;
    }

    private static void Halve(ushort[] values)
    {
        for (int i = 0; i < values.Length; i++) values[i] = values[i] > Void / 2 ? (ushort)Void : (ushort)0;
    }
}
