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

    /// <summary>Answers on the network's cells.</summary>
    public NanoInference Answers => answers;

    /// <summary>From pixels to cells.</summary>
    public NanoPlaces Places { get; } = new(geometry);

    /// <summary>Where the network computes.</summary>
    public Device Device => device;

    /// <summary>What labels masks by the names of the model's own vocabulary; made once.</summary>
    public NanoLabels OwnLabels => _ownLabels ??= new NanoLabels(this, names, names.Own);

    private NanoLabels? _ownLabels;

    public override long Bytes => base.Bytes + answers.CanvasBytes + (_ownLabels?.Bytes ?? 0);

    /// <summary>From the network's scores to those of results.</summary>
    public ScoreCalibration Calibration { get; } = model.Settings.Calibration ?? ScoreCalibration.None;

    public override MaskUpsampler Upsampler { get; } = MaskUpsampler.Bilinear(new((int)answers.Height, (int)answers.Width), geometry);

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
                var masks = Draw([.. batch.Select(i => places[i])], labels, request.KeepLogits);
                for (int k = 0; k < batch.Length; k++) found[batch[k]] = masks[k];
            }
        return found;
    }

    public override ClickDecoder OpenClicks(ClickRequest request) => new NanoClickDecoder(this, request, LabelsFor(request.Labels));

    public override IReadOnlyList<NameAnswer> AnswerNames(IReadOnlyList<string> wanted, double presenceThreshold) =>
        new NanoNameAnswers(this, names).Find(names.Read(wanted), presenceThreshold);

    public override float[] PresenceOf(IReadOnlyList<ReadName> wanted) => new NanoNameAnswers(this, names).Presence(wanted);

    public override IReadOnlyList<MaskResult> NamedParts(Rle thing, string whole) =>
        Named([.. names.PartsOf(whole).Select(part => NanoNames.PartName(part, whole))]).Where(m => m.Mask.IntersectionArea(thing) > 0).ToList();

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

    /// <summary>How the clicks of a place lie in a mask of it.</summary>
    /// <param name="place">Has clicks inside.</param>
    /// <param name="logits">Of the mask, one a cell.</param>
    private ClickFit FitOf(NanoPlace place, ReadOnlySpan<float> logits) => ClickFit.Of(logits, Upsampler.LowHeight, Upsampler.LowWidth, Places.Valid,
        [.. place.Clicks.Where(c => c.Inside).Select(c => (c.X, c.Y))]);

    /// <summary>What is known of a mask of a click. Names of the model's own vocabulary speak for it, whatever labels are wanted.</summary>
    private MaskEvidence EvidenceOf(float quality, CutMask cut, GranularityLevel level, NanoLabel own) =>
        new(quality, cut.Stability, cut.Mask.Area / ((double)Width * Height), level, own.WholeFit, own.PartFit);

    private IReadOnlyList<MaskResult> Named(IReadOnlyList<ReadName> wanted) =>
        wanted.Count == 0 ? [] : [.. new NanoNameAnswers(this, names).Find(wanted, model.Settings.PresenceThreshold).SelectMany(a => a.Masks)];

    /// <summary>What labels masks; null for no labels. Those of the model's own vocabulary are made once.</summary>
    private NanoLabels? LabelsFor(IReadOnlyList<string>? wanted)
    {
        if (wanted is null) return OwnLabels;
        var labels = names.Labels(wanted);
        return labels.Count == 0 ? null : new NanoLabels(this, names, labels);
    }

    /// <summary>The masks of each place, from the largest level to the smallest, or the single one.</summary>
    private List<IReadOnlyList<Candidate>> Draw(NanoPlace[] places, NanoLabels? labels, bool keepLogits)
    {
        using var scope = NewDisposeScope();
        var (_, quality, drawing) = answers.Look(places);
        int slots = drawing.Slots;
        float[] low = answers.Draw(drawing,
            [.. Enumerable.Range(0, places.Length * slots).Select(row => new PlaceAnswer(row / slots, slots - 1 - row % slots))]);
        float[] ious = [.. Enumerable.Range(0, quality.Length).Select(row => quality[row / slots * slots + slots - 1 - row % slots])];
        int plane = Upsampler.LowHeight * Upsampler.LowWidth;
        var (cut, named, own, fits) = (new CutMask[ious.Length], new NanoLabel[ious.Length], new NanoLabel[ious.Length], new ClickFit[ious.Length]);
        var inside = new CellSets(slots == 1 ? 0 : ious.Length, plane);
        var known = slots == 1 ? null : OwnLabels; // made here, not by several threads at once
        MaskDrawing.ForEach(ious.Length, row =>
        {
            cut[row] = Upsampler.Cut(low.AsSpan(row * plane, plane));
            named[row] = labels?.Of(low.AsSpan(row * plane, plane)) ?? default;
            own[row] = ReferenceEquals(labels, known) ? named[row] : known?.Of(low.AsSpan(row * plane, plane)) ?? default;
            if (slots == 1) return;
            fits[row] = FitOf(places[row / slots], low.AsSpan(row * plane, plane));
            for (int cell = 0; cell < plane; cell++)
                if (low[row * plane + cell] > 0) inside.Add(row, cell);
        });
        return [.. Enumerable.Range(0, places.Length).Select(IReadOnlyList<Candidate> (p) =>
        {
            MaskEvidence[] evidence = slots == 1 ? [] : [.. Enumerable.Range(p * slots, slots).Select(row =>
                EvidenceOf(ious[row], cut[row], LevelOf(row), own[row]) with { Click = fits[row], Overlaps = OverlapsOf(row) })];
            return [.. Enumerable.Range(0, slots).Select(rank =>
            {
                int row = p * slots + rank;
                bool isJudged = slots > 1 && Calibration.ClickMasks is not null;
                float predicted = isJudged ? Calibration.ClickMasks!.Of(evidence[rank], evidence) : Calibration.Of(ScoreKind.PredictedIou, ious[row]);
                GranularityLevel? level = slots == 1 ? null : LevelOf(row);
                return new Candidate(cut[row].Mask, predicted, cut[row].Stability, level, named[row].Whole, named[row].Part)
                {
                    Evidence = slots == 1 ? null : evidence[rank],
                    LabelEvidence = named[row].Evidence ?? LabelChoices.None,
                    Logits = keepLogits ? new MaskLogits(Upsampler.LowHeight, Upsampler.LowWidth, low.AsSpan(row * plane, plane)) : null,
                };
            })];
        })];

        GranularityLevel LevelOf(int row) => (GranularityLevel)(row % slots + 1);

        LevelOverlaps OverlapsOf(int row) => LevelOverlaps.Of(level => inside.IoU(row, row / slots * slots + (int)level - 1));
    }
}
