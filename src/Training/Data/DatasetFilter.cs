namespace SemanticSam.Training.Data;

/// <summary>Which images and annotations of a <see cref="WholePartDataset"/> to take. By default all.</summary>
public sealed record DatasetFilter
{
    /// <summary>Leaves out what is for research only: the license classes "research" and "research-upstream".</summary>
    public static DatasetFilter NotResearch { get; } = new() { WithoutLicenses = new HashSet<string> { "research", "research-upstream" } };

    /// <summary>Takes only what is plainly permissive: MIT, BSD, Apache-2.0, CC-BY-4.0 and public domain.</summary>
    public static DatasetFilter Permissive { get; } = new()
    {
        OnlyLicenses = new HashSet<string> { "MIT", "BSD", "Apache-2.0", "CC-BY-4.0", "public-domain" },
    };

    /// <summary>License classes to take; null takes any.</summary>
    public IReadOnlySet<string>? OnlyLicenses { get; init; }

    /// <summary>License classes to leave out.</summary>
    public IReadOnlySet<string> WithoutLicenses { get; init; } = new HashSet<string>();

    /// <summary>Sources to take; null takes any.</summary>
    public IReadOnlySet<string>? OnlySources { get; init; }

    /// <summary>Sources to leave out.</summary>
    public IReadOnlySet<string> WithoutSources { get; init; } = new HashSet<string>();

    /// <summary>Levels to take; null takes any.</summary>
    public IReadOnlySet<AnnotationLevel>? OnlyLevels { get; init; }

    /// <summary>Whether to take approximate masks.</summary>
    public bool Weak { get; init; } = true;

    /// <summary>Whether to take unions of other masks.</summary>
    public bool Derived { get; init; } = true;

    /// <summary>Smallest area, pixels.</summary>
    public double LeastArea { get; init; }

    /// <summary>Whether the image passes.</summary>
    public bool Takes(DataImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        string license = image.License?.Name ?? "not stated", source = image.Source ?? "";
        return OnlyLicenses?.Contains(license) != false && !WithoutLicenses.Contains(license)
            && OnlySources?.Contains(source) != false && !WithoutSources.Contains(source);
    }

    /// <summary>Whether the annotation passes.</summary>
    public bool Takes(DataAnnotation annotation)
    {
        ArgumentNullException.ThrowIfNull(annotation);
        return OnlyLevels?.Contains(annotation.Level) != false && (Weak || !annotation.IsWeak) && (Derived || !annotation.IsDerived)
            && annotation.Area >= LeastArea;
    }
}
