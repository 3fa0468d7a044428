using System.Globalization;
using SemanticSam.Foundation;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>What saved features do not belong to.</summary>
internal enum FeaturesError
{
    /// <summary>The model that is to answer on them is not the one that made them.</summary>
    OtherModel,

    /// <summary>The image given is not the one they were made of.</summary>
    OtherImage,
}

/// <summary>
/// A file of weights or of saved features may not be used: damaged, foreign, hostile, beyond a limit, or not of this model or image. The message says what
/// was found and what is allowed.
/// </summary>
public class CheckpointException : SemanticSamException
{
    /// <summary>Creates the exception; the message gets the file's name and, if known, the offset.</summary>
    /// <param name="file">Path of the file.</param>
    /// <param name="what">What was found, and what is allowed.</param>
    /// <param name="offset">Where in the file, in bytes; null when no place can be named.</param>
    /// <param name="inner">The cause, if another exception was.</param>
    public CheckpointException(string file, string what, long? offset = null, Exception? inner = null)
        : base(Compose(file, what, offset), inner)
    {
        File = file;
        What = what;
        Offset = offset;
    }

    /// <summary>Path of the file.</summary>
    public string File { get; }

    /// <summary>What was found and what is allowed, without the file's name.</summary>
    public string What { get; }

    /// <summary>Where in the file, in bytes, when known.</summary>
    public long? Offset { get; }

    /// <inheritdoc/>
    public override string Code => OfFeatures is { } reason ? CodeOf("features", reason) : "checkpoint_unreadable";

    /// <summary>For saved features that are sound and belong elsewhere: to what; else null.</summary>
    internal FeaturesError? OfFeatures { get; private init; }

    /// <summary>Saved features of another model or of another image, refused since the masks would be wrong without anyone seeing why.</summary>
    /// <param name="file">Path of the features.</param>
    /// <param name="error">What does not fit.</param>
    /// <param name="expected">What they should be of: name and SHA-256 of the model, or SHA-256 of the image.</param>
    /// <param name="found">What they are of, likewise.</param>
    internal static CheckpointException OtherFeatures(string file, FeaturesError error, string expected, string found) =>
        new(file, $"the features are of another {(error == FeaturesError.OtherModel ? "model" : "image")}: expected {expected}, found {found}. Encode the " +
            $"image again.")
        {
            OfFeatures = error,
        };

    private static string Compose(string file, string what, long? offset)
        => offset is { } at ? string.Create(CultureInfo.InvariantCulture, $"{file}: at byte {at}: {what}") : $"{file}: {what}";
}
