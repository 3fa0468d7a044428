using SemanticSam.Granularity.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <content>A query for each name that is asked.</content>
internal sealed partial class MaskDinoDecoder
{
    /// <summary>
    /// One query a name: its mask is everything that carries the name, its own class logit says whether anything does. It starts at the
    /// whole picture, from the name and from the tokens that look most like it, and sees no other query: the answer to a name does not
    /// depend on what else is asked.
    /// </summary>
    /// <param name="memory">The picture or batch.</param>
    /// <param name="nameEmbeddings">[B, names, T], zeros in unused places.</param>
    /// <param name="isPart">[B, names] bool: through which class projection the tokens are compared with the name.</param>
    /// <param name="logitScale">Rank 0, the language encoder's.</param>
    /// <exception cref="InvalidOperationException">The model was not trained with such queries.</exception>
    public ConditionedQueries ForNames(DecoderMemory memory, Tensor nameEmbeddings, Tensor isPart, Tensor logitScale)
    {
        if (name_evidence is null) throw new InvalidOperationException("This decoder has no name queries: select object queries by text.");
        using var scope = NewDisposeScope();
        var (batch, names) = (nameEmbeddings.shape[0], nameEmbeddings.shape[1]);
        var (_, valid) = QueryProposals.Of(memory.Shapes, memory.Tokens.device); // [1, S, 1]
        var tokens = EncodeTokens(memory, valid); // [B, S, C]
        var similarity = Similarity.Logits(tokens.matmul(class_embed!), nameEmbeddings, logitScale); // [B, S, names]
        if (class_embed_part is not null)
            similarity = where(isPart.unsqueeze(1), Similarity.Logits(tokens.matmul(class_embed_part), nameEmbeddings, logitScale), similarity);
        var attention = similarity.masked_fill(valid.logical_not(), float.NegativeInfinity).transpose(1, 2).softmax(-1); // [B, names, S]
        var content = nameEmbeddings.matmul(TextProjection) + name_evidence.call(attention.matmul(tokens));
        var picture = tensor(new[] { 0.5f, 0.5f, 1, 1 }, device: nameEmbeddings.device).expand(batch, names, 4);
        return new ConditionedQueries(content.MoveToOuterDisposeScope(), Activations.InverseSigmoid(picture).MoveToOuterDisposeScope(), names)
        {
            SeeObjects = false,
            EncodedTokens = tokens.MoveToOuterDisposeScope(),
        };
    }
}
