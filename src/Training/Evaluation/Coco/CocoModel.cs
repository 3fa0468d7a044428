using SemanticSam.Engine;
using SemanticSam.Formats;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Training.Data;

namespace SemanticSam.Training.Evaluation.Coco;

/// <summary>Makes a detector of a model: every image is asked every name; a model that finds instances by itself is not asked.</summary>
internal static class CocoModel
{
    /// <summary>What a model finds.</summary>
    /// <param name="model">It has to know names.</param>
    /// <param name="set">The images, and the names in the order of <see cref="CocoDetection.Class"/>.</param>
    /// <param name="readable">Leaves out images that cannot be decoded.</param>
    /// <param name="progress">Told the share of images done.</param>
    /// <param name="cancellation">Stops between two images.</param>
    /// <returns>The set without what was left out, and what was found, by image id.</returns>
    public static (CocoSet Seen, ILookup<long, CocoDetection> Found) Detect(SegmentationModel model, CocoSet set, ReadableImages readable,
        IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var (images, classes) = set;
        // Names in data sets are written as identifiers: storage_tank.
        Prompt[] prompts = [.. classes.Select(c => Prompt.Named(c.Name.Replace('_', ' ')))];
        var found = new List<(long Image, CocoDetection Detection)>();
        var seen = new List<CocoImage>();
        for (int i = 0; i < images.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (readable.Decode(images[i].FileName, images[i].Path, path => ImageDecoder.Decode(path)) is not { } photo) continue;
            seen.Add(images[i]);
            using var session = model.Open(photo);
            if (model.FindsUnasked)
            {
                found.AddRange(Unasked(session, classes).Select(d => (images[i].Id, d)));
                progress?.Report((i + 1.0) / images.Count);
                continue;
            }
            for (int c = 0; c < prompts.Length; c++)
                found.AddRange(Answer(session, prompts[c]).Select(r =>
                    (images[i].Id, CocoDetection.Of(c, r.Part?.Score ?? r.Whole?.Score ?? r.PredictedIou, r.Mask))));
            progress?.Report((i + 1.0) / images.Count);
        }
        if (seen.Count == 0 && images.Count > 0) throw new AnnotationFileException("the images", "", $"none of the {images.Count} can be opened");
        return (set with { Images = seen }, found.ToLookup(f => f.Image, f => f.Detection));
    }

    /// <summary>Whatever the model finds, however unsure it is: how sure it is decides the order, and thereby the curve.</summary>
    private static IEnumerable<CocoDetection> Unasked(ImageSession session, IReadOnlyList<AnnotationCategory> classes)
    {
        var index = classes.Select((c, i) => (c.Name, i)).ToDictionary(p => p.Name, p => p.i);
        foreach (var mask in session.CollectEverything(new() { PredictedIouThreshold = 0 }).GetAwaiter().GetResult())
            if (mask.Whole is { } label && index.TryGetValue(label.Label, out int c)) yield return CocoDetection.Of(c, label.Score, mask.Mask, mask.FoundBox);
    }

    private static IReadOnlyList<MaskResult> Answer(ImageSession session, Prompt prompt)
    {
        try
        {
            return session.Segment(prompt);
        }
        catch (PromptException)
        {
            return []; // a model may say that it does not know a name
        }
    }
}
