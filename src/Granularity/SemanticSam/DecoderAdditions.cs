using SemanticSam.Granularity.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>
/// What the embedded model adds to the published decoder, for a small network that has to make do with coarse features: sizes that clicks
/// start from, a look at the finest features, masks shaped by boxes, a comparison of a click's masks, and a query for each name. Its
/// modules are the decoder's in the state dict.
/// </summary>
internal sealed class DecoderAdditions
{
    private const int QualityWidth = 64;
    private const float LargestAnchor = 0.999f;

    /// <summary>Boxes are compared by the logarithm of their sides, for sizes differ by factors; sides below this share of the image's are alike.</summary>
    private const double SmallestSide = 1e-4;

    /// <summary>Side of what is looked at, in sides of the box.</summary>
    private const double ViewStretch = 1.5;

    /// <summary>Strengths of ellipse and fence that a fresh query gives: as sure as a first guess may be.</summary>
    private static readonly float[] FirstStrengths = [2, 4];

    private readonly DecoderAdditionsConfig _config;
    private readonly DecoderConfig _decoder;
    private readonly ModuleList<Linear>? _promptFeature; // one a layer
    private readonly Linear? _shapePrior, _nameEvidence;
    private readonly Mlp? _clickQuality;

    /// <summary>With weights that change nothing yet but for the shape of masks.</summary>
    public DecoderAdditions(DecoderAdditionsConfig config, DecoderConfig decoder)
    {
        (_config, _decoder) = (config, decoder);
        int width = decoder.Width, samples = decoder.MaskWidth * config.PromptSamples * config.PromptSamples;
        if (config.PromptSamples > 0) _promptFeature = new ModuleList<Linear>([.. Enumerable.Range(0, decoder.Layers).Select(_ => Silent(samples, width))]);
        if (config.ShapedByBox)
        {
            _shapePrior = Silent(width, ShapePrior.Strengths);
            using var still = no_grad();
            using var strengths = tensor(FirstStrengths);
            _shapePrior.bias!.copy_(strengths);
        }
        if (config.NameQueries) _nameEvidence = Silent(width, width);
        if (config.ComparesClicks) // query, IoU and box of each token
            _clickQuality = new Mlp(decoder.MaskTokens * (width + 1 + 4), QualityWidth, decoder.MaskTokens, 3).EndingInZeros();
    }

    /// <summary>The modules under their names in the decoder's state dict.</summary>
    public IEnumerable<(string Name, nn.Module Module)> Modules =>
        from entry in new (string Name, nn.Module? Module)[]
            { ("prompt_feature", _promptFeature), ("shape_prior", _shapePrior), ("name_evidence", _nameEvidence), ("click_quality", _clickQuality) }
        where entry.Module is not null
        select (entry.Name, entry.Module!);

    /// <summary>The box of each mask token: for a click the token's own size around it, else the prompt's.</summary>
    /// <param name="boxes">[B, n, tokens, 4]: the prompt's box for each token.</param>
    /// <param name="kinds">[B, n].</param>
    /// <param name="height">Rows of the mask features.</param>
    /// <param name="width">Columns of the mask features.</param>
    public Tensor TokenBoxes(Tensor boxes, Tensor kinds, long height, long width)
    {
        if (_config.ClickSizes is not { } sizes) return boxes;
        double longer = Math.Max(height, width);
        var sides =
            sizes.SelectMany(s => new[] { Math.Min(LargestAnchor, (float)(s * longer / width)), Math.Min(LargestAnchor, (float)(s * longer / height)) });
        var own = tensor(sides.ToArray(), [sizes.Count, 2], device: boxes.device).expand(boxes.shape[0], boxes.shape[1], -1, -1);
        var isClick = kinds.eq(PromptQueries.Click).unsqueeze(2).unsqueeze(3); // [B, n, 1, 1]
        return where(isClick, cat([boxes.narrow(-1, 0, 2), own], -1), boxes);
    }

    /// <summary>
    /// The queries with what the prompts among them see of the finest features. Deformable attention reads levels of stride 8 and coarser, in
    /// which a thing of ten pixels is one cell; a grid over the query's own box, as in region heads (RoIAlign, arXiv 1703.06870), shows things
    /// of any size at one scale.
    /// </summary>
    /// <param name="layer">The layer that comes next.</param>
    /// <param name="content">[B, Q, C].</param>
    /// <param name="boxes">[B, Q, 4].</param>
    /// <param name="prompts">So many queries at the end are prompts.</param>
    /// <param name="maskFeatures">[B, M, h, w].</param>
    public Tensor Look(int layer, Tensor content, Tensor boxes, long prompts, Tensor maskFeatures)
    {
        if (_promptFeature is null || prompts == 0) return content;
        using var scope = NewDisposeScope();
        long others = content.shape[1] - prompts;
        var seen = _promptFeature[layer].call(Views(boxes.narrow(1, others, prompts), maskFeatures)); // [B, prompts, C]
        var told = content.narrow(1, others, prompts) + seen;
        return (others == 0 ? told : cat([content.narrow(1, 0, others), told], 1)).MoveToOuterDisposeScope();
    }

    /// <summary>How much each query's box shapes its mask; null where boxes do not.</summary>
    /// <param name="state">[B, Q, C].</param>
    /// <param name="unshaped">So many queries at the start stand for more than their box.</param>
    /// <returns>[B, Q, 2].</returns>
    public Tensor? Strengths(Tensor state, long unshaped)
    {
        if (_shapePrior is null) return null;
        using var scope = NewDisposeScope();
        var shaped = _shapePrior.call(state.narrow(1, unshaped, state.shape[1] - unshaped));
        return (unshaped == 0 ? shaped : cat([zeros(state.shape[0], unshaped, ShapePrior.Strengths, state.dtype, state.device), shaped], 1))
            .MoveToOuterDisposeScope();
    }

    /// <summary>The predicted IoUs of clicks after their masks were compared with each other; within 0..1 in inference.</summary>
    /// <param name="ious">[B, n, tokens].</param>
    /// <param name="state">[B, n * tokens, C].</param>
    /// <param name="boxes">[B, n * tokens, 4].</param>
    /// <param name="kinds">[B, n].</param>
    /// <param name="training">What is added may leave what an IoU can be; in training it is left so.</param>
    public Tensor Compare(Tensor ious, Tensor state, Tensor boxes, Tensor kinds, bool training)
    {
        if (_clickQuality is null) return ious;
        using var scope = NewDisposeScope();
        long batch = ious.shape[0], count = ious.shape[1];
        var described = cat([boxes.narrow(-1, 0, 2), boxes.narrow(-1, 2, 2).clamp_min(SmallestSide).log()], -1);
        var seen = cat([state.reshape(batch, count, -1), ious, described.reshape(batch, count, -1)], -1); // [B, n, tokens * (C + 5)]
        var compared = ious + _clickQuality.call(seen);
        return where(kinds.eq(PromptQueries.Click).unsqueeze(-1), training ? compared : compared.clamp(0, 1), ious).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// One query a name: its mask is everything that carries the name, its own class logit says whether anything does. It starts at the
    /// whole image, from the name and from the tokens that look most like it, and sees no other query: the answer to a name does not
    /// depend on what else is asked.
    /// </summary>
    /// <param name="decoder">The decoder that they are for.</param>
    /// <param name="memory">The image or batch.</param>
    /// <param name="nameEmbeddings">[B, names, T], zeros in unused places.</param>
    /// <param name="isPart">[B, names] bool: through which class projection the tokens are compared with the name.</param>
    /// <param name="logitScale">Rank 0, the language encoder's.</param>
    /// <exception cref="InvalidOperationException">The model was not trained with such queries.</exception>
    public ConditionedQueries ForNames(MaskDinoDecoder decoder, DecoderMemory memory, Tensor nameEmbeddings, Tensor isPart, Tensor logitScale)
    {
        if (_nameEvidence is null) throw new InvalidOperationException("This decoder has no name queries: select object queries by text.");
        using var scope = NewDisposeScope();
        var (batch, names) = (nameEmbeddings.shape[0], nameEmbeddings.shape[1]);
        var (_, valid) = QueryProposals.Of(memory.Shapes, memory.Tokens.device); // [1, S, 1]
        var tokens = decoder.EncodeTokens(memory, valid); // [B, S, C]
        var similarity = decoder.NameLogits(tokens, nameEmbeddings, isPart, logitScale); // [B, S, names]
        var attention = similarity.masked_fill(valid.logical_not(), float.NegativeInfinity).transpose(1, 2).softmax(-1); // [B, names, S]
        var content = nameEmbeddings.matmul(decoder.TextProjection) + _nameEvidence.call(attention.matmul(tokens));
        var everything = tensor(new[] { 0.5f, 0.5f, 1, 1 }, device: nameEmbeddings.device).expand(batch, names, 4);
        return new ConditionedQueries(content.MoveToOuterDisposeScope(), Activations.InverseSigmoid(everything).MoveToOuterDisposeScope(), names)
        {
            SeeObjects = false,
            EncodedTokens = tokens.MoveToOuterDisposeScope(),
        };
    }

    /// <summary>[B, Q, M * samples * samples]: the mask features on a grid over one and a half times each box.</summary>
    private Tensor Views(Tensor boxes, Tensor maskFeatures)
    {
        using var scope = NewDisposeScope();
        var (batch, queries, side) = (boxes.shape[0], boxes.shape[1], _config.PromptSamples);
        var steps = (arange(side, ScalarType.Float32, boxes.device) / (side - 1) - 0.5) * ViewStretch;
        var x = (boxes.narrow(-1, 0, 1) + boxes.narrow(-1, 2, 1) * steps).unsqueeze(2).expand(-1, -1, side, -1); // [B, Q, side, side]
        var y = (boxes.narrow(-1, 1, 1) + boxes.narrow(-1, 3, 1) * steps).unsqueeze(3).expand(-1, -1, -1, side);
        var grid = (stack([x, y], -1) * 2 - 1).view(batch, queries * side, side, 2);
        // [B, M, Q*side, side]
        var there = nn.functional.grid_sample(maskFeatures, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Zeros, align_corners: false);
        return there.view(batch, _decoder.MaskWidth, queries, side * side).transpose(1, 2).reshape(batch, queries, -1).MoveToOuterDisposeScope();
    }

    /// <summary>A layer that gives nothing yet.</summary>
    private static Linear Silent(long input, long output)
    {
        var layer = nn.Linear(input, output);
        nn.init.zeros_(layer.weight);
        nn.init.zeros_(layer.bias!);
        return layer;
    }
}
