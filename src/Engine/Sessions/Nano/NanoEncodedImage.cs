using SemanticSam.Granularity.Nano;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.Nano;

/// <summary>
/// An image encoded by the embedded model. Points, box and mask of a prompt go through the network together. A prompt without a size has
/// one mask a level; where a box, a mask or an earlier answer says how large the thing is, there is one mask, which stands for no level.
/// </summary>
/// <param name="model">What encoded it.</param>
/// <param name="answers">What the network knows of it; becomes this object's.</param>
/// <param name="names">The model's.</param>
/// <param name="geometry">Its sizes.</param>
/// <param name="device">Where the network computes.</param>
internal sealed class NanoEncodedImage(NanoSegmenter model, NanoInference answers, NanoNames names, ImageGeometry geometry, Device device)
    : EncodedImage(model, geometry.Output)
{
    /// <summary>Prompts that go through the network in one call: each takes about a megabyte a level while it is drawn.</summary>
    private const int PromptsPerCall = 16;

    /// <summary>Pixels of the longer side beyond which masks of clicks are judged at this size; photos that judges were fitted to are smaller.</summary>
    private const int LargestJudged = 1024;

    /// <summary>Answers on the network's cells.</summary>
    public NanoInference Answers => answers;

    /// <summary>From pixels to cells.</summary>
    public NanoPlaces Places { get; } = new(geometry);

    /// <summary>Where the network computes.</summary>
    public Device Device => device;

    /// <summary>What labels masks by the names of the model's own vocabulary; made once.</summary>
    public NanoLabels OwnLabels => _ownLabels ??= new NanoLabels(this, names, names.Own);

    private NanoLabels? _ownLabels;

    /// <summary>What takes from parts that are asked for what others have.</summary>
    public PartRivals Rivals { get; } = new(answers, names);

    public override long Bytes => base.Bytes + answers.CanvasBytes + (_ownLabels?.Bytes ?? 0) + Rivals.Bytes;

    /// <summary>From the network's scores to those of results.</summary>
    public ScoreCalibration Calibration { get; } = model.Settings.Calibration ?? ScoreCalibration.None;

    public override MaskUpsampler Upsampler { get; } = MaskUpsampler.Bilinear(new((int)answers.Height, (int)answers.Width), geometry);

    /// <summary>
    /// From cells to the size at which masks of clicks are judged: the image's, of large ones a smaller one, since area and stability
    /// are much the same there for a fraction of the time.
    /// </summary>
    public MaskUpsampler JudgedAt => _judgedAt ?? Upsampler;

    private readonly MaskUpsampler? _judgedAt = ReducedSize(geometry.Output) is { } size
        ? MaskUpsampler.Bilinear(new((int)answers.Height, (int)answers.Width), geometry with { Output = size }) : null;

    public override PixelSize? LogitsSize => Places.Cells;

    public override IReadOnlyList<IReadOnlyList<Candidate>> AnswerPlaces(IReadOnlyList<Prompt> prompts, PlaceRequest request)
    {
        using var quiet = no_grad();
        var labels = LabelsFor(request.Labels);
        NanoPlace[] places = [.. prompts.Select(Places.Of)];
        var found = new IReadOnlyList<Candidate>[prompts.Count];
        foreach (var alike in Enumerable.Range(0, prompts.Count).GroupBy(i => places[i].IsGiven))
            foreach (int[] batch in alike.Chunk(PromptsPerCall))
            {
                var masks = new NanoPlaceMasks(this, [.. batch.Select(i => places[i])], labels);
                for (int k = 0; k < batch.Length; k++) found[batch[k]] = masks.Of(k, request.KeepLogits);
            }
        return found;
    }

    public override ClickDecoder OpenClicks(ClickRequest request) => new NanoClickDecoder(this, request, LabelsFor(request.Labels));

    public override IReadOnlyList<NameAnswer> AnswerNames(IReadOnlyList<string> wanted, double? presenceThreshold) =>
        new NanoNameAnswers(this, names).Answer(names.Read(wanted), presenceThreshold);

    public override IReadOnlyList<ReadName> Settle(IReadOnlyList<ReadName> wanted, double? presenceThreshold) =>
        new NanoNameAnswers(this, names).Settle(wanted, presenceThreshold);

    public override float[] PresenceOf(IReadOnlyList<ReadName> wanted) => new NanoNameAnswers(this, names).Presence(wanted);

    public override IReadOnlyList<MaskResult> NamedParts(Rle thing, string whole) =>
        Named(names.PartsOf(whole)).Where(m => m.Mask.IntersectionArea(thing) > 0).ToList();

    public override IReadOnlyList<MaskResult> NamedWholes(Rle piece, string part) =>
        Named([.. names.WholesOf(part).Select(NanoNames.WholeName)]).Where(m => m.Mask.IntersectionArea(piece) > 0).ToList();

    public override SavedEncoding Save()
    {
        var features = answers.Features;
        var tensors = new Dictionary<string, Tensor> { ["global"] = features.Global, ["pixels"] = features.Pixels, ["mask"] = answers.Mask };
        for (int i = 0; i < features.Levels.Length; i++) tensors[$"level{i}"] = features.Levels[i];
        return new(tensors, new Dictionary<string, string> { ["input"] = SavedEncoding.Write(geometry.Unpadded) });
    }

    public override void Dispose()
    {
        answers.Dispose();
    }

    private static PixelSize? ReducedSize(PixelSize full)
    {
        double scale = (double)LargestJudged / Math.Max(full.Width, full.Height);
        return scale >= 1 ? null : new(Math.Max(1, (int)Math.Round(full.Height * scale)), Math.Max(1, (int)Math.Round(full.Width * scale)));
    }

    private IReadOnlyList<MaskResult> Named(IReadOnlyList<ReadName> wanted) =>
        wanted.Count == 0 ? [] : [.. new NanoNameAnswers(this, names).Answer(wanted, null).SelectMany(a => a.Masks)];

    /// <summary>What labels masks; null for no labels. Those of the model's own vocabulary are made once.</summary>
    private NanoLabels? LabelsFor(IReadOnlyList<string>? wanted)
    {
        if (wanted is null) return OwnLabels;
        var labels = names.Labels(wanted);
        return labels.Count == 0 ? null : new NanoLabels(this, names, labels);
    }
}
