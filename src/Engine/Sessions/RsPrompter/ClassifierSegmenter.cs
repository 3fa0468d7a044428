using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.RsPrompter;

/// <summary>SAM-cls: everything mode of a frozen SAM, whose masks a classifier names; clicks and boxes are SAM's own.</summary>
internal sealed class ClassifierSegmenter : Segmenter
{
    private readonly MaskClassifier _classifier;
    private readonly PrompterBase _base;
    private readonly PrompterFolderConfig _config;
    private readonly Segmenter _sam;
    private readonly Device _device;

    /// <summary>Takes over both networks.</summary>
    /// <exception cref="ArgumentException">The model below answers no clicks as SAM does.</exception>
    public ClassifierSegmenter(MaskClassifier classifier, PrompterBase below, PrompterFolderConfig config, string sha256, Device device)
    {
        if (below.Sam is null || below.Clicks is null) throw new ArgumentException($"The masks of SAM-cls are SAM's, and '{below.Name}' is none.");
        (_classifier, _base, _config, _device, _sam) = (classifier, below, config, device, below.Clicks.Model);
        Sha256 = sha256;
        Name = $"sam-cls, {config.BaseName}";
        Settings = new InferenceSettings { Wholes = config.Classes };
    }

    public override string Name { get; }

    public override string Sha256 { get; }

    public override InferenceSettings Settings { get; }

    public override IReadOnlyList<GranularityLevel> Levels => _sam.Levels;

    public override int ImageSize => _sam.ImageSize;

    public override bool AnswersNames => true;

    public override bool FindsUnasked => true;

    public override bool TakesLogits => _sam.TakesLogits;

    public override bool HasSingleMaskToken => _sam.HasSingleMaskToken;

    protected override MaskThresholds FamilyThresholds => MaskThresholds.Sam;

    protected override ThresholdRule ThresholdRule => ThresholdRule.OffAtZero;

    public override EncodedImage Encode(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new ClassifierEncodedImage(this, _sam.Encode(image), image);
    }

    public override EncodedImage Restore(SavedEncoding saved, PixelSize size) =>
        new ClassifierEncodedImage(this, _sam.Restore(saved, size), ClassifierEncodedImage.Pixels(saved, size));

    /// <summary>Names by index.</summary>
    internal IReadOnlyList<string> Classes => _config.Classes;

    /// <summary>What the classifier says of masks.</summary>
    internal List<PrompterInstance> NameMasks(RgbImage image, IEnumerable<Rle> masks) =>
        ClassifiedMasks.Name(_classifier, Classes.Count, image, masks, _device);

    protected override void Release()
    {
        _classifier.Dispose();
        _base.Dispose();
    }
}

/// <summary>An image encoded by SAM, and its pixels, which the classifier sees.</summary>
/// <param name="model">What encoded it.</param>
/// <param name="below">As SAM holds it; becomes this object's.</param>
/// <param name="image">Its pixels.</param>
internal sealed class ClassifierEncodedImage(ClassifierSegmenter model, EncodedImage below, RgbImage image)
    : InstanceEncodedImage(model, below.Size, model.Classes)
{
    private const string PixelsKey = "pixels";

    private IReadOnlyList<PrompterInstance>? _instances;

    public override MaskUpsampler Upsampler => below.Upsampler;

    public override PixelSize? LogitsSize => below.LogitsSize;

    public override IReadOnlyList<IReadOnlyList<Candidate>> AnswerPlaces(IReadOnlyList<Prompt> prompts, PlaceRequest request) =>
        below.AnswerPlaces(prompts, request);

    public override ClickDecoder OpenClicks(ClickRequest request) => below.OpenClicks(request);

    /// <summary>SAM's clicks on a grid first, step by step, then the names of their masks.</summary>
    public override IEnumerable<EverythingStep> AnswerEverything(EverythingOptions options, CancellationToken cancellation)
    {
        const double ShareOfClicks = 0.8; // roughly, of the time
        bool usual = options.PointsPerSide is null && options.PointGrids is null;
        if (usual && _instances is not null)
        {
            yield return Decided(_instances, options);
            yield break;
        }
        var masks = new List<Rle>();
        foreach (var step in Everything.Run(below, image, ClassifiedMasks.With(options), cancellation))
        {
            masks.AddRange(step.Decided.Select(d => d.Mask));
            yield return new() { Share = ShareOfClicks * step.Share, Crop = step.Crop };
        }
        cancellation.ThrowIfCancellationRequested();
        var instances = model.NameMasks(image, masks);
        if (usual) _instances = instances;
        yield return Decided(instances, options);
    }

    public override SavedEncoding Save()
    {
        var saved = below.Save();
        // One more than the pixel, since a tensor of nothing but zeros is no image's.
        var pixels = tensor([.. image.Pixels.Select(p => p + 1f)], [image.Height, image.Width, 3]);
        return saved with { Tensors = new Dictionary<string, Tensor>(saved.Tensors) { [PixelsKey] = pixels } };
    }

    /// <summary>The pixels that <see cref="Save"/> kept.</summary>
    /// <exception cref="FormatException">They are missing, or of an image of other proportions.</exception>
    public static RgbImage Pixels(SavedEncoding saved, PixelSize size)
    {
        // Of an image that was reduced while it was decoded fewer were kept.
        var kept = saved.Tensor(PixelsKey, -1, -1, 3);
        long rows = kept.shape[0], columns = kept.shape[1];
        // A pixel more or less, for a side that the factor did not divide.
        bool fits = rows >= 1 && columns >= 1 && rows <= size.Height && columns <= size.Width
            && Math.Abs(rows * size.Width - columns * size.Height) <= Math.Max(size.Width, size.Height);
        if (!fits) throw new FormatException($"the tensor '{PixelsKey}' is {columns} x {rows}, no image of {size.Width} x {size.Height}");
        float[] values = TensorValues.Floats(kept);
        var pixels = new byte[values.Length];
        for (int i = 0; i < values.Length; i++) pixels[i] = (byte)Math.Clamp(values[i] - 1, 0, 255);
        return new((int)columns, (int)rows, pixels, size.Width, size.Height);
    }

    public override void Dispose() => below.Dispose();

    protected override IReadOnlyList<PrompterInstance> Instances => _instances
        ??= model.NameMasks(image, Everything.Run(below, image, ClassifiedMasks.Everything, default).SelectMany(s => s.Decided).Select(d => d.Mask));
}
