using SemanticSam.Granularity.Nano;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.Nano;

/// <summary>
/// Masks of everything that carries one of the names. First each name is asked whether it is there at all: what the whole image says of it and
/// the best cells of its map have to agree. Masks are drawn only of those that are.
/// </summary>
internal sealed class NanoNameAnswers(NanoEncodedImage image, NanoNames names)
{
    /// <summary>A name is judged by this share of the image's cells, the best ones.</summary>
    private const double BestCells = 0.005;

    /// <summary>Logit of cells that are padding: no name is there.</summary>
    private const float Nowhere = -20;

    private readonly NanoInference _answers = image.Answers;

    /// <summary>How sure the image is to show each name, anywhere, 0 to 1; 0 for names that are not asked.</summary>
    public float[] Presence(IReadOnlyList<ReadName> wanted) => Ask(wanted).Presence;

    /// <summary>The masks of the names that are there, name by name, the surest first.</summary>
    public IReadOnlyList<MaskResult> Find(IReadOnlyList<ReadName> wanted, double presenceThreshold)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (presence, maps, rows) = Ask(wanted);
        var found = new List<MaskResult>();
        for (int n = 0; n < wanted.Count; n++)
        {
            if (rows[n] < 0 || presence[n] < presenceThreshold) continue;
            foreach (var thing in Things(maps![rows[n]], wanted[n].IsStuff))
                if (ToResult(wanted[n], presence[n], thing) is { } result) found.Add(result);
        }
        return found;
    }

    /// <summary>Presence of each name, and the maps of those that may be there with the row of each name among them, -1 for none.</summary>
    private (float[] Presence, Tensor? Maps, int[] Rows) Ask(IReadOnlyList<ReadName> wanted)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var presence = new float[wanted.Count];
        int[] rows = [.. Enumerable.Repeat(-1, wanted.Count)], asked = [.. Enumerable.Range(0, wanted.Count).Where(n => wanted[n].IsAsked)];
        if (asked.Length == 0) return (presence, null, rows);
        Tensor embedded = _answers.Names(names.Embed([.. asked.Select(n => wanted[n].Asked)]));
        Tensor maps = _answers.Maps(embedded), valid = maps.slice(1, 0, image.Places.Valid.Height, 1).slice(2, 0, image.Places.Valid.Width, 1);
        Tensor cells = valid.flatten(1);
        Tensor best = cells.topk((int)Math.Max(1, cells.shape[1] * BestCells), 1).values.sigmoid().mean([1]);
        float[] scores = [.. (best * _answers.Presence(embedded).sigmoid()).cpu().contiguous().data<float>()];
        for (int i = 0; i < asked.Length; i++) (presence[asked[i]], rows[asked[i]]) = (image.Calibration.Of(ScoreKind.Presence, scores[i]), i);
        maps = nn.functional.pad(valid, [0, maps.shape[2] - valid.shape[2], 0, maps.shape[1] - valid.shape[1]], value: Nowhere);
        return (presence, maps.MoveToOuterDisposeScope(), rows);
    }

    private IReadOnlyList<NanoThing> Things(Tensor map, bool isStuff)
    {
        float threshold = (float)image.Model.Settings.NameMapThreshold;
        return isStuff ? NanoInstances.Whole(_answers, map, threshold) : NanoInstances.Find(_answers, map, threshold);
    }

    private MaskResult? ToResult(ReadName name, float presence, NanoThing thing)
    {
        var (mask, stability) = image.Upsampler.Cut(thing.Logits);
        float score = image.Calibration.Of(ScoreKind.Instance, presence * thing.Sureness);
        if (mask.IsEmpty || score < image.Model.Settings.InstanceThreshold) return null; // scraps that only resemble what is named
        return new MaskResult
        {
            Mask = mask,
            PredictedIou = image.Calibration.Of(ScoreKind.PredictedIou, thing.Quality),
            StabilityScore = stability,
            Level = name.Part is null ? GranularityLevel.Whole : GranularityLevel.Part,
            Whole = name.Whole is { } whole ? new ScoredLabel(whole, score) : null,
            Part = name.Part is { } part ? new ScoredLabel(part, score) : null,
        };
    }
}
