using SemanticSam.Granularity.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>Window attention and an MLP, each behind a norm and a residual; every other block shifts its windows.</summary>
internal sealed class SwinBlock : nn.Module
{
    private readonly long _window, _shift;
    private readonly double _drop;
    private readonly LayerNorm norm1, norm2;
    private readonly WindowAttention attn;
    private readonly SwinMlp mlp;

    /// <param name="width">Channels.</param>
    /// <param name="heads">Attention heads.</param>
    /// <param name="window">Side of a window.</param>
    /// <param name="shift">0, or how far the windows are moved; kept also where the map is smaller than a window.</param>
    /// <param name="mlpRatio">Hidden width over channels.</param>
    /// <param name="drop">Chance with which training skips a branch for an image.</param>
    public SwinBlock(long width, long heads, long window, long shift, double mlpRatio, double drop) : base(nameof(SwinBlock))
    {
        (_window, _shift, _drop) = (window, shift, drop);
        norm1 = nn.LayerNorm(width);
        attn = new WindowAttention(width, window, heads);
        norm2 = nn.LayerNorm(width);
        mlp = new SwinMlp(width, (long)(width * mlpRatio));
        RegisterComponents();
    }

    public WindowAttention Attention => attn;

    /// <summary>[B, h * w, C] -> the same shape.</summary>
    public Tensor forward(Tensor x, long h, long w)
    {
        using var scope = NewDisposeScope();
        x = x + Skip(Attend(norm1.call(x), h, w));
        return (x + Skip(mlp.call(norm2.call(x)))).MoveToOuterDisposeScope();
    }

    private Tensor Attend(Tensor y, long h, long w)
    {
        long batch = y.shape[0], width = y.shape[2];
        long bottom = (_window - h % _window) % _window, right = (_window - w % _window) % _window;
        var map = y.view(batch, h, w, width);
        if (bottom + right > 0) map = F.pad(map, [0, 0, 0, right, 0, bottom]);
        if (_shift > 0) map = map.roll([-_shift, -_shift], [1, 2]);
        map = attn.forward(map, _shift > 0 ? ShiftMask.All(map.shape[1] / _window, map.shape[2] / _window, _window, _shift, map.device) : null);
        if (_shift > 0) map = map.roll([_shift, _shift], [1, 2]);
        if (bottom + right > 0) map = map.narrow(1, 0, h).narrow(2, 0, w);
        return map.reshape(batch, h * w, width);
    }

    /// <summary>Stochastic depth: in training a branch is dropped for a whole image, or scaled up so that its mean stays.</summary>
    private Tensor Skip(Tensor branch)
    {
        if (!training || _drop == 0) return branch;
        var keep = empty([branch.shape[0], 1, 1], branch.dtype, branch.device).bernoulli_(1 - _drop);
        return branch * (keep / (1 - _drop));
    }
}

/// <summary>Two linear layers with an exact GELU between.</summary>
internal sealed class SwinMlp : nn.Module<Tensor, Tensor>
{
    private readonly Linear fc1, fc2;

    public SwinMlp(long width, long hidden) : base(nameof(SwinMlp))
    {
        fc1 = nn.Linear(width, hidden);
        fc2 = nn.Linear(hidden, width);
        RegisterComponents();
    }

    /// <summary>[..., C] -> [..., C].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return fc2.call(Activations.Gelu(fc1.call(x))).MoveToOuterDisposeScope();
    }
}
