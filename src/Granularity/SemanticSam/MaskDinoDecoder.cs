using SemanticSam.Granularity.Layers;
using SemanticSam.TextEncoder.Encoder;
using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>
/// The mask decoder of the Mask DINO line (arXiv 2206.02777): Semantic-SAM (arXiv 2307.04767), where prompts times mask tokens are
/// the queries, and OpenSeeD (arXiv 2303.08131), where text selects queries among the tokens of the image. The same layers, box
/// refinement and heads serve both. State-dict names are those of <c>sem_seg_head.predictor</c> in the published checkpoints.
/// </summary>
internal sealed partial class MaskDinoDecoder : nn.Module
{
    private readonly Parameter? lang_mapper; // [T, C]
    private readonly Parameter? class_embed; // [C, T]
    private readonly Parameter? class_embed_part; // [C, T]
    private readonly Mlp mask_embed;
    private readonly LayerNorm decoder_norm;
    private readonly TransformerDecoder decoder;
    private readonly Mlp _bbox_embed;
    private readonly ModuleList<Mlp> bbox_embed; // _bbox_embed once more for each layer, as the checkpoints name it
    private readonly Mlp? iou_prediction_head;
    private readonly Embedding? mask_tokens;
    private readonly Embedding? pb_embedding;
    private readonly Embedding? label_enc;
    private readonly Linear? enc_output;
    private readonly LayerNorm? enc_output_norm;
    private readonly Embedding? query_feat;
    private readonly Embedding? query_embed;
    private readonly LanguageEncoder? lang_encoder;

    /// <summary>Makes the decoder with random weights.</summary>
    /// <param name="config">Sizes and switches.</param>
    /// <param name="languageEncoder">Stored under <c>lang_encoder</c> as in the checkpoints; the decoder itself works on embeddings. Null for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">The configuration is invalid; the message names the value.</exception>
    public MaskDinoDecoder(DecoderConfig config, LanguageEncoder? languageEncoder = null) : base(nameof(MaskDinoDecoder))
    {
        config.Validate();
        Config = config;
        int width = config.Width;
        if (config.TextWidth > 0)
        {
            lang_mapper = RandomProjection(config.TextWidth, width);
            class_embed = RandomProjection(width, config.TextWidth);
            class_embed_part = config.PartClasses ? RandomProjection(width, config.TextWidth) : null;
        }
        mask_embed = new Mlp(width, width, config.MaskWidth, 3);
        decoder_norm = nn.LayerNorm(width);
        _bbox_embed = new Mlp(width, width, 4, 3).EndingInZeros(); // boxes start at their anchors
        bbox_embed = new ModuleList<Mlp>([.. Enumerable.Repeat(_bbox_embed, config.Layers)]);
        decoder = new TransformerDecoder(config, decoder_norm, _bbox_embed);
        if (config.MaskTokens > 0)
        {
            iou_prediction_head = new Mlp(width, width, 1, 3);
            mask_tokens = ModuleTensors.Embedding(config.MaskTokens, width);
            pb_embedding = ModuleTensors.Embedding(config.PromptKinds, width);
            label_enc = ModuleTensors.Embedding(2, width);
        }
        if (config.ObjectQueries > 0)
        {
            if (config.TwoStage)
            {
                enc_output = nn.Linear(width, width);
                enc_output_norm = nn.LayerNorm(width);
            }
            int learned = config.StuffQueries > 0 ? config.StuffQueries : config.ObjectQueries;
            if (config.StuffQueries > 0 || config.LearnedContent || !config.TwoStage)
                query_feat = ModuleTensors.Embedding(learned, width);
            if (config.StuffQueries > 0 || !config.TwoStage)
                query_embed = ModuleTensors.Embedding(learned, 4);
        }
        lang_encoder = languageEncoder;
        RegisterComponents();
        Additions = config.Additions is { } additions ? new DecoderAdditions(additions, config) : null;
        foreach (var (name, module) in Additions?.Modules ?? []) register_module(name, module);
    }

    /// <summary>Sizes and switches.</summary>
    public DecoderConfig Config { get; }

    /// <summary>What the embedded model adds to the published decoder; null in the published models.</summary>
    internal DecoderAdditions? Additions { get; }

    /// <summary>The language encoder that is stored with the decoder; null for none.</summary>
    public LanguageEncoder? LanguageEncoder => lang_encoder;

    /// <summary>Weights for a training from nothing, without any pretrained part: projections between queries and text keep lengths.</summary>
    internal void ResetForScratch()
    {
        foreach (var projection in new[] { lang_mapper, class_embed, class_embed_part })
            if (projection is not null) nn.init.normal_(projection, 0, 1 / Math.Sqrt(projection.shape[0]));
        lang_encoder?.ResetForScratch();
    }

    internal TransformerDecoder Layers => decoder;

    internal LayerNorm Norm => decoder_norm;

    /// <summary>Takes up what the pixel decoder made of an image.</summary>
    /// <param name="maskFeatures">[B, M, H/4, W/4].</param>
    /// <param name="multiScale">The levels [B, C, h, w], the finest first.</param>
    /// <param name="keepProjections">
    /// Also keep what each layer's attention samples (Layers x S x C numbers): every further prompt on the image is then spared
    /// the largest matrix products of the decoder. Wrong in training only in that it costs memory.
    /// </param>
    /// <returns>A memory, in the caller's dispose scope; its mask features share storage with the caller's tensor.</returns>
    /// <exception cref="ArgumentException">The number of levels is not the configuration's.</exception>
    public DecoderMemory Remember(Tensor maskFeatures, IReadOnlyList<Tensor> multiScale, bool keepProjections = true)
    {
        if (multiScale.Count != Config.Levels)
            throw new ArgumentException($"The decoder takes {Config.Levels} levels, {multiScale.Count} were given.", nameof(multiScale));
        using var scope = NewDisposeScope();
        var tokens = new List<Tensor>(multiScale.Count);
        var shapes = new List<LevelShape>(multiScale.Count);
        foreach (var level in multiScale.Reverse())
        {
            shapes.Add(new LevelShape(level.shape[2], level.shape[3]));
            tokens.Add(level.flatten(2).transpose(1, 2)); // [B, h*w, C]
        }
        var memory = cat(tokens, 1); // [B, S, C]
        return new DecoderMemory(maskFeatures.alias(), memory, shapes, keepProjections ? decoder.ProjectMemory(memory) : null)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Answers prompts, names, or both.</summary>
    /// <param name="memory">The image, from <see cref="Remember"/>.</param>
    /// <param name="request">What is asked.</param>
    /// <exception cref="ArgumentException">The request asks for queries the model does not have, or object queries without names.</exception>
    public DecoderResult forward(DecoderMemory memory, DecoderRequest request)
    {
        Check(request);
        using var scope = NewDisposeScope();
        ObjectQuerySet? selection = request.Objects ? SelectObjects(memory, request) : null;
        var queries = Assemble(memory, request, selection);
        bool all = request.Depth == DecoderDepth.AllLayers;

        var depths = new List<Predictions>();
        bool initial = all && Config.InitialPrediction && queries.ObjectCount + queries.ConditionedCount > 0;
        if (initial)
            depths.Add(InitialPredictions(queries, memory, request));
        Func<int, Tensor, Tensor, Tensor>? look = Additions is not { } additions ? null
            : (layer, content, boxes) => additions.Look(layer, content, boxes, queries.PromptCount, memory.MaskFeatures);
        var layers = decoder.forward(queries.Content, queries.Anchors, memory, queries.Visibility, all, look);
        for (int i = 0; i < layers.Count; i++)
            depths.Add(PredictAfterLayer(layers[i], queries, memory, request, isLast: i == layers.Count - 1));
        return Split(depths, initial, queries, selection).MoveToOuterDisposeScope();
    }

    private Predictions InitialPredictions(AssembledQueries queries, DecoderMemory memory, DecoderRequest request)
    {
        // Prompts stand at the end and are not asked before the first layer.
        long count = queries.ConditionedCount + queries.ObjectCount;
        var content = queries.Content.narrow(1, 0, count);
        var boxes = queries.Anchors.narrow(1, 0, count).sigmoid();
        return Predict(decoder_norm.call(content), boxes, memory, request, withMasks: request.Masks == MaskOutput.All, unshaped: queries.ConditionedCount);
    }

    private Predictions PredictAfterLayer(DecodedLayer layer, AssembledQueries queries, DecoderMemory memory, DecoderRequest request, bool isLast)
    {
        var once = decoder_norm.call(layer.State); // [B, Q, C]
        var twice = decoder_norm.call(once); // quirk of both models: the heads read a state normed twice
        var boxState = Config.BoxHead == BoxHeadInput.NormedTwice ? twice : once;
        var boxes = (_bbox_embed.call(boxState) + Activations.InverseSigmoid(layer.BoxBefore)).sigmoid();
        bool withMasks = request.Masks == MaskOutput.All || (request.Masks == MaskOutput.Last && isLast);
        var predictions = Predict(twice, boxes, memory, request, withMasks, queries.ConditionedCount);
        return queries.PromptCount == 0 ? predictions : predictions with { Ious = Quality(twice, boxes, request.Prompts!.Kinds) };
    }

    /// <param name="state">[B, Q, C] what the heads read.</param>
    /// <param name="boxes">[B, Q, 4].</param>
    /// <param name="memory">The image.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="withMasks">Whether masks are drawn.</param>
    /// <param name="unshaped">So many queries at the start stand for more than their box.</param>
    private Predictions Predict(Tensor state, Tensor boxes, DecoderMemory memory, DecoderRequest request, bool withMasks, long unshaped = 0)
    {
        var codes = request.Masks == MaskOutput.None ? null : new MaskCodes(mask_embed.call(state), boxes, Additions?.Strengths(state, unshaped));
        var names = request.Names;
        return new Predictions
        {
            Boxes = boxes,
            Codes = codes,
            Masks = withMasks ? codes?.Planes(memory.MaskFeatures) : null,
            Logits = names?.Whole is null || class_embed is null ? null : WholeLogits(state, names),
            PartLogits = names?.Part is null || class_embed_part is null ? null
                : Similarity.Logits(state.matmul(class_embed_part), names.Part, names.LogitScale),
        };
    }

    /// <summary>Each prompt query tells how good its mask is. [B, n, tokens].</summary>
    private Tensor Quality(Tensor state, Tensor boxes, Tensor kinds)
    {
        using var scope = NewDisposeScope();
        long prompts = kinds.shape[1] * Config.MaskTokens, first = state.shape[1] - prompts;
        var ofPrompts = state.narrow(1, first, prompts);
        var ious = iou_prediction_head!.call(ofPrompts).view(state.shape[0], -1, Config.MaskTokens);
        return (Additions?.Compare(ious, ofPrompts, boxes.narrow(1, first, prompts), kinds, training) ?? ious).MoveToOuterDisposeScope();
    }

    private static DecoderResult Split(IReadOnlyList<Predictions> depths, bool initial, AssembledQueries queries, ObjectQuerySet? selection)
    {
        var ofLayers = initial ? depths.Skip(1) : depths;
        long objectStart = queries.ConditionedCount;
        long promptStart = objectStart + queries.ObjectCount;
        return new DecoderResult
        {
            Conditioned = queries.ConditionedCount == 0 ? [] : [.. depths.Select(d => d.Slice(0, queries.ConditionedCount))],
            Objects = queries.ObjectCount == 0 ? [] : [.. depths.Select(d => d.Slice(objectStart, queries.ObjectCount))],
            Prompts = queries.PromptCount == 0 ? [] : [.. ofLayers.Select(d => d.Slice(promptStart, queries.PromptCount) with { Ious = d.Ious })],
            Selection = selection,
        };
    }

    private static Parameter RandomProjection(long from, long to)
    {
        var weight = empty(from, to);
        InitialWeights.Normal(weight, 0.02);
        return ModuleTensors.Parameter(weight);
    }
}
