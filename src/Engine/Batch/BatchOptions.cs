using System.Text.Json.Nodes;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Overlays;

namespace SemanticSam.Engine.Batch;

/// <summary>How a batch runs.</summary>
public sealed record BatchOptions
{
    /// <summary>
    /// What is asked, in the caller's words ("overlays" is added); becomes part of the manifest, so that a batch is resumed with the same question only.
    /// </summary>
    public required JsonObject Description { get; init; }

    /// <summary>The part of the input that is done.</summary>
    internal Shard Shard { get; init; } = Shard.Whole;

    /// <summary>Pixels of the largest image; larger ones fail.</summary>
    internal long MaxPixels { get; init; } = ImageDecoderOptions.Default.MaxPixels;

    /// <summary>How the overlay of an item looks and what it marks, where null takes the defaults; no overlays are written where this is null.</summary>
    public Func<BatchItem, OverlayOptions?>? Overlays { get; init; }

    /// <summary>What a user should know of an item that was answered just now, a sentence each; becomes part of its result.</summary>
    internal Func<BatchItem, ImageSession, IReadOnlyList<string>> Notices { get; init; } = (_, _) => [];

    /// <summary>Told the notices of an item that has some: of its image, then those of <see cref="Notices"/>.</summary>
    internal Action<BatchItem, IReadOnlyList<string>> Noticed { get; init; } = (_, _) => { };

    /// <summary>From an exception to the message of an error line.</summary>
    internal Func<Exception, string> Message { get; init; } = e => e.Message;

    /// <summary>Wraps the writing of a result, which must not be cut in the middle.</summary>
    internal Action<Action> Uncut { get; init; } = write => write();

    /// <summary>Images that are read ahead, 1 to 64.</summary>
    public int Ahead { get; init; } = 2;

    /// <summary>Bytes that images read ahead may take; a larger image is read when nothing else waits.</summary>
    public long AheadBytes { get; init; } = 512L << 20;

    internal void Validate()
    {
        if (Ahead is < 1 or > 64) throw new ArgumentOutOfRangeException(nameof(Ahead), Ahead, "1 to 64 images are read ahead.");
        ArgumentOutOfRangeException.ThrowIfLessThan(AheadBytes, 1);
    }
}
