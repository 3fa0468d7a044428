using SemanticSam.Foundation;

namespace SemanticSam.Engine;

/// <summary>What saved features do not belong to.</summary>
public enum FeaturesMismatch
{
    /// <summary>The model that is to answer on them is not the one that made them.</summary>
    Model,

    /// <summary>The image given is not the one they were made of.</summary>
    Image,
}

/// <summary>Saved features are of another model or of another image. Refused, since the masks would be wrong without anyone seeing why.</summary>
public sealed class FeaturesMismatchException : SemanticSamException
{
    internal FeaturesMismatchException(string file, FeaturesMismatch kind, string expected, string found)
        : base($"{file}: the features are of another {(kind == FeaturesMismatch.Model ? "model" : "image")}: expected {expected}, found {found}. Encode the image again.") =>
        (File, Kind, Expected, Found) = (file, kind, expected, found);

    /// <summary>Path of the features.</summary>
    public string File { get; }

    /// <summary>What does not fit.</summary>
    public FeaturesMismatch Kind { get; }

    /// <summary>What the features should be of: name and SHA-256 of the model, or SHA-256 of the image.</summary>
    public string Expected { get; }

    /// <summary>What they are of, likewise.</summary>
    public string Found { get; }
}
