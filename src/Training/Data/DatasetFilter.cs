using SemanticSam.Formats;

namespace SemanticSam.Training.Data;

/// <summary>Which images of a <see cref="WholePartDataset"/> to take, by the classes of their licenses. By default all.</summary>
internal sealed record DatasetFilter
{
    /// <summary>Word for all of <see cref="PermissiveClasses"/>.</summary>
    internal const string Permissive = "permissive";

    private const string NotStated = "not stated";

    /// <summary>Leaves out what is for research only: the license classes "research" and "research-upstream".</summary>
    public static DatasetFilter NotResearch { get; } = new() { WithoutLicenses = new HashSet<string> { "research", "research-upstream" } };

    /// <summary>Leaves in what is under terms that allow any use with attribution: Apache, MIT, BSD, CC BY, public domain, and COCO's.</summary>
    public static IReadOnlySet<string> PermissiveClasses { get; } = new HashSet<string> { "Apache-2.0", "MIT", "BSD", "CC-BY-4.0", "public-domain",
        "COCO-upstream" };

    /// <summary>License classes to take ("not stated" for images without one); null takes any.</summary>
    public IReadOnlySet<string>? OnlyLicenses { get; init; }

    /// <summary>License classes to leave out.</summary>
    public IReadOnlySet<string> WithoutLicenses { get; init; } = new HashSet<string>();

    /// <summary>What decides instead of licenses; null for nothing.</summary>
    public Func<AnnotatedImage, bool>? Chosen { get; init; }

    /// <summary>Takes license classes by name; "permissive" stands for all of <see cref="PermissiveClasses"/>.</summary>
    internal static DatasetFilter Of(IEnumerable<string> names) =>
        new() { OnlyLicenses = names.SelectMany<string, string>(n => n == Permissive ? PermissiveClasses : [n]).ToHashSet() };

    /// <summary>What it takes, in words.</summary>
    public override string ToString() => Chosen is not null ? "chosen by the program"
        : (OnlyLicenses is null ? "all" : string.Join(", ", OnlyLicenses.Order(StringComparer.Ordinal)))
        + (WithoutLicenses.Count == 0 ? "" : $" but {string.Join(", ", WithoutLicenses.Order(StringComparer.Ordinal))}");

    /// <summary>Whether the image passes.</summary>
    public bool Takes(AnnotatedImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (Chosen is not null) return Chosen(image);
        string license = image.License?.Name ?? NotStated;
        return OnlyLicenses?.Contains(license) != false && !WithoutLicenses.Contains(license);
    }
}
