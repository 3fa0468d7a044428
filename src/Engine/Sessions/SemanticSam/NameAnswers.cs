using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Masks;
using SemanticSam.TextEncoder.Names;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.SemanticSam;

/// <summary>
/// Labeled masks of everything that carries one of the names, in one forward: object queries selected by text give instances; where the
/// model has them, a query for each name says whether it is there at all and what all of it covers.
/// </summary>
internal sealed class NameAnswers(SemanticSamEncodedImage image, SemanticSamModel network, NameEncoder encoder, InferenceSettings settings)
{
    /// <summary>Of two instances of one name whose masks overlap more, the weaker is dropped.</summary>
    private const double InstanceOverlap = 0.6;

    private readonly DecoderMemory _memory = image.Features.Memory;

    public IReadOnlyList<MaskResult> Find(IReadOnlyList<string> names, double presenceThreshold)
    {
        using var scope = NewDisposeScope();
        var (concepts, entries) = encoder.Read(names);
        var embeddings = encoder.Embed([.. entries.Select(e => e.Text)]); // [n, T]
        var result = Forward(entries, embeddings);
        var objects = result.Objects[^1];
        int[] columns = Columns(entries);
        var presence = result.Conditioned.Count > 0 ? OwnScores(result.Conditioned[^1], entries, columns) : BestObjects(objects, entries, columns);

        var found = new List<MaskResult>();
        for (int c = 0; c < concepts.Count; c++)
        {
            // Where the text leaves open what it is, the likelier reading counts.
            int entry = Enumerable.Range(0, entries.Count).Where(e => entries[e].Concept == c).MaxBy(e => presence[e]);
            if (presence[entry] < presenceThreshold) continue;
            var instances = Instances(objects, entries[entry], columns[entry]);
            NameMask? all = result.Conditioned.Count == 0 ? null
                : Cut(result.Conditioned[^1].Codes!.OfImage(0).Each(t => t.narrow(0, entry, 1)), [presence[entry]])[0];
            foreach (var mask in all is { } union ? InstanceComposer.Compose(union, instances, image.CellArea) : instances)
                found.Add(Labeled(mask, concepts[c], entries[entry]));
        }
        return found;
    }

    private DecoderResult Forward(IReadOnlyList<NameEntry> entries, Tensor embeddings)
    {
        Tensor? Rows(bool part)
        {
            long[] rows = [.. Enumerable.Range(0, entries.Count).Where(i => entries[i].IsPart == part).Select(i => (long)i)];
            return rows.Length == 0 ? null : embeddings.index_select(0, tensor(rows, device: embeddings.device));
        }
        return network.Decoder.forward(_memory, new DecoderRequest
        {
            Objects = true,
            Conditioned = network.Config.Decoder.Additions is { NameQueries: true } ? NameQueries(entries, embeddings) : null,
            Names = new NameEmbeddings(Rows(false), Rows(true), encoder.LogitScale),
            SelectedQueries = (int)Math.Min(settings.SelectedQueries, _memory.Tokens.shape[1]),
            Masks = MaskOutput.Embeddings,
        });
    }

    private ConditionedQueries NameQueries(IReadOnlyList<NameEntry> entries, Tensor embeddings)
    {
        var isPart = tensor(entries.Select(e => e.IsPart).ToArray(), device: embeddings.device).unsqueeze(0); // [1, names]
        return network.Decoder.Additions!.ForNames(network.Decoder, _memory, embeddings.unsqueeze(0), isPart, encoder.LogitScale);
    }

    /// <summary>For each entry its column among the logits of its kind.</summary>
    private static int[] Columns(IReadOnlyList<NameEntry> entries)
    {
        int wholes = 0, parts = 0;
        return [.. entries.Select(e => e.IsPart ? parts++ : wholes++)];
    }

    private static Tensor LogitsOf(Predictions predictions, NameEntry entry, int column) => // [Q]
        (entry.IsPart ? predictions.PartLogits! : predictions.Logits!).squeeze(0).select(1, column);

    /// <summary>What the query of each name says of its own name.</summary>
    private static float[] OwnScores(Predictions conditioned, IReadOnlyList<NameEntry> entries, int[] columns) =>
        [.. entries.Select((e, i) => LogitsOf(conditioned, e, columns[i])[i].sigmoid().ToSingle())];

    /// <summary>The best object of each name, for a model without name queries.</summary>
    private static float[] BestObjects(Predictions objects, IReadOnlyList<NameEntry> entries, int[] columns) =>
        [.. entries.Select((e, i) => LogitsOf(objects, e, columns[i]).max().sigmoid().ToSingle())];

    private List<NameMask> Instances(Predictions objects, NameEntry entry, int column)
    {
        using var scope = NewDisposeScope();
        float[] scores = LogitsOf(objects, entry, column).sigmoid().cpu().data<float>().ToArray();
        long[] rows = [.. Enumerable.Range(0, scores.Length).Where(q => scores[q] >= settings.InstanceThreshold)
            .OrderByDescending(q => scores[q]).Select(q => (long)q)];
        if (rows.Length == 0) return [];
        var masks = Cut(objects.Codes!.OfImage(0).Rows(tensor(rows, device: objects.Boxes.device)), [.. rows.Select(q => scores[q])])
            .Where(m => !m.Mask.IsEmpty).ToList();
        int[] kept = Nms.KeepMasks([.. masks.Select(m => m.Mask)], [.. masks.Select(m => m.Score)], InstanceOverlap);
        return [.. kept.Select(i => masks[i])];
    }

    /// <summary>The masks of codes at the image's size, each computed only where it is.</summary>
    private NameMask[] Cut(MaskCodes codes, float[] scores)
    {
        using var scope = NewDisposeScope();
        var upsampler = image.Upsampler;
        float[] low = codes.Planes(_memory.MaskFeatures).cpu().contiguous().data<float>().ToArray(); // [rows, h, w]
        int plane = upsampler.LowHeight * upsampler.LowWidth;
        var masks = new NameMask[scores.Length];
        MaskDrawing.ForEach(masks.Length, i =>
        {
            var own = low.AsSpan(i * plane, plane);
            var (mask, stability) = upsampler.Cut(own);
            masks[i] = new NameMask(mask, scores[i], mask.IsEmpty ? 0 : MeanInside(upsampler.Upsample(own, mask.Bounds)), stability);
        });
        return masks;
    }

    /// <summary>The mean probability of the logits above 0.</summary>
    private static float MeanInside(float[] logits)
    {
        double sum = 0;
        int inside = 0;
        foreach (float logit in logits)
        {
            if (!(logit > 0)) continue;
            sum += 1 / (1 + MathF.Exp(-logit));
            inside++;
        }
        return (float)(sum / inside);
    }

    private static MaskResult Labeled(NameMask mask, Concept concept, NameEntry entry)
    {
        bool part = entry.IsPart;
        string? whole = concept.Kind == ConceptKind.PartOfWhole ? concept.Whole : part ? null : concept.Whole;
        return new MaskResult
        {
            Mask = mask.Mask,
            PredictedIou = mask.Quality,
            StabilityScore = mask.Stability,
            Level = part ? GranularityLevel.Part : GranularityLevel.Whole,
            Whole = whole is null ? null : new ScoredLabel(whole, mask.Score),
            Part = part ? new ScoredLabel(concept.Part!, mask.Score) : null,
        };
    }
}
