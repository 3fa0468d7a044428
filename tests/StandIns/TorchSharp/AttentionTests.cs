using CsCheck;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Tests.StandIns.TorchSharpBridge;

/// <summary>scaled_dot_product_attention against softmax(q kᵀ / √d + mask) v in float64, written out.</summary>
public sealed class AttentionTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    private static Tensor Reference(Tensor q, Tensor k, Tensor v, Tensor? mask = null, bool causal = false)
    {
        (q, k, v) = (q.@double(), k.@double(), v.@double());
        Tensor scores = q.matmul(k.transpose(-2, -1)) / Math.Sqrt(q.size(-1));
        if (causal) mask = ones(q.size(-2), k.size(-2), ScalarType.Bool).tril();
        if (mask is not null) scores = mask.dtype == ScalarType.Bool ? scores.masked_fill(~mask, double.NegativeInfinity) : scores + mask.@double();
        return scores.softmax(-1).matmul(v);
    }

    private static void Same(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        double error = ((actual.@double() - expected).norm() / expected.norm().clamp_min(1e-9)).ToDouble();
        Assert.True(error < 2e-6, $"relative error {error:g3}");
    }

    [Fact]
    public void AnyShape_InInference_AgreesWithTheDefinition() =>
        Gen.Select(Gen.Long[1, 3], Gen.Long[1, 130], Gen.Long[1, 300], Gen.Long[1, 70], Gen.Long[1, 70], Gen.Int[0, 3], Gen.Long[0, 1000])
            .Sample((heads, queries, keys, depth, valueDepth, kind, seed) =>
            {
                using var scope = NewDisposeScope();
                using var _ = no_grad();
                manual_seed(seed);
                Tensor q = randn(2, heads, queries, depth), k = randn(2, heads, keys, depth), v = randn(2, heads, keys, valueDepth);
                Tensor? mask = kind switch { 1 => randn(heads, queries, keys) * 3, 2 => (rand(2, 1, queries, keys) > 0.3).logical_or(arange(keys) == 0), _ => null };
                Same(Reference(q, k, v, mask, kind == 3), F.scaled_dot_product_attention(q, k, v, mask, is_casual: kind == 3));
            }, iter: 60, threads: 1);

    [Fact]
    public void StridedHeads_AsALayerSplitsThem_AgreeWithTheDefinition()
    {
        using var _ = no_grad();
        manual_seed(3);
        Tensor qkv = randn([2, 196, 3, 4, 32]); // [B, tokens, qkv, heads, hd]
        Tensor[] parts = qkv.permute(2, 0, 3, 1, 4).unbind(0); // each [B, heads, tokens, hd]
        Same(Reference(parts[0], parts[1], parts[2]), F.scaled_dot_product_attention(parts[0], parts[1], parts[2]));
        Tensor turned = parts[0].transpose(-2, -1).contiguous().transpose(-2, -1); // channels not adjacent
        Same(Reference(turned, parts[1], parts[2]), F.scaled_dot_product_attention(turned, parts[1], parts[2]));
    }

    [Fact]
    public void KeysSharedByAllHeads_AreBroadcast()
    {
        using var _ = no_grad();
        manual_seed(4);
        Tensor q = randn(3, 5, 7, 16), k = randn(5, 20, 16), v = randn(1, 20, 8);
        Same(Reference(q, k, v), F.scaled_dot_product_attention(q, k, v));
    }

    [Fact]
    public void LargeScores_DoNotOverflow()
    {
        using var _ = no_grad();
        manual_seed(5);
        Tensor q = randn(1, 9, 8) * 100, k = randn(1, 33, 8) * 100, v = randn(1, 33, 8);
        Tensor found = F.scaled_dot_product_attention(q, k, v);
        Assert.True(found.isfinite().all().ToBoolean());
        Assert.True((found.@double() - Reference(q, k, v)).abs().max().ToDouble() < 1e-2);
    }

    [Fact]
    public void RowWithAllKeysMasked_IsNaN_OthersAreNot()
    {
        using var _ = no_grad();
        Tensor mask = tensor(new[,] { { false, false }, { true, false } });
        Tensor found = F.scaled_dot_product_attention(ones(2, 4), ones(2, 4), tensor(new float[,] { { 1 }, { 2 } }), mask);
        Assert.True(float.IsNaN(found[0, 0].ToSingle()));
        Assert.Equal(1f, found[1, 0].ToSingle());
    }

    [Fact]
    public void WithGradients_ValuesAndGradientsAgreeWithTheDefinition()
    {
        manual_seed(6);
        Tensor q = randn([2, 5, 8], requires_grad: true), k = randn([2, 6, 8], requires_grad: true), v = randn([2, 6, 8], requires_grad: true);
        Tensor weight = randn(2, 5, 8);
        (F.scaled_dot_product_attention(q, k, v) * weight).sum().backward();
        IList<Tensor> expected = autograd.grad([(Reference(q, k, v) * weight).sum()], [q, k, v]);
        Same(expected[0].@double(), q.grad!);
        Same(expected[1].@double(), k.grad!);
        Same(expected[2].@double(), v.grad!);
    }

    [Fact]
    public void MaskTogetherWithCausal_IsRefused() =>
        Assert.Throws<ArgumentException>(() => F.scaled_dot_product_attention(ones(2, 4), ones(2, 4), ones(2, 4), ones(2, 2), is_casual: true));
}
