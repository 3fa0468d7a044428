using SemanticSam.Formats;
using SemanticSam.Granularity.Nano;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Training.Data;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano.Teaching;

/// <summary>What a name reaches on some images.</summary>
/// <param name="Name">The name.</param>
/// <param name="Iou">Mean IoU over the images that show it; null for none.</param>
/// <param name="Images">Images that show it.</param>
/// <param name="Absent">Share of the other images in which it is answered; null for none.</param>
internal sealed record NameFigures(string Name, double? Iou, int Images, double? Absent);

/// <summary>Measures names on images all of whose names are annotated.</summary>
internal static class NameMeasure
{
    private const double PixelThreshold = -0.5, NameThreshold = 0.45, PresenceThreshold = 0.1;

    /// <summary>Asks every name of every image.</summary>
    /// <param name="model">The network.</param>
    /// <param name="images">The images.</param>
    /// <param name="readable">Leaves out those that cannot be decoded.</param>
    /// <param name="names">The names, and the sentence embedding of each, [1, width].</param>
    /// <param name="size">Longer side at which images are encoded.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="cancellation">Stops between two images.</param>
    public static IReadOnlyList<NameFigures> Run(NanoModel model, IReadOnlyList<AnnotatedImage> images, ReadableImages readable,
        IReadOnlyList<(string Name, Tensor Sentence)> names, int size, Device device, CancellationToken cancellation)
    {
        var ious = names.ToDictionary(n => n.Name, _ => new List<double>());
        var absent = names.ToDictionary(n => n.Name, _ => new List<double>());
        foreach (var image in images)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            if (readable.Decode(image, path => ImageDecoder.Decode(path, ImageDecoderOptions.Whole)) is not { } photo) continue;
            using var encoded = new NanoEncoding(model, photo, size, device);
            foreach (var (name, sentence) in names)
            {
                var (mask, presence) = NameAnswer.Of(encoded, sentence, PixelThreshold, NameThreshold);
                if (presence < PresenceThreshold) mask = null;
                Rle[] truth = [.. image.Annotations.Where(a => a.Category == name).Select(a => a.Mask).Where(m => !m.IsEmpty)];
                if (truth.Length > 0) ious[name].Add(mask?.IoU(Rle.Merge(truth)) ?? 0);
                else absent[name].Add(mask is null ? 0 : 1);
            }
        }
        return [.. names.Select(n => new NameFigures(n.Name, Mean(ious[n.Name]), ious[n.Name].Count, Mean(absent[n.Name])))];

        static double? Mean(List<double> values) => values.Count == 0 ? null : values.Average();
    }
}
