using SemanticSam.Granularity.Layers;
using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.Sam;

/// <summary>Attention in windows, a depthwise convolution over the map, an MLP.</summary>
internal sealed class TinyViTBlock : nn.Module<Tensor, Tensor>
{
    private readonly TinyViTAttention attn;
    private readonly TinyViTMlp mlp;
    private readonly Conv2dBN local_conv;
    private readonly long _window;

    public TinyViTBlock(long width, long heads, long window, int mlpRatio) : base(nameof(TinyViTBlock))
    {
        _window = window;
        attn = new TinyViTAttention(width, heads, window);
        mlp = new TinyViTMlp(width, width * mlpRatio);
        local_conv = new Conv2dBN(width, width, kernel: 3, groups: width);
        RegisterComponents();
    }

    /// <summary>[B, side * side, C] -> the same shape.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var map = SquareMap.Of(x.contiguous());
        long batch = map.shape[0], side = map.shape[1], width = map.shape[3];
        var windows = MapWindows.Cut(map, _window).view(-1, _window * _window, width);
        map = map + MapWindows.Merge(attn.call(windows).view(-1, _window, _window, width), batch, side, side);
        var tokens = local_conv.call(map.permute(0, 3, 1, 2)).flatten(2).transpose(1, 2); // [B, side * side, C]
        return (tokens + mlp.call(tokens)).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// Attention between the cells of a window behind a norm of its own, with a learned bias for each head and pair of distances (LeViT,
/// arXiv 2104.01136). State-dict names: attention_biases, norm, qkv, proj.
/// </summary>
internal sealed class TinyViTAttention : PositionedAttention
{
    private readonly Parameter attention_biases; // [heads, w * w]
    private readonly LayerNorm norm;
    private readonly Linear qkv, proj;
    private readonly long _heads, _window;

    public TinyViTAttention(long width, long heads, long window) : base(nameof(TinyViTAttention))
    {
        (_heads, _window) = (heads, window);
        attention_biases = ModuleTensors.Parameter(zeros(heads, window * window));
        norm = nn.LayerNorm(width);
        qkv = nn.Linear(width, 3 * width);
        proj = nn.Linear(width, width);
        TinyViTWeights.Initialize(qkv, proj);
        RegisterComponents();
    }

    /// <summary>[windows, w * w, C] -> the same shape.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        long cells = x.shape[1], depth = x.shape[2] / _heads;
        var split = qkv.call(norm.call(x)).view(-1, cells, _heads, 3 * depth).transpose(1, 2); // [windows, heads, w * w, q k v]
        var bias = Positions[0].unsqueeze(0); // [1, heads, w * w, w * w]
        var attended = F.scaled_dot_product_attention(split.narrow(3, 0, depth), split.narrow(3, depth, depth), split.narrow(3, 2 * depth, depth), bias);
        return proj.call(attended.transpose(1, 2).reshape(x.shape)).MoveToOuterDisposeScope();
    }

    /// <summary>Bias of every pair of cells, [heads, w * w, w * w].</summary>
    protected override Tensor[] Gather()
    {
        using var scope = NewDisposeScope();
        long cells = _window * _window;
        return [attention_biases.index_select(1, Distances(_window, attention_biases.device)).view(_heads, cells, cells).MoveToOuterDisposeScope()];
    }

    /// <summary>|dy| * w + |dx| for every pair of cells, [w^4].</summary>
    private static Tensor Distances(long window, Device device)
    {
        long cells = window * window;
        var index = new long[cells * cells];
        for (long i = 0; i < cells; i++)
            for (long j = 0; j < cells; j++)
                index[i * cells + j] = Math.Abs(i / window - j / window) * window + Math.Abs(i % window - j % window);
        return tensor(index, device: device);
    }
}

/// <summary>Two layers behind a norm. State-dict names: norm, fc1, fc2.</summary>
internal sealed class TinyViTMlp : nn.Module<Tensor, Tensor>
{
    private readonly LayerNorm norm;
    private readonly Linear fc1, fc2;

    public TinyViTMlp(long width, long hidden) : base(nameof(TinyViTMlp))
    {
        norm = nn.LayerNorm(width);
        fc1 = nn.Linear(width, hidden);
        fc2 = nn.Linear(hidden, width);
        TinyViTWeights.Initialize(fc1, fc2);
        RegisterComponents();
    }

    /// <summary>[..., C] -> the same shape.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return fc2.call(Activations.Gelu(fc1.call(norm.call(x)))).MoveToOuterDisposeScope();
    }
}
