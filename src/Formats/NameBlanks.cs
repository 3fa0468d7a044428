using System.Text;
using SemanticSam.Foundation;

namespace SemanticSam.Formats;

/// <summary>
/// Names that differ in blanks alone are one: those around a name are taken away, and each run of them within is one space. Nobody sees such a difference, and
/// nobody means it. Letters of either case stay as they are: there are sets where "Mole" and "mole" are two classes.
/// </summary>
internal sealed class NameBlanks
{
    private readonly Dictionary<string, string> _spelled = []; // as each name was written first

    /// <summary>The name without needless blanks; the same text where it has none.</summary>
    public static string Tidy(string name) => IsTidy(name) ? name : Joined(name);

    /// <summary>The names of an image's annotations.</summary>
    public AnnotatedImage Of(AnnotatedImage image, string file, FormatReport report)
    {
        Annotation[]? tidied = null;
        for (int i = 0; i < image.Annotations.Count; i++)
        {
            var a = image.Annotations[i];
            var tidy = Of(a, file, report);
            if (!ReferenceEquals(a, tidy)) (tidied ??= [.. image.Annotations])[i] = tidy;
        }
        return tidied is null ? image : image with { Annotations = tidied };
    }

    /// <summary>The names that a set declares. Those that become alike stay beside each other, since each has its number.</summary>
    public IReadOnlyList<AnnotationCategory> Of(IReadOnlyList<AnnotationCategory> categories, string file, FormatReport report) =>
        [.. categories.Select(c => c with { Name = Name(c.Name, file, report), Supercategory = TidyOrNull(c.Supercategory) })];

    private Annotation Of(Annotation a, string file, FormatReport report)
    {
        AnnotationName? Named(AnnotationName? name) =>
            name is { } n && Name(n.Name, file, report) is { Length: > 0 } tidy ? n with { Name = tidy } : null;
        var (whole, part, family) = (Named(a.Whole), Named(a.Part), TidyOrNull(a.Supercategory));
        var written = a.Written.Category is { } category && !(IsTidy(category.Name) && IsTidy(category.Supercategory ?? ""))
            ? category with { Name = Tidy(category.Name), Supercategory = TidyOrNull(category.Supercategory) } : null;
        if (written is null && whole == a.Whole && part == a.Part && family == a.Supercategory) return a;
        return a with { Whole = whole, Part = part, Supercategory = family, Written = written is null ? a.Written : a.Written.Called(written) };
    }

    private string Name(string name, string file, FormatReport report)
    {
        string tidy = Tidy(name);
        if (!_spelled.TryAdd(tidy, name) && _spelled[tidy] is var first && first != name)
            report.NotedOnce(file, $"the names '{MessageText.Cut(first)}' and '{MessageText.Cut(name)}' differ in blanks alone", "they are one class");
        return tidy;
    }

    private static string? TidyOrNull(string? name) => name is null || Tidy(name) is not { Length: > 0 } tidy ? null : tidy;

    private static bool IsTidy(string name)
    {
        for (int i = 0; i < name.Length; i++)
            if (IsBlank(name[i]) && (name[i] != ' ' || i == 0 || i == name.Length - 1 || name[i - 1] == ' ')) return false;
        return true;
    }

    private static string Joined(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (char c in name)
            if (!IsBlank(c)) text.Append(c);
            else if (text.Length > 0 && text[^1] != ' ') text.Append(' ');
        if (text.Length > 0 && text[^1] == ' ') text.Length--;
        return text.ToString();
    }

    /// <summary>White space, and the marks of byte orders that editors leave within texts.</summary>
    private static bool IsBlank(char c) => char.IsWhiteSpace(c) || c == '\uFEFF';
}
