using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Sam;

/// <summary>Attention and an MLP, each behind a norm and a residual; attention is global or inside windows.</summary>
internal sealed class ViTBlock : nn.Module<Tensor, Tensor>
{
    private const double Epsilon = 1e-6;

    private readonly LayerNorm norm1, norm2;
    private readonly ViTAttention attn;
    private readonly MlpBlock mlp;
    private readonly long _window;

    /// <param name="config">Sizes.</param>
    /// <param name="window">Side of a window, 0 for global attention.</param>
    public ViTBlock(ImageEncoderViTConfig config, long window) : base(nameof(ViTBlock))
    {
        _window = window;
        norm1 = nn.LayerNorm(config.Width, Epsilon);
        attn = new ViTAttention(config.Width, config.Heads, window > 0 ? window : config.Grid);
        norm2 = nn.LayerNorm(config.Width, Epsilon);
        mlp = new MlpBlock(config.Width, config.Width * config.MlpRatio, MlpActivation.Gelu);
        RegisterComponents();
    }

    /// <summary>[B, H, W, C] -> the same shape.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var normed = norm1.call(x);
        x = x + (_window > 0 ? MapWindows.Merge(attn.call(MapWindows.Cut(normed, _window)), x.shape[0], x.shape[1], x.shape[2]) : attn.call(normed));
        return (x + mlp.call(norm2.call(x))).MoveToOuterDisposeScope();
    }
}
