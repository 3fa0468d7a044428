using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Tests.StandIns.TorchSharpBridge;

/// <summary>torch.nn.functional against values worked out by hand.</summary>
public sealed class FunctionalTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    private static void Same(float[] expected, Tensor actual, float within = 1e-5f)
    {
        float[] values = actual.@float().data<float>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (int i = 0; i < values.Length; i++) Assert.Equal(expected[i], values[i], within);
    }

    private static Tensor Image(params float[] values) => tensor(values).reshape(1, 1, (long)Math.Sqrt(values.Length), -1);

    [Fact]
    public void Linear_IsProductWithTransposePlusBias() =>
        Same([1 * 1 + 2 * 2 + 10, 1 * 3 + 2 * 4 + 20], F.linear(tensor(new float[] { 1, 2 }), tensor(new float[,] { { 1, 2 }, { 3, 4 } }), tensor(new float[] { 10, 20 })));

    [Fact]
    public void Conv2d_WithPaddingAndStride_GivesHandComputedValues()
    {
        Tensor x = Image(1, 2, 3, 4, 5, 6, 7, 8, 9);
        Tensor k = ones(1, 1, 2, 2);
        Same([12, 16, 24, 28], F.conv2d(x, k));
        Same([1, 5, 11, 28], F.conv2d(x, k, padding: [1, 1], strides: [2, 2]));
        Same([13, 17, 25, 29], F.conv2d(x, k, tensor(new float[] { 1 })));
        Same([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4], F.conv_transpose2d(Image(1, 2, 3, 4), ones(1, 1, 2, 2), strides: [2, 2]));
    }

    [Fact]
    public void Normalisations_CentreAndScale()
    {
        Tensor x = tensor(new float[,] { { 1, 3 }, { 2, 6 } });
        Same([-1, 1, -1, 1], F.layer_norm(x, [2], eps: 0));
        Same([-1, 3, -1, 3], F.layer_norm(x, [2], tensor(new float[] { 1, 2 }), tensor(new float[] { 0, 1 }), 0));
        Same([-1, 1, -1, 1], F.group_norm(x.reshape(1, 2, 2), 2, eps: 0));
        Same([-1, 2, 1, 6 - 1], F.batch_norm(x, tensor(new float[] { 3, 1 }), tensor(new float[] { 4, 1 }), eps: 0) + tensor(new float[,] { { 0, 0 }, { 1.5f, 0 } }));
        Same([0.6f, 0.8f], F.normalize(tensor(new float[] { 3, 4 }), dim: 0));
    }

    [Fact]
    public void Activations_GiveHandComputedValues()
    {
        Tensor x = tensor(new float[] { -1, 0, 2 });
        Same([0, 0, 2], F.relu(x));
        Same([-0.15865525f, 0, 1.9544997f], F.gelu(x));
        Same([-0.15880801f, 0, 1.9545977f], F.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh));
        Same([-0.26894143f, 0, 1.7615942f], F.silu(x));
        Same([-0.01f, 0, 2], F.leaky_relu(x));
        Same([0.042010065f, 0.1141952f, 0.8437947f], F.softmax(x, 0));
        Same([0.31326166f, 0.6931472f, 2.126928f], F.softplus(x));
        Same([-0.33333334f, 0, 1.6666666f], F.hardswish(x));
    }

    [Fact]
    public void Interpolate_DoublesByEachMode()
    {
        Tensor x = Image(1, 2, 3, 4);
        Same([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4], F.interpolate(x, scale_factor: [2, 2]));
        Same([1, 1.25f, 1.75f, 2], F.interpolate(x, [4, 4], mode: InterpolationMode.Bilinear, align_corners: false)[0, 0, 0]);
        Same([1, 4f / 3, 5f / 3, 2], F.interpolate(x, [4, 4], mode: InterpolationMode.Bilinear, align_corners: true)[0, 0, 0]);
        Same([2.5f], F.interpolate(x, [1, 1], mode: InterpolationMode.Area));
        Assert.Throws<ArgumentException>(() => F.interpolate(x));
        Assert.Throws<ArgumentException>(() => F.interpolate(x, [4, 4], mode: InterpolationMode.Nearest, align_corners: true));
    }

    [Fact]
    public void GridSample_AtCornersAndCentres_GivesHandComputedValues()
    {
        Tensor x = Image(1, 2, 3, 4);
        Tensor grid = tensor(new float[] { -1, -1, 0, 0, 1, 1 }).reshape(1, 1, 3, 2);
        Same([1, 2.5f, 4], F.grid_sample(x, grid, align_corners: true));
        Same([0.25f, 2.5f, 1], F.grid_sample(x, grid, align_corners: false));
        Same([1, 2.5f, 4], F.grid_sample(x, grid, padding_mode: GridSamplePaddingMode.Border, align_corners: false));
        Same([1, 4], F.grid_sample(x, grid[.., .., TensorIndex.Slice(0, 3, 2)], GridSampleMode.Nearest, align_corners: true));
    }

    [Fact]
    public void Padding_ByEachMode_GivesHandComputedValues()
    {
        Tensor x = tensor(new float[] { 1, 2, 3 }).reshape(1, 1, 3);
        Same([0, 1, 2, 3, 0, 0], F.pad(x, (1, 2)));
        Same([7, 1, 2, 3], F.pad(x, (1, 0), value: 7));
        Same([2, 1, 2, 3, 2], F.pad(x, (1, 1), PaddingModes.Reflect));
        Same([1, 1, 2, 3, 3], F.pad(x, (1, 1), PaddingModes.Replicate));
        Same([3, 1, 2, 3, 1], F.pad(x, (1, 1), PaddingModes.Circular));
    }

    [Fact]
    public void Pooling_GivesHandComputedValues()
    {
        Tensor x = Image(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
        Same([6, 8, 14, 16], F.max_pool2d(x, 2));
        Same([3.5f, 5.5f, 11.5f, 13.5f], F.avg_pool2d(x, 2));
        Same([8.5f], F.adaptive_avg_pool2d(x, 1));
        Assert.Equal([5L, 7, 13, 15], F.max_pool2d_with_indices(x, [2, 2]).Item2.data<long>().ToArray());
    }

    [Fact]
    public void Unfold_ThenFold_CountsOverlaps()
    {
        Tensor x = Image(1, 2, 3, 4, 5, 6, 7, 8, 9);
        Tensor columns = F.unfold(x, 2);
        Assert.Equal([1L, 4, 4], columns.shape);
        Same([1, 2, 4, 5], columns[0, 0]);
        Same([1, 4, 3, 8, 20, 12, 7, 16, 9], F.fold(columns, 3, 2));
        Same([1, 5, 2, 6], F.pixel_shuffle(tensor(new float[] { 1, 5, 2, 6 }).reshape(1, 4, 1, 1), 2));
    }

    [Fact]
    public void Losses_GiveHandComputedValues()
    {
        Tensor a = tensor(new float[] { 1, 2 });
        Tensor b = tensor(new float[] { 2, 4 });
        Same([1.5f], F.l1_loss(a, b));
        Same([2.5f], F.mse_loss(a, b));
        Same([5], F.mse_loss(a, b, nn.Reduction.Sum));
        Same([0.5f, 1.5f], F.smooth_l1_loss(a, b, nn.Reduction.None));
        Tensor logits = tensor(new float[,] { { 0, 0 }, { 1, 3 } });
        Same([(MathF.Log(2) + 0.126928f) / 2], F.cross_entropy(logits, tensor(new long[] { 0, 1 })));
        Same([0.126928f], F.cross_entropy(logits, tensor(new long[] { -100, 1 })));
        Same([MathF.Log(2), 1.3132617f], F.binary_cross_entropy_with_logits(tensor(new float[] { 0, 1 }), tensor(new float[] { 1, 0 }), reduction: nn.Reduction.None));
        Same([2 * MathF.Log(2)], F.binary_cross_entropy_with_logits(tensor(new float[] { 0 }), tensor(new float[] { 1 }), pos_weights: tensor(new float[] { 2 })));
        Same([0.8f], F.cosine_similarity(tensor(new float[] { 3, 4 }), tensor(new float[] { 0, 2 }), 0));
        Assert.Equal([0L, 1, 0, 0, 0, 1], F.one_hot(tensor(new long[] { 1, 2 }), 3).flatten().data<long>().ToArray());
    }

    [Fact]
    public void Dropout_InTraining_ScalesWhatStays_OtherwiseChangesNothing()
    {
        Tensor x = ones(1000);
        Assert.Equal(1000f, F.dropout(x, 0.5, training: false).sum().ToSingle());
        manual_seed(0);
        float[] dropped = F.dropout(x, 0.25).data<float>().ToArray();
        Assert.All(dropped, v => Assert.True(v == 0 || Math.Abs(v - 4f / 3) < 1e-6));
        Assert.InRange(dropped.Count(v => v == 0), 180, 320);
    }
}
