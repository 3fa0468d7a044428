using SemanticSam.Formats;
using SemanticSam.Granularity.Layers;
using SemanticSam.Imaging;
using SemanticSam.Training.Data;

namespace SemanticSam.Training.Samples;

/// <summary>Makes samples of a data set. A sample depends on its seed alone, so that a training can go on where it stopped.</summary>
internal sealed class SampleBuilder
{
    private const int Views = 4, Tries = 100;

    private readonly WholePartDataset _data;
    private readonly NameSampler _names;
    private readonly PixelStatistics _statistics;
    private readonly ReadableImages _readable;

    /// <summary>Counts the names of the data set.</summary>
    /// <param name="data">At least one image.</param>
    /// <param name="options">Sizes and numbers.</param>
    /// <param name="pixelMean">Of red, green, blue, on the scale 0..255.</param>
    /// <param name="pixelStd">Of red, green, blue.</param>
    /// <param name="readable">Leaves out images that cannot be decoded; null where the first of them ends the work.</param>
    /// <exception cref="ArgumentException">The data set has no image, or an option is out of range.</exception>
    public SampleBuilder(WholePartDataset data, SampleOptions options, IReadOnlyList<float> pixelMean, IReadOnlyList<float> pixelStd,
        ReadableImages? readable = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (data.Images.Count == 0)
            throw new ArgumentException("There is no image to train on: the data set, or what the licenses leave of it, is empty.", nameof(data));
        (_data, Options, _names, _readable) = (data, options, new NameSampler(data), readable ?? new(null));
        _statistics = new(pixelMean, pixelStd);
    }

    /// <summary>Sizes and numbers.</summary>
    public SampleOptions Options { get; }

    /// <summary>A sample of one image, or of another where none of its masks can be seen, or it cannot be decoded.</summary>
    /// <param name="index">Which image.</param>
    /// <param name="seed">Decides everything else.</param>
    /// <exception cref="AnnotationFileException">An image cannot be decoded, and nobody is told.</exception>
    /// <exception cref="InvalidDataException">A mask is damaged, or no image shows a mask that is large enough.</exception>
    public TrainingSample Build(int index, int seed)
    {
        var random = new Random(seed);
        for (int tried = 0; tried < Tries; tried++)
        {
            var image = _data.Images[index];
            var annotations = Choose(random, image.Annotations);
            RgbImage? pixels = null;
            for (int v = 0; v < Views; v++)
            {
                var view = Viewport.Draw(random, image.Width, image.Height, Options);
                var masks = new CanvasMasks(annotations, view, Options.Size, Options.LeastPixels);
                if (masks.Count == 0) continue;
                pixels ??= _readable.Decode(image, path => Read(image, path));
                if (pixels is null) break;
                return Build(random, image, pixels, view, masks);
            }
            index = random.Next(_data.Images.Count);
        }
        throw new InvalidDataException($"No mask of {Options.LeastPixels} or more pixels on a canvas of {Options.Size} was found in {Tries} images.");
    }

    private TrainingSample Build(Random random, AnnotatedImage image, RgbImage rgb, Viewport view, CanvasMasks masks)
    {
        var pixels = new float[3 * Options.Size * Options.Size];
        ColorJitter.Draw(random).Write(view.Resample(rgb), pixels, Options.Size, view.Flipped, _statistics);
        float[] boxes = masks.Boxes(), points = PointSampler.Draw(random, masks, boxes, Options);
        return new TrainingSample
        {
            Image = image.FileName,
            Size = Options.Size,
            Pixels = pixels,
            Boxes = boxes,
            Prompts = PromptSampler.Draw(random, masks, boxes, Options),
            Names = _names.Draw(random, image, masks.Annotations, view.Flipped, Options),
            Points = points,
            PointTargets = PointSampler.Targets(masks, points),
            HalfMasks = masks.Half(),
        };
    }

    private static RgbImage Read(AnnotatedImage image, string path)
    {
        var pixels = ImageDecoder.Decode(path, ImageDecoderOptions.Whole);
        if (pixels.Width != image.Width || pixels.Height != image.Height)
            throw new InvalidDataException($"{image.Path} is {pixels.Width} x {pixels.Height} pixels, its record says {image.Width} x {image.Height}.");
        return pixels;
    }

    /// <summary>Where there are too many: wholes up to half of them, then parts.</summary>
    private IReadOnlyList<Annotation> Choose(Random random, IReadOnlyList<Annotation> all)
    {
        if (all.Count <= Options.MostMasks) return all;
        Annotation[] wholes = [.. all.Where(a => a.Role != AnnotationRole.Part)], parts = [.. all.Where(a => a.Role == AnnotationRole.Part)];
        random.Shuffle(wholes);
        random.Shuffle(parts);
        int kept = Math.Max(Options.MostMasks / 2, Options.MostMasks - parts.Length);
        return [.. wholes.Take(kept).Concat(parts).Take(Options.MostMasks)];
    }
}
