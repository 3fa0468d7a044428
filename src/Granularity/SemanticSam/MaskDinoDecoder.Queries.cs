using SemanticSam.Granularity.Layers;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <content>Where queries come from: prompts, the memory's tokens, learned rows, given boxes with names.</content>
internal sealed partial class MaskDinoDecoder
{
    /// <summary>All queries of a forward: conditioned, then objects, then prompts.</summary>
    private sealed record AssembledQueries(
        Tensor Content, Tensor Anchors, QueryVisibility Visibility, long ConditionedCount, long ObjectCount, long PromptCount);

    private void Check(DecoderRequest request)
    {
        if (request.Prompts is null && !request.Objects && request.Conditioned is null)
            throw new ArgumentException("The request asks for nothing: give prompts, object queries or conditioned boxes.", nameof(request));
        if (request.Prompts is not null && Config.MaskTokens == 0)
            throw new ArgumentException("This model takes no clicks or boxes: it has no mask tokens. Ask by name.", nameof(request));
        if (request.Objects && Config.ObjectQueries == 0)
            throw new ArgumentException("This model has no object queries. Ask by click or box.", nameof(request));
        if (request.Objects && Config.TwoStage && request.Names?.Whole is null && request.Names?.Part is null)
            throw new ArgumentException("Object queries are selected by text: give names.", nameof(request));
    }

    private AssembledQueries Assemble(DecoderMemory memory, DecoderRequest request, ObjectQuerySet? selection)
    {
        var contents = new List<Tensor>();
        var anchors = new List<Tensor>();
        var runs = new List<QueryRun>();
        long conditioned = request.Conditioned?.Content.shape[1] ?? 0, objects = selection?.Content.shape[1] ?? 0, prompts = 0;
        if (request.Conditioned is not null)
        {
            contents.Add(request.Conditioned.Content);
            anchors.Add(request.Conditioned.Anchors);
        }
        if (selection is not null)
        {
            // The selection learns from its own predictions only; the decoder takes it as given. Learned queries of a
            // one-stage model have no such predictions and learn through the decoder.
            contents.Add(Config.TwoStage ? selection.Content.detach() : selection.Content);
            anchors.Add(Config.TwoStage ? selection.Anchors.detach() : selection.Anchors);
        }
        if (conditioned > 0)
            runs.Add(new QueryRun(conditioned + objects, conditioned + objects,
                VisibleWithConditioned(conditioned, objects, request.Conditioned!, contents[0].device)));
        else if (objects > 0)
            runs.Add(QueryRun.Joint(objects));
        if (request.Prompts is not null)
        {
            var (content, anchor) = OfPrompts(request.Prompts, memory.MaskFeatures);
            prompts = content.shape[1];
            contents.Add(content);
            anchors.Add(anchor);
            runs.Add(new QueryRun(prompts, request.Prompts.Joint ? prompts : Config.MaskTokens));
        }
        return new AssembledQueries(cat(contents, 1), cat(anchors, 1), new QueryVisibility(runs), conditioned, objects, prompts);
    }

    /// <summary>[B, n*tokens, C] and [B, n*tokens, 4], prompt-major.</summary>
    internal (Tensor Content, Tensor Anchors) OfPrompts(PromptQueries prompts, Tensor maskFeatures)
    {
        var (batch, count, tokens) = (prompts.Boxes.shape[0], prompts.Boxes.shape[1], Config.MaskTokens);
        var known = label_enc!.weight!.narrow(0, 0, 1); // [1, C]; row 1 is never used
        var boxes = prompts.Boxes.unsqueeze(2).expand(-1, -1, tokens, -1); // [B, n, tokens, 4]
        boxes = Additions?.TokenBoxes(boxes, prompts.Kinds, maskFeatures.shape[2], maskFeatures.shape[3]) ?? boxes;
        var content = known + pb_embedding!.call(prompts.Kinds).unsqueeze(2) + mask_tokens!.weight!; // [B, n, tokens, C]
        return (content.reshape(batch, count * tokens, Config.Width), Activations.InverseSigmoid(boxes).reshape(batch, count * tokens, 4));
    }

    /// <summary>[K+Q, K+Q] bool, true where seen: objects see objects, a conditioned group itself and, unless said otherwise, objects.</summary>
    private static Tensor VisibleWithConditioned(long conditioned, long objects, ConditionedQueries queries, Device device)
    {
        var index = arange(conditioned + objects, ScalarType.Int64, device);
        var isConditioned = index < conditioned;
        // objects: a group of their own
        var group = where(isConditioned, index.div(conditioned / queries.Groups, RoundingMode.floor), full_like(index, queries.Groups));
        var together = group.unsqueeze(0).eq(group.unsqueeze(1));
        return queries.SeeObjects ? isConditioned.unsqueeze(0).logical_not().logical_or(together) : together;
    }

    private ObjectQuerySet SelectObjects(DecoderMemory memory, DecoderRequest request)
    {
        long batch = memory.Tokens.shape[0];
        Tensor content, anchors;
        Tensor? indices = null, scores = null;
        if (Config.TwoStage)
        {
            (content, anchors, indices, scores) = SelectTokens(memory, request);
            if (Config.LearnedContent)
                content = Learned(query_feat!.weight!, batch);
            if (Config.StuffQueries > 0)
            {
                content = cat([content, Learned(query_feat!.weight!, batch)], 1);
                anchors = cat([anchors, Learned(query_embed!.weight!, batch)], 1);
            }
        }
        else
        {
            content = Learned(query_feat!.weight!, batch);
            anchors = Learned(query_embed!.weight!, batch);
        }

        var selection = new ObjectQuerySet(content, anchors, indices, scores);
        var source = request.Anchors ?? Config.Anchors;
        if (Config.TwoStage && (request.Depth == DecoderDepth.AllLayers || source != AnchorSource.Queries))
        {
            var masksWanted = request.Masks == MaskOutput.All || source != AnchorSource.Queries;
            var asked = masksWanted ? request with { Masks = MaskOutput.All } : request;
            var predictions = Predict(decoder_norm.call(content), anchors.sigmoid(), memory, asked, masksWanted);
            selection = selection with { Predictions = predictions };
            if (source != AnchorSource.Queries)
                selection = selection with { Anchors = Activations.InverseSigmoid(MaskExtents.Boxes(predictions.Masks!.detach(), source)) };
        }
        return selection;
    }

    /// <summary>The tokens most similar to any name, by descending similarity, with the boxes they propose.</summary>
    private (Tensor Content, Tensor Anchors, Tensor Indices, Tensor Scores) SelectTokens(DecoderMemory memory, DecoderRequest request)
    {
        long tokens = memory.Tokens.shape[1];
        int count = request.SelectedQueries ?? Config.ObjectQueries;
        if (count > tokens)
            throw new ArgumentException($"{count} queries cannot be selected among the {tokens} tokens of this image; enlarge it or ask for fewer.");
        var (proposals, valid) = QueryProposals.Of(memory.Shapes, memory.Tokens.device);
        var output = request.Conditioned?.EncodedTokens ?? EncodeTokens(memory, valid); // [B, S, C]
        var best = TokenScores(output, request.Names!).masked_fill(valid.squeeze(-1).logical_not(), float.NegativeInfinity); // [B, S]
        var (scores, indices) = best.topk(count, 1);
        var content = output.gather(1, indices.unsqueeze(-1).expand(-1, -1, Config.Width)); // [B, count, C]
        var proposed = proposals.expand(memory.Tokens.shape[0], -1, -1).gather(1, indices.unsqueeze(-1).expand(-1, -1, 4));
        return (content, _bbox_embed.call(content) + proposed, indices, scores);
    }

    /// <summary>[B, S, C]: the tokens as queries would be made of them; invalid ones are zeroed first.</summary>
    internal Tensor EncodeTokens(DecoderMemory memory, Tensor valid) =>
        enc_output_norm!.call(enc_output!.call(memory.Tokens.masked_fill(valid.logical_not(), 0)));

    /// <summary>[..., whole names].</summary>
    internal Tensor WholeLogits(Tensor state, NameEmbeddings names) =>
        Similarity.Logits(state.matmul(class_embed!), names.Whole!, names.LogitScale);

    /// <summary>[B, S, names]: each name through the projection of its kind.</summary>
    /// <param name="state">[B, S, C].</param>
    /// <param name="names">[B, names, T].</param>
    /// <param name="isPart">[B, names] bool.</param>
    /// <param name="logitScale">Rank 0.</param>
    internal Tensor NameLogits(Tensor state, Tensor names, Tensor isPart, Tensor logitScale)
    {
        var whole = Similarity.Logits(state.matmul(class_embed!), names, logitScale);
        return class_embed_part is null ? whole : where(isPart.unsqueeze(1), Similarity.Logits(state.matmul(class_embed_part), names, logitScale), whole);
    }

    /// <summary>[B, S]: each token's highest logit over all names, wholes through one projection and parts through the other.</summary>
    private Tensor TokenScores(Tensor output, NameEmbeddings names)
    {
        Tensor? best = null;
        if (names.Whole is not null)
            best = WholeLogits(output, names).amax(-1);
        if (names.Part is not null && class_embed_part is not null)
        {
            var part = Similarity.Logits(output.matmul(class_embed_part), names.Part, names.LogitScale).amax(-1);
            best = best is null ? part : best.maximum(part);
        }
        return best ?? throw new ArgumentException("Part names alone cannot select: this model has no class projection for parts.");
    }

    private static Tensor Learned(Tensor rows, long batch) => rows.unsqueeze(0).expand(batch, -1, -1);
}
