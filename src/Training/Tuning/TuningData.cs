using SemanticSam.Formats;
using SemanticSam.Masks;
using SemanticSam.Training.Data;

namespace SemanticSam.Training.Tuning;

/// <summary>An image to tune with.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Name">What messages call it.</param>
/// <param name="Masks">Of its instances, none of them empty.</param>
/// <param name="Labels">Index of the class of each.</param>
internal sealed record TuningImage(string Path, string Name, IReadOnlyList<Rle> Masks, IReadOnlyList<int> Labels);

/// <summary>Annotated images with classes. What cannot be used is told and left out, so that one bad file does not end a training.</summary>
internal sealed class TuningData
{
    private const int MostTold = 20;

    private TuningData(IReadOnlyList<TuningImage> images, IReadOnlyList<string> classes, int leftOut) =>
        (Images, Classes, LeftOut) = (images, classes, leftOut);

    /// <summary>Those with at least one instance.</summary>
    public IReadOnlyList<TuningImage> Images { get; }

    /// <summary>Names by index, in the order of the set's own numbers.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>How many images and annotations the set has that nothing is learned from, because of a fault.</summary>
    public int LeftOut { get; }

    /// <summary>Instances of all images.</summary>
    public int Instances => Images.Sum(i => i.Masks.Count);

    /// <summary>Reads annotations.</summary>
    /// <param name="annotations">File or folder of any format that can be read.</param>
    /// <param name="images">Folder of the images.</param>
    /// <param name="say">Told of everything that is left out, and of classes without instances.</param>
    /// <exception cref="TuningException">Nothing is left to learn from.</exception>
    /// <exception cref="AnnotationFileException">The set as a whole cannot be read.</exception>
    /// <exception cref="FileNotFoundException">There is nothing of that name.</exception>
    public static TuningData Load(string annotations, string images, Action<string> say)
    {
        if (!Directory.Exists(images)) throw new DirectoryNotFoundException($"'{images}' is not a folder.");
        var told = new Limited(say);
        int leftOut = 0;
        using var reader = AnnotationFiles.Open(annotations, options: new() { Images = images, Problem = Heard });
        var names = reader.Categories.OrderBy(c => c.Id).Select(c => c.Name).Distinct().ToList();
        var index = names.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => p.i);
        var found = new List<TuningImage>();
        var (read, nameless) = (0, 0);
        foreach (var image in reader.Read())
        {
            read++;
            var (masks, labels) = (new List<Rle>(), new List<int>());
            foreach (var annotation in image.Annotations)
            {
                if (annotation.IsCrowd || annotation.Mask.Area == 0) continue;
                if (annotation.Category is not { } name)
                {
                    nameless++;
                    continue;
                }
                if (!index.TryGetValue(name, out int label))
                {
                    index[name] = label = names.Count;
                    names.Add(name);
                }
                masks.Add(annotation.Mask);
                labels.Add(label);
            }
            if (masks.Count == 0) continue;
            if (ReadableImages.WhyNot(image) is { } why)
            {
                told.Say($"{image.FileName}: {why}; it is left out.");
                leftOut++;
            }
            else found.Add(new(image.Path!, image.FileName, masks, labels));
        }
        told.Finish();
        if (nameless > 0) say($"{nameless} annotations have no name and are left out.");
        if (found.Count == 0)
            throw new TuningException(
                $"There is nothing to learn from in '{annotations}': of {read} images none has an annotation with a name and a mask and lies in '{images}'.");
        var used = found.SelectMany(i => i.Labels).ToHashSet();
        if (Enumerable.Range(0, names.Count).Where(c => !used.Contains(c)).Select(c => names[c]).ToArray() is { Length: > 0 } unused)
            say($"no instance of {string.Join(", ", unused)}: {(unused.Length == 1 ? "this class" : "these classes")} will not be found.");
        return new(found, names, leftOut + nameless);

        void Heard(FormatProblem problem)
        {
            told.Say(problem.ToString());
            if (problem.IsLoss) leftOut++;
        }
    }

    /// <summary>Tells the first problems one by one and the rest as a number.</summary>
    private sealed class Limited(Action<string> say)
    {
        private int _count;

        public void Say(string problem)
        {
            if (_count++ < MostTold) say(problem);
        }

        public void Finish()
        {
            if (_count > MostTold) say($"{_count - MostTold} more problems of the same kinds.");
        }
    }
}
