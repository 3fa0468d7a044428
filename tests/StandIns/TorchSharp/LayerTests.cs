using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Tests.StandIns;

/// <summary>Layers against PyTorch 1.13: inputs and parameters are sine waves, outputs are given by their shape, sum,
/// sum of squares, and first, second, middle and last value.</summary>
public sealed class LayerTests
{
    private static Tensor Wave(long[] shape, double a = 0.37, double b = 0.11)
    {
        long n = shape.Aggregate(1L, (x, y) => x * y);
        return ((arange(n, dtype: ScalarType.Float32) * a) + b).sin().view(shape);
    }

    private static T WithWaves<T>(T module) where T : nn.Module
    {
        int i = 0;
        using (no_grad())
        {
            foreach (Parameter p in module.parameters().ToArray())
            {
                p.copy_(Wave(p.shape, 0.37 + (0.1 * i), 0.3 + (0.2 * i)));
                i++;
            }
        }
        return module;
    }

    private static readonly Dictionary<string, Func<Tensor, Tensor>> s_layers = new()
    {
        ["conv"] = Of(() => nn.Conv2d(3, 4, 3, stride: 2, padding: 1)),
        ["conv_groups"] = Of(() => nn.Conv2d(3, 6, (3, 1), padding: (1, 0), dilation: (2, 1), groups: 3, bias: false)),
        ["conv_same"] = Of(() => nn.Conv2d(3, 4, 4, padding: Padding.Same)),
        ["conv_reflect"] = Of(() => nn.Conv2d(3, 4, 3, padding: 1, padding_mode: PaddingModes.Reflect)),
        ["convt"] = Of(() => nn.ConvTranspose2d(3, 4, 2, stride: 2)),
        ["gn"] = Of(() => nn.GroupNorm(3, 3)),
        ["ln"] = Of(() => nn.LayerNorm([5, 6], eps: 1e-6)),
        ["up"] = Of(() => nn.Upsample(scale_factor: [2, 2], mode: UpsampleMode.Bilinear, align_corners: false)),
        ["maxpool"] = Of(() => nn.MaxPool2d(2, ceil_mode: true)),
        ["avgpool"] = Of(() => nn.AvgPool2d(3, 2, 1, count_include_pad: false)),
        ["adapt"] = Of(() => nn.AdaptiveAvgPool2d((2, 3))),
        ["conv1d"] = x => Of(() => nn.Conv1d(6, 4, 3, padding: 1))(x.view(6, 5, 6).transpose(1, 0)),
        ["linear"] = Of(() => nn.Linear(6, 5)),
        ["bn_train"] = Of(() => nn.BatchNorm2d(3)),
        ["bn_eval"] = x =>
        {
            using BatchNorm2d norm = WithWaves(nn.BatchNorm2d(3));
            norm.call(x);
            norm.eval();
            return norm.call(x);
        },
        ["relu"] = Act(() => nn.ReLU()),
        ["gelu"] = Act(() => nn.GELU()),
        ["gelu_tanh"] = Act(() => nn.GELU(GELU.Approximate.tanh)),
        ["silu"] = Act(() => nn.SiLU()),
        ["sigmoid"] = Act(() => nn.Sigmoid()),
        ["tanh"] = Act(() => nn.Tanh(false)),
        ["leaky"] = Act(() => nn.LeakyReLU(0.1)),
        ["elu"] = Act(() => nn.ELU(0.5)),
        ["relu6"] = Act(() => nn.ReLU6()),
        ["softmax"] = Act(() => nn.Softmax(1)),
        ["log_softmax"] = Act(() => nn.LogSoftmax(1)),
        ["softplus"] = Act(() => nn.Softplus(2, 1)),
        ["shapes"] = Act(() => nn.Sequential(nn.Flatten(0, 1), nn.Unflatten(0, [1, 6]), nn.Identity())),
        ["mha"] = x => Attend(true).Item1,
        ["mha_w"] = x => Attend(true).Item2!,
        ["mha2"] = x => Attend(false).Item1,
        ["mha2_w"] = x => Attend(false).Item2!,
    };

    private static Func<Tensor, Tensor> Of(Func<nn.Module<Tensor, Tensor>> make) => x =>
    {
        using nn.Module<Tensor, Tensor> layer = WithWaves(make());
        return layer.call(x);
    };

    private static Func<Tensor, Tensor> Act(Func<nn.Module<Tensor, Tensor>> make) => x => Of(make)((x * 4) - 1);

    private static Tuple<Tensor, Tensor?> Attend(bool padded)
    {
        Tensor q = Wave([4, 2, 6]);
        if (padded)
        {
            using MultiheadAttention attention = WithWaves(nn.MultiheadAttention(6, 3));
            Tensor kv = Wave([5, 2, 6], 0.5);
            Tensor mask = tensor(new[] { false, false, false, false, false, false, false, false, true, true }).view(2, 5);
            return attention.call(q, kv, kv, key_padding_mask: mask);
        }
        using MultiheadAttention other = WithWaves(nn.MultiheadAttention(6, 2, kdim: 4, vdim: 3, add_bias_kv: true, add_zero_attn: true));
        Tensor causal = full(4, 5, float.NegativeInfinity).triu(2);
        return other.call(q, Wave([5, 2, 4]), Wave([5, 2, 3]), attn_mask: causal);
    }

    public static TheoryData<string, long[], double, double, float[]> References => new()
    {
        { "conv", [2, 4, 3, 3], 60.28005, 297.9405, [1.545875f, 2.753998f, 1.168323f, -0.567028f] },
        { "conv_groups", [2, 6, 3, 6], 2.494555, 19.33373, [-0.242175f, -0.298925f, -0.199299f, 0.073356f] },
        { "conv_same", [2, 4, 5, 6], 245.5885, 17791.85, [9.073381f, 14.197742f, 5.841708f, 0.759075f] },
        { "conv_reflect", [2, 4, 5, 6], 189.6744, 1256.279, [2.804461f, 2.818025f, -0.358753f, 1.120580f] },
        { "convt", [2, 4, 10, 12], 779.4623, 2267.184, [0.128055f, 0.921872f, 0.831061f, 1.431207f] },
        { "gn", [2, 3, 5, 6], 137.7462, 186.5968, [0.624237f, 0.709276f, 0.784050f, 0.216229f] },
        { "ln", [2, 3, 5, 6], 40.53709, 163.9927, [0.624238f, 1.307882f, 0.784053f, 1.898366f] },
        { "up", [2, 3, 10, 12], 28.30436, 268.9606, [0.389418f, 0.439350f, 0.777794f, -0.666347f] },
        { "maxpool", [2, 3, 3, 3], 23.7193, 26.84154, [0.978197f, 0.886627f, 0.777794f, -0.478811f] },
        { "avgpool", [2, 3, 3, 3], 2.184819, 12.52508, [0.715463f, 0.757542f, 0.065922f, 0.143622f] },
        { "adapt", [2, 3, 2, 3], -1.29379, 3.922551, [0.432931f, 0.323338f, -0.259335f, 0.316529f] },
        { "conv1d", [5, 4, 6], 95.62268, 1779.884, [1.398847f, 3.486938f, 3.591135f, -0.309900f] },
        { "linear", [2, 3, 5, 5], 121.0097, 995.6837, [4.273425f, -0.982104f, 1.405768f, 2.104629f] },
        { "bn_train", [2, 3, 5, 6], 137.7462, 186.5969, [0.622103f, 0.706804f, 0.786806f, 0.160754f] },
        { "bn_eval", [2, 3, 5, 6], 141.117, 157.4474, [0.595927f, 0.656503f, 0.713719f, 0.400604f] },
        { "relu", [2, 3, 5, 6], 155.524, 368.4931, [0.557673f, 1.356579f, 2.111176f, 0.000000f] },
        { "gelu", [2, 3, 5, 6], 147.2757, 358.5099, [0.396766f, 1.237936f, 2.074487f, -0.000453f] },
        { "gelu_tanh", [2, 3, 5, 6], 147.2971, 358.5979, [0.396740f, 1.237702f, 2.074680f, -0.000315f] },
        { "silu", [2, 3, 5, 6], 127.0444, 314.6213, [0.354632f, 1.078756f, 1.883136f, -0.091472f] },
        { "sigmoid", [2, 3, 5, 6], 77.5376, 60.66835, [0.635914f, 0.795203f, 0.891985f, 0.024956f] },
        { "tanh", [2, 3, 5, 6], -21.50528, 148.4717, [0.506249f, 0.875597f, 0.971096f, -0.998691f] },
        { "leaky", [2, 3, 5, 6], 124.802, 380.3625, [0.557673f, 1.356579f, 2.111176f, -0.366539f] },
        { "elu", [2, 3, 5, 6], 112.8787, 387.9623, [0.557673f, 1.356579f, 2.111176f, -0.487203f] },
        { "relu6", [2, 3, 5, 6], 155.524, 368.4931, [0.557673f, 1.356579f, 2.111176f, 0.000000f] },
        { "softmax", [2, 3, 5, 6], 60, 38.30022, [0.053386f, 0.104560f, 0.874674f, 0.009133f] },
        { "log_softmax", [2, 3, 5, 6], -329.1985, 974.3238, [-2.930212f, -2.257997f, -0.133905f, -4.695816f] },
        { "softplus", [2, 3, 5, 6], 160.2507, 370.2068, [0.557673f, 1.356579f, 2.111176f, 0.000327f] },
        { "shapes", [1, 6, 5, 6], -151.6956, 1555.435, [0.557673f, 1.356579f, 2.111176f, -3.665388f] },
        { "mha", [4, 2, 6], 30.36085, 358.873, [0.669269f, 2.331093f, 1.264338f, -0.641124f] },
        { "mha_w", [2, 4, 5], 8, 4.436278, [0.725331f, 0.197030f, 0.432669f, 0.000000f] },
        { "mha2", [4, 2, 6], 4.052528, 230.644, [3.670386f, 2.241994f, 3.885620f, -2.776138f] },
        { "mha2_w", [2, 4, 7], 8, 3.905397, [0.688483f, 0.000941f, 0.595577f, 0.014746f] },
    };

    [Theory]
    [MemberData(nameof(References))]
    public void Forward_OnWaves_EqualsPyTorch(string name, long[] shape, double sum, double squares, float[] values)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();

        Tensor y = s_layers[name](Wave([2, 3, 5, 6], 0.23, 0.4));

        Assert.Equal(shape, y.shape);
        Tensor all = y.to(ScalarType.Float64);
        Assert.Equal(sum, all.sum().item<double>(), Math.Max(1e-4, 1e-6 * squares));
        Assert.Equal(squares, all.pow(2).sum().item<double>(), 1e-5 * Math.Max(1, squares));
        float[] flat = y.contiguous().data<float>().ToArray();
        Support.Close.AssertAbsolute([flat[0], flat[1], flat[flat.Length / 2], flat[^1]], values, 2e-5, name);
    }

    [Fact]
    public void NewLayers_SameSeed_StartAsInPyTorch()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        using Linear linear = nn.Linear(3, 2);
        using Conv2d conv = nn.Conv2d(2, 2, 2);
        using Embedding embedding = nn.Embedding(2, 2);

        float[] actual = [.. Floats(linear.weight), .. Floats(linear.bias!), .. Floats(conv.weight)[..3], .. Floats(conv.bias!), .. Floats(embedding.weight)];
        float[] expected =
        [
            0.040325075f, -0.34779212f, 0.18384182f, 0.18116128f, -0.30858037f, -0.08653163f, -0.33822793f, 0.14980665f,
            -0.09523586f, 0.24838422f, 0.2509827f, 0.014799781f, 0.06592441f, 0.49633223f, 0.119600035f, 0.093791284f, -0.13337387f,
        ];

        Support.Close.AssertAbsolute(actual, expected, 1e-6, "start");
    }

    private static float[] Floats(Tensor t) => t.detach().data<float>().ToArray();

    [Fact]
    public void TruncNormal_SameSeed_EqualsPyTorch()
    {
        using var scope = NewDisposeScope();
        Tensor t = empty(4);
        manual_seed(7);
        nn.init.trunc_normal_(t, std: 0.02);

        Support.Close.AssertAbsolute(Floats(t), [0.0017529986f, -0.016918076f, 0.008206252f, 0.008079816f], 1e-7, "trunc_normal_");
    }

    [Theory]
    [InlineData(2.0, 5.388845920562744, 0.70267707f, 0.13344939f)]
    [InlineData(1.0, 13.784871101379395, 0.27469385f, 0.052168664f)]
    [InlineData(double.PositiveInfinity, 2.9924850463867188, 1.2653757f, 0.24031468f)]
    public void ClipGradNorm_LargeGradients_ScalesAsPyTorch(double type, double norm, float first, float second)
    {
        using var scope = NewDisposeScope();
        Parameter[] p = [new(zeros(2, 3)), new(zeros(4)), new(zeros(1))];
        p[0].grad = Wave([2, 3], 0.5, 1) * 3;
        p[1].grad = Wave([4], 0.9, 0.5);

        double total = nn.utils.clip_grad_norm_(p, 1.5, type);

        Assert.Equal(norm, total, 1e-5);
        Assert.Equal(first, Floats(p[0].grad!)[0], 1e-5f);
        Assert.Equal(second, Floats(p[1].grad!)[0], 1e-5f);
    }

    [Fact]
    public void ClipGradNorm_SmallGradients_LeavesThemAlone()
    {
        using var scope = NewDisposeScope();
        Parameter p = new(zeros(2));
        p.grad = tensor(new[] { 0.3f, 0.4f });

        Assert.Equal(0.5, nn.utils.clip_grad_norm_([p], 1.0), 1e-6);
        Assert.Equal([0.3f, 0.4f], Floats(p.grad!));
    }

    [Fact]
    public void Dropout_TrainingAndNot_ZeroesOrPasses()
    {
        using var scope = NewDisposeScope();
        Tensor x = ones(10000);
        using Dropout dropout = nn.Dropout(0.25);

        Tensor y = dropout.call(x);
        Assert.Equal(0.25, (y == 0).to(ScalarType.Float32).mean().item<float>(), 0.02);
        Assert.Equal(4f / 3, y.max().item<float>(), 1e-6f);
        dropout.eval();
        Assert.True(dropout.call(x).allclose(x, 0, 0));
    }

    [Fact]
    public void Embedding_PaddingIndex_IsZeroAndGetsNoGradient()
    {
        using var scope = NewDisposeScope();
        using Embedding table = nn.Embedding(4, 3, padding_idx: 2);
        Tensor ids = tensor(new long[] { 0, 2, 2, 3 });

        Tensor rows = table.call(ids);
        rows.sum().backward();

        Assert.Equal([4L, 3L], rows.shape);
        Assert.Equal(0f, rows[1].abs().sum().item<float>());
        Assert.Equal([3f, 0f, 0f, 3f], Floats(table.weight.grad!.sum(1L)));
    }

    [Fact]
    public void Sequential_IndexedAndSliced_GivesItsParts()
    {
        using var scope = NewDisposeScope();
        using Sequential all = nn.Sequential(nn.Linear(2, 3), nn.ReLU(true), nn.Linear(3, 1));
        Tensor x = randn(4, 2);

        Tensor parts = all[2..].call(all[..2].call(x));

        Assert.Equal(3, all.Count);
        Assert.True(all.call(x).allclose(parts));
        Assert.Equal(["0.weight", "0.bias", "2.weight", "2.bias"], all.state_dict().Keys);
    }

    [Fact]
    public void ConvTranspose_OutputSize_IsReached()
    {
        using var scope = NewDisposeScope();
        using ConvTranspose2d up = nn.ConvTranspose2d(1, 1, 3, stride: 2, padding: 1);
        Tensor x = ones(1, 1, 4, 5);

        Assert.Equal([1L, 1L, 8L, 9L], up.forward(x, [8, 9]).shape);
        Assert.Throws<ArgumentException>(() => up.forward(x, [10, 9]));
    }

    [Theory]
    [InlineData(3, 4, 2)]
    [InlineData(4, 3, 2)]
    public void Convolution_GroupsThatDoNotDivide_Throws(long input, long output, long groups) =>
        Assert.Throws<ArgumentException>(() => nn.Conv2d(input, output, 1, groups: groups));
}
