using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.TextEncoder.Encoder;

/// <summary>A pre-norm transformer block: x + attn(ln_1(x)), then x + mlp(ln_2(x)); attention sees no later tokens.</summary>
internal sealed class ResidualAttentionBlock : Module<Tensor, Tensor>
{
    private readonly CausalSelfAttention attn;
    private readonly LayerNorm ln_1;
    private readonly TextMlp mlp;
    private readonly LayerNorm ln_2;

    public ResidualAttentionBlock(TextEncoderConfig config) : base(nameof(ResidualAttentionBlock))
    {
        attn = new CausalSelfAttention(config);
        ln_1 = LayerNorm(config.Width, config.LayerNormEpsilon);
        mlp = new TextMlp(config);
        ln_2 = LayerNorm(config.Width, config.LayerNormEpsilon);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = x + Attend(FirstNorm(x));
        return x + Feed(ln_2.Normalize(x));
    }

    /// <summary>The initial weights of CLIP (Radford et al., arXiv 2103.00020); biases stay those of the layers.</summary>
    internal void InitializeScaled(TextEncoderConfig config)
    {
        double width = Math.Pow(config.Width, -0.5), outputs = width * Math.Pow(2.0 * config.Layers, -0.5);
        init.normal_(attn.Input, 0, width);
        init.normal_(attn.Output.weight, 0, outputs);
        init.normal_(mlp.First.weight, 0, Math.Pow(2.0 * config.Width, -0.5));
        init.normal_(mlp.Second.weight, 0, outputs);
    }

    /// <summary>The initial weights of Semantic-SAM's language encoder; the packed input projection stays torch's own.</summary>
    internal void InitializePlain(double deviation)
    {
        foreach (var linear in new[] { attn.Output, mlp.First, mlp.Second })
        {
            InitialWeights.Normal(linear.weight, deviation);
            init.zeros_(linear.bias!);
        }
    }

    // The steps one by one, for comparison with reference values.
    internal Tensor FirstNorm(Tensor x) => ln_1.Normalize(x);

    internal Tensor Attend(Tensor normalized) => attn.forward(normalized);

    internal Tensor Feed(Tensor normalized) => mlp.forward(normalized);

    internal Tensor SecondNorm(Tensor x) => ln_2.Normalize(x);
}

/// <summary>Multi-head attention with packed projections, named as torch's MultiheadAttention.</summary>
internal sealed class CausalSelfAttention : Module<Tensor, Tensor>
{
    private readonly Parameter in_proj_weight;
    private readonly Parameter in_proj_bias;
    private readonly Linear out_proj;
    private readonly int _heads;

    public CausalSelfAttention(TextEncoderConfig config) : base(nameof(CausalSelfAttention))
    {
        _heads = config.Heads;
        in_proj_weight = ModuleTensors.Parameter(zeros(3 * config.Width, config.Width));
        in_proj_bias = ModuleTensors.Parameter(zeros(3 * config.Width));
        out_proj = Linear(config.Width, config.Width);
        init.xavier_uniform_(in_proj_weight);
        init.zeros_(out_proj.bias!);
        RegisterComponents();
    }

    internal Parameter Input => in_proj_weight;

    internal Linear Output => out_proj;

    public override Tensor forward(Tensor x)
    {
        long n = x.shape[0], length = x.shape[1], width = x.shape[2];
        var qkv = functional.linear(x, in_proj_weight, in_proj_bias)
            .view(n, length, 3, _heads, width / _heads).permute(2, 0, 3, 1, 4); // [3, N, heads, L, hd]
        var y = functional.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], is_casual: true); // [N, heads, L, hd]
        return out_proj.forward(y.transpose(1, 2).reshape(n, length, width)); // [N, L, W]
    }
}

/// <summary>Two linear layers, four times as wide between them.</summary>
internal sealed class TextMlp : Module<Tensor, Tensor>
{
    private readonly Linear c_fc;
    private readonly Linear c_proj;
    private readonly TextActivation _activation;

    public TextMlp(TextEncoderConfig config) : base(nameof(TextMlp))
    {
        c_fc = Linear(config.Width, 4 * config.Width);
        c_proj = Linear(4 * config.Width, config.Width);
        _activation = config.Activation;
        RegisterComponents();
    }

    internal Linear First => c_fc;

    internal Linear Second => c_proj;

    public override Tensor forward(Tensor x)
    {
        x = c_fc.forward(x);
        return c_proj.forward(_activation == TextActivation.QuickGelu ? x * sigmoid(x * 1.702) : functional.gelu(x));
    }
}

internal static class LayerNormExtensions
{
    /// <summary>A layer norm in its own precision: that of half-precision models stays in float32.</summary>
    public static Tensor Normalize(this LayerNorm norm, Tensor x)
    {
        var precision = norm.weight!.dtype;
        return x.dtype == precision ? norm.forward(x) : norm.forward(x.to(precision)).to(x.dtype);
    }
}
