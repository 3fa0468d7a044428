using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>Predictions of each kind of query, one entry a depth, the last layer at the end.</summary>
internal sealed record DecoderResult
{
    /// <summary>Prompt queries, prompt-major with the mask tokens inside; empty without prompts. There is none before the first layer.</summary>
    public IReadOnlyList<Predictions> Prompts { get; init; } = [];

    /// <summary>Object queries: selected ones by descending score, then the learned stuff queries; empty when not asked.</summary>
    public IReadOnlyList<Predictions> Objects { get; init; } = [];

    /// <summary>Conditioned queries; empty without.</summary>
    public IReadOnlyList<Predictions> Conditioned { get; init; } = [];

    /// <summary>What the object queries were before the decoder; null when none were asked.</summary>
    public ObjectQuerySet? Selection { get; init; }

    internal DecoderResult MoveToOuterDisposeScope()
    {
        foreach (var predictions in Prompts.Concat(Objects).Concat(Conditioned))
            predictions.MoveToOuterDisposeScope();
        Selection?.MoveToOuterDisposeScope();
        return this;
    }
}

/// <summary>Object queries before the first layer.</summary>
/// <param name="Content">[B, Q, C], with gradient to the selection; the decoder takes it without.</param>
/// <param name="Anchors">[B, Q, 4] boxes before the sigmoid, with gradient.</param>
/// <param name="Indices">[B, selected] int64 tokens of the memory; null when queries are learned.</param>
/// <param name="Scores">[B, selected] their best logit over the names; null when queries are learned.</param>
internal sealed record ObjectQuerySet(Tensor Content, Tensor Anchors, Tensor? Indices, Tensor? Scores)
{
    /// <summary>Predictions straight from the selection (<c>interm</c> in the reference); set in training and where anchors come from masks.</summary>
    public Predictions? Predictions { get; init; }

    internal ObjectQuerySet MoveToOuterDisposeScope()
    {
        Content.MoveToOuterDisposeScope();
        Anchors.MoveToOuterDisposeScope();
        Indices?.MoveToOuterDisposeScope();
        Scores?.MoveToOuterDisposeScope();
        Predictions?.MoveToOuterDisposeScope();
        return this;
    }
}
