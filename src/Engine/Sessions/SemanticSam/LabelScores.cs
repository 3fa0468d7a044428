using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.SemanticSam;

/// <summary>The best name of each query.</summary>
internal static class LabelScores
{
    /// <param name="logits">[1, Q, names]; null without class logits.</param>
    /// <param name="names">The names in that order.</param>
    /// <returns>One label a query; null when there are none.</returns>
    public static ScoredLabel[]? Best(Tensor? logits, IReadOnlyList<string>? names)
    {
        if (logits is null || names is null || names.Count == 0) return null;
        using var scope = NewDisposeScope();
        (Tensor scores, Tensor indices) = logits.squeeze(0).sigmoid().max(1);
        float[] best = scores.cpu().data<float>().ToArray();
        long[] index = indices.cpu().data<long>().ToArray();
        return [.. best.Select((score, q) => new ScoredLabel(names[(int)index[q]], score))];
    }
}
