using SemanticSam.Granularity.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>
/// One layer of the Mask DINO decoder (arXiv 2206.02777): self-attention between queries, deformable attention into the memory,
/// feed-forward. Norms come after each part and are numbered by the reference's own order: norm2, norm1, norm3.
/// </summary>
internal sealed class TransformerDecoderLayer : nn.Module
{
    private readonly MultiScaleDeformableAttention cross_attn;
    private readonly LayerNorm norm1;
    private readonly SelfAttention self_attn;
    private readonly LayerNorm norm2;
    private readonly Linear linear1;
    private readonly Linear linear2;
    private readonly LayerNorm norm3;

    public TransformerDecoderLayer(DecoderConfig config) : base(nameof(TransformerDecoderLayer))
    {
        int width = config.Width;
        cross_attn = new MultiScaleDeformableAttention(width, config.Levels, config.Heads, config.Points);
        norm1 = nn.LayerNorm(width);
        self_attn = new SelfAttention(width, config.SelfAttentionHeads);
        norm2 = nn.LayerNorm(width);
        linear1 = nn.Linear(width, config.FeedForwardWidth);
        linear2 = nn.Linear(config.FeedForwardWidth, width);
        norm3 = nn.LayerNorm(width);
        nn.init.xavier_uniform_(linear1.weight);
        nn.init.xavier_uniform_(linear2.weight);
        RegisterComponents();
    }

    /// <summary>The memory as this layer's attention samples it: the same for all prompts on an image.</summary>
    public Tensor ProjectMemory(Tensor memory) => cross_attn.ProjectValues(memory);

    /// <param name="x">[B, Q, C]: content of the queries.</param>
    /// <param name="position">[B, Q, C]: their position embedding.</param>
    /// <param name="reference">[B, Q, L or 1, 4]: their boxes (cx, cy, w, h) in 0..1 for each level.</param>
    /// <param name="value">The memory after <see cref="ProjectMemory"/>.</param>
    /// <param name="shapes">Height and width of each level of the memory.</param>
    /// <param name="visibility">Which queries see each other.</param>
    /// <returns>[B, Q, C].</returns>
    public Tensor forward(Tensor x, Tensor position, Tensor reference, Tensor value, IReadOnlyList<LevelShape> shapes, QueryVisibility visibility)
    {
        using var scope = NewDisposeScope();
        x = norm2.call(x + self_attn.forward(x, x + position, visibility));
        x = norm1.call(x + cross_attn.Attend(x + position, reference, value, shapes));
        return norm3.call(x + linear2.call(linear1.call(x).relu())).MoveToOuterDisposeScope();
    }
}
