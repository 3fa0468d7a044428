using SemanticSam.Granularity.SemanticSam;
using static TorchSharp.torch;

namespace SemanticSam.Training.Objectives;

/// <summary>The names of a batch as the decoder takes them: each image has its own.</summary>
/// <param name="Embeddings">[B, wholes], [B, parts], filled up by repetition, which changes no maximum.</param>
/// <param name="Queries">One query a name: an image's wholes, then its parts, then unused places.</param>
internal sealed record BatchNames(NameEmbeddings Embeddings, ConditionedQueries? Queries)
{
    /// <param name="model">With a language encoder.</param>
    /// <param name="memory">The images.</param>
    /// <param name="batch">At least one name in all.</param>
    /// <param name="encode">From texts to rows of tokens.</param>
    public static BatchNames Embed(SemanticSamModel model, DecoderMemory memory, TrainingBatch batch, Func<string, int[]> encode)
    {
        var encoder = model.LanguageEncoder!;
        var table = encoder.EncodeNormalized([.. batch.Texts.Select(encode)]); // [texts, T]
        var row = batch.Texts.Select((text, i) => (text, i)).ToDictionary(p => p.text, p => (long)p.i);
        var rows = batch.Targets.Select(p => p.Sample.Names.Select(n => (n.IsPart, Row: row[n.Text])).ToArray()).ToArray();
        int most = rows.Max(r => r.Length);
        var places = rows.SelectMany(r => Filled([.. r.Select(n => n.Row)], most, 0)).ToArray();
        var used = rows.SelectMany(r => Enumerable.Range(0, most).Select(i => i < r.Length ? 1f : 0f)).ToArray();
        var ofQueries = table.index_select(0, tensor(places, device: table.device)).view(rows.Length, most, -1)
            * tensor(used, [rows.Length, most, 1], device: table.device);
        var isPart = tensor(rows.SelectMany(r => Enumerable.Range(0, most).Select(i => i < r.Length && r[i].IsPart)).ToArray(),
            [rows.Length, most], device: table.device);
        return new(new NameEmbeddings(OfKind(table, rows, part: false), OfKind(table, rows, part: true), encoder.LogitScale),
            model.Decoder.Additions!.ForNames(model.Decoder, memory, ofQueries, isPart, encoder.LogitScale));
    }

    /// <returns>[B, names of the kind, T]; null when no image has any.</returns>
    private static Tensor? OfKind(Tensor table, (bool IsPart, long Row)[][] rows, bool part)
    {
        long[][] own = [.. rows.Select(r => r.Where(n => n.IsPart == part).Select(n => n.Row).ToArray())];
        int most = own.Max(o => o.Length);
        if (most == 0) return null;
        // An image without any borrows one of another image: it takes part in the selection, in no loss.
        long borrowed = own.First(o => o.Length > 0)[0];
        return table.index_select(0, tensor(own.SelectMany(o => Filled(o, most, borrowed)).ToArray(), device: table.device)).view(rows.Length, most, -1);
    }

    private static IEnumerable<long> Filled(long[] own, int count, long otherwise) =>
        Enumerable.Range(0, count).Select(i => i < own.Length ? own[i] : own.Length > 0 ? own[0] : otherwise);
}
