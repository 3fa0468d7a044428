using SemanticSam.Granularity.Layers;
using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>What the queries say after a layer.</summary>
/// <param name="Classes">Logits [B, Q, classes + 1], "nothing" last.</param>
/// <param name="Masks">Logits [B, Q, h, w]; null where SAM's decoder draws them and was not asked to.</param>
/// <param name="Coarse">Logits [B, Q, h, w] of the queries' own masks, where SAM's decoder draws the others.</param>
/// <param name="Tokens">[B, Q, points, C]: the prompts that SAM's decoder would draw <see cref="Masks"/> of; null where it did, or does not draw.</param>
internal sealed record QueryAnswers(Tensor Classes, Tensor? Masks, Tensor? Coarse, Tensor? Tokens = null)
{
    /// <summary>What the queries began at, see <see cref="SelectedQueries.Cells"/>; of the start alone, and null where queries are learned.</summary>
    public Tensor? Cells { get; init; }

    /// <summary>The masks that are matched and attended to.</summary>
    public Tensor Guide => Coarse ?? Masks!;
}

/// <summary>Draws masks of prompt tokens [B, Q, points, C] and coarse logits [B, Q, h, w] (null for none): [B, Q, h, w].</summary>
internal delegate Tensor DrawPrompts(Tensor tokens, Tensor? coarse);

/// <summary>Mask2Former's head (arXiv 2112.01527); in RSPrompter-query its queries become prompts, and SAM's mask decoder draws.</summary>
internal sealed class QueryHead : nn.Module
{
    private readonly QueryPixelDecoder pixel_decoder;
    private readonly MaskedDecoder transformer_decoder;
    private readonly Embedding? query_embed, query_feat;
    private readonly QuerySelection? query_selection;
    private readonly Embedding level_embed;
    private readonly nn.Module<Tensor, Tensor> cls_embed;
    private readonly Sequential? mask_embed, point_emb;
    private readonly PositionEmbeddingSine _positions;
    private readonly PrompterConfig _config;

    public QueryHead(PrompterConfig config) : base(nameof(QueryHead))
    {
        _config = config;
        long width = config.QueryWidth;
        pixel_decoder = new QueryPixelDecoder(config);
        transformer_decoder = new MaskedDecoder(config);
        if (config.SelectsQueries) query_selection = new QuerySelection(config);
        else (query_embed, query_feat) = (ModuleTensors.Embedding(config.Queries, width), ModuleTensors.Embedding(config.Queries, width));
        level_embed = ModuleTensors.Embedding(3, width);
        bool prompts = config.Head == PrompterHead.Query;
        cls_embed = prompts ? nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, config.Classes + 1)) : nn.Linear(width, config.Classes + 1);
        if (!prompts || config.CoarseMasks) mask_embed = Mlp(width, config.Width);
        if (prompts) point_emb = Mlp(config.PointWidth, 2 * config.Width * config.Points, width);
        _positions = new PositionEmbeddingSine(width / 2);
        RegisterComponents();
    }

    /// <summary>What the queries say at the start and after each layer.</summary>
    /// <param name="maps">Five maps of the pyramid.</param>
    /// <param name="draw">SAM's decoder; null where the queries draw themselves.</param>
    /// <param name="last">
    /// Whether the last layer's masks are drawn. A training has no use for masks of queries that stand for nothing, and draws those it needs of the tokens.
    /// </param>
    public IReadOnlyList<QueryAnswers> forward(IReadOnlyList<Tensor> maps, DrawPrompts? draw, bool last)
    {
        using var scope = NewDisposeScope();
        var (maskFeature, memories) = pixel_decoder.forward(maps);
        long batch = maskFeature.shape[0];
        LevelShape[] shapes = [.. memories.Select(m => new LevelShape(m.shape[2], m.shape[3]))];
        Tensor[] tokens = [.. memories.Select((m, l) => m.flatten(2).transpose(1, 2) + level_embed.weight![l])];
        Tensor[] places = [.. shapes.Select(s => _positions.Of(s, maskFeature.device).flatten(2).transpose(1, 2))];
        var (cells, query, position) = query_selection?.forward(maskFeature, _positions) is { } selected
            ? ((Tensor?)selected.Cells, selected.Queries, selected.Positions)
            : (null, query_feat!.weight!.unsqueeze(0).expand(batch, -1, -1), query_embed!.weight!.unsqueeze(0));
        var answers = new List<QueryAnswers>();
        int depth = transformer_decoder.Depth;
        for (int i = 0; i <= depth; i++)
        {
            answers.Add(Answer(query, maskFeature, draw, fine: last && i == depth) with { Cells = i == 0 ? cells : null });
            if (i == depth) break;
            var hidden = Hidden(answers[^1].Guide, shapes[i % shapes.Length]);
            hidden = hidden.logical_and(hidden.all(-1, keepdim: true).logical_not()).unsqueeze(1); // a query that sees nothing sees everything
            query = transformer_decoder.Layer(i).forward(query, position, tokens[i % shapes.Length], places[i % shapes.Length], hidden);
        }
        return [.. answers.Select(a => new QueryAnswers(a.Classes.MoveToOuterDisposeScope(), a.Masks?.MoveToOuterDisposeScope(),
            a.Coarse?.MoveToOuterDisposeScope(), a.Tokens?.MoveToOuterDisposeScope()) { Cells = a.Cells?.MoveToOuterDisposeScope() })];
    }

    /// <summary>Prompt tokens of queries after the norm, [B, Q, points, C].</summary>
    internal Tensor Tokens(Tensor normed) => PromptTokens.Of(point_emb!.call(normed), _config.Points);

    /// <summary>The heads on queries [B, Q, C].</summary>
    internal QueryAnswers Answer(Tensor query, Tensor maskFeature, DrawPrompts? draw, bool fine)
    {
        using var scope = NewDisposeScope();
        var normed = transformer_decoder.Norm(query);
        var classes = cls_embed.call(normed);
        var own = mask_embed is null ? null
            : mask_embed.call(normed).matmul(maskFeature.flatten(2)).view(query.shape[0], query.shape[1], maskFeature.shape[2], maskFeature.shape[3]);
        if (draw is null) return new(classes.MoveToOuterDisposeScope(), own!.MoveToOuterDisposeScope(), null);
        // Without masks of the queries' own the fine ones guide the attention, so that they are always drawn.
        var tokens = Tokens(normed);
        var masks = fine || own is null ? draw(tokens, own?.detach()) : null;
        return new(classes.MoveToOuterDisposeScope(), masks?.MoveToOuterDisposeScope(), own?.MoveToOuterDisposeScope(),
            masks is null ? tokens.MoveToOuterDisposeScope() : null);
    }

    /// <summary>[B, Q, h, w] logits -> [B, Q, cells]: true where a query does not look.</summary>
    internal static Tensor Hidden(Tensor masks, LevelShape shape)
    {
        using var scope = NewDisposeScope();
        var resized = F.interpolate(masks.detach(), [shape.Height, shape.Width], mode: InterpolationMode.Bilinear, align_corners: false);
        return (resized.flatten(2).sigmoid() < 0.5).MoveToOuterDisposeScope();
    }

    /// <summary>Three linear layers with ReLU between them, named 0, 2 and 4.</summary>
    private static Sequential Mlp(long width, long output, long? input = null) =>
        nn.Sequential(nn.Linear(input ?? width, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, output));

    protected override void Dispose(bool disposing)
    {
        if (disposing) _positions.Dispose();
        base.Dispose(disposing);
    }
}
