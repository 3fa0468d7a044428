using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Granularity.Sam;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Tests.Granularity.RsPrompter;

/// <summary>What is computed another way because it is cheaper gives the same values and gradients.</summary>
public sealed class OtherWayTests
{
    [Fact]
    public void OfCells_InsideAndAtBorders_IsWhatTheWholeMapGives()
    {
        using var scope = NewDisposeScope();
        using var head = ModuleFill.Fill(new RpnHead(16, 6), "rpn_head.");
        var map = DetInput.Tensor("map", 2, 16, 5, 7);
        long[] cells = [0, 6, 9, 28, 34, 35 + 17, 35 + 34, 69 - 7]; // corners, borders and insides of both images
        var rows = tensor(cells);
        Tensor whole = map.clone().requires_grad_(), few = map.clone().requires_grad_();
        var (logits, deltas) = head.forward(whole);
        Tensor wantedLogits = Rows(logits), wantedDeltas = Rows(deltas);
        var (foundLogits, foundDeltas) = head.OfCells(few, cells);
        Close.Assert_(foundLogits, wantedLogits, 1e-5, "logits");
        Close.Assert_(foundDeltas, wantedDeltas, 1e-5, "deltas");
        ((wantedLogits * wantedLogits).sum() + (wantedDeltas * wantedDeltas).sum()).backward();
        var wanted = head.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.clone());
        head.zero_grad();
        ((foundLogits * foundLogits).sum() + (foundDeltas * foundDeltas).sum()).backward();
        Close.Assert_(few.grad!, whole.grad!, 1e-5, "map");
        foreach (var (name, parameter) in head.named_parameters()) Close.Assert_(parameter.grad!, wanted[name], 1e-5, name);

        Tensor Rows(Tensor x) => x.permute(0, 2, 3, 1).reshape(70, -1).index_select(0, rows);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(14)]
    public void Pool_ByWindowsAndByProducts_IsTheSame(int bins)
    {
        using var scope = NewDisposeScope();
        var random = new Random(3);
        int[] sides = [32, 16, 8, 4];
        Region[] regions = [.. Enumerable.Range(0, 40).Select(i =>
        {
            // for all levels, some of them outside
            float x = random.Next(-8, 100), y = random.Next(-8, 100), side = random.Next(1, 24) * (1 << i % 6), width = side, height = side * 0.75f;
            return new Region(i % 2, new BoxF(x, y, x + width, y + height));
        })];
        var (wanted, wantedGradients) = Pooled(products: true);
        var (found, foundGradients) = Pooled(products: false);
        Close.Assert_(found, wanted, 1e-5, "bins");
        for (int l = 0; l < sides.Length; l++) Close.Assert_(foundGradients[l], wantedGradients[l], 1e-5, $"map {l}");

        (Tensor, Tensor[]) Pooled(bool products)
        {
            // 19: no multiple of what a register holds
            Tensor[] maps = [.. sides.Select((s, l) => DetInput.Tensor($"map{l}", 2, 19, s, s).clone().requires_grad_())];
            var pooled = RoiAlign.Pool(maps, regions, bins, products);
            (pooled * DetInput.Tensor("cotangent", [.. pooled.shape])).sum().backward();
            return (pooled, [.. maps.Select(m => m.grad!)]);
        }
    }

    [Theory]
    [InlineData(5, 400)]
    [InlineData(400, 5)]
    public void Attention_OfFewTokens_IsThatOfProjectedPixels(int queries, int keys)
    {
        using var scope = NewDisposeScope();
        using var attention = ModuleFill.Fill(new SamAttention(64, 4, 2), "attention.");
        Tensor Input(string name, int count) => DetInput.Tensor(name, 3, count, 64).clone().requires_grad_();
        Tensor[] mine = [Input("q", queries), Input("k", keys), Input("v", keys)], plain = [Input("q", queries), Input("k", keys), Input("v", keys)];
        Tensor Split(Tensor x) => x.view(3, -1, 4, 8).transpose(1, 2);
        var found = attention.call(mine[0], mine[1], mine[2]);
        var wanted = attention.Out.call(F.scaled_dot_product_attention(Split(attention.Query.call(plain[0])), Split(attention.Key.call(plain[1])),
            Split(attention.Value.call(plain[2])))
            .transpose(1, 2).flatten(2));
        Close.Assert_(found, wanted, 1e-5, "out");
        var cotangent = DetInput.Tensor("cotangent", [.. wanted.shape]);
        (wanted * cotangent).sum().backward();
        var weights = attention.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.clone());
        attention.zero_grad();
        (found * cotangent).sum().backward();
        for (int i = 0; i < 3; i++) Close.Assert_(mine[i].grad!, plain[i].grad!, 1e-4, "qkv"[i].ToString());
        // Of a key's bias nothing but rounding comes through.
        foreach (var (name, parameter) in attention.named_parameters().Where(p => p.name != "k_proj.bias")
            ) Close.Assert_(parameter.grad!, weights[name], 1e-4, name);
    }

    [Fact]
    public void Draw_WithFinerMapsOfNothing_IsWhatTheConvolutionsDraw()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var decoder = ModuleFill.Fill(new MaskDecoder(32, new TwoWayTransformer(2, 32, 4, 64)), "mask_decoder.");
        Tensor queries = DetInput.Tensor("queries", 3, 9, 32), keys = DetInput.Tensor("keys", 3, 20, 32);
        var wanted = decoder.Draw(queries, keys, 4, 5, 0, 2);
        Close.Assert_(decoder.Draw(queries, keys, 4, 5, 0, 2, new FineRows(zeros(3, 80, 8), zeros(3, 320, 4))), wanted, 1e-5, "masks");
        // A single pixel of a finer map changes the mask there and nowhere else.
        var fine = zeros(3, 16, 20, 4);
        fine[1, 6, 11] = 5;
        var changed = (decoder.Draw(queries, keys, 4, 5, 0, 2, new FineRows(zeros(3, 80, 8), FineRows.OfFourfold(fine))) - wanted).abs() > 1e-6;
        Assert.True(changed[1, 0, 6, 11].item<bool>());
        Assert.Equal(2, changed.sum().item<long>()); // one of each mask token
    }

    [Fact]
    public void InRows_OfRows_IsTheMapAgain()
    {
        using var scope = NewDisposeScope();
        var map = arange(2 * 8 * 12 * 3).view(2, 8, 12, 3).to(ScalarType.Float32);
        Close.AssertAbsolute(FineRows.InRows(FineRows.OfFourfold(map), 2, 3), map.permute(0, 3, 1, 2), 0, "map");
    }
}
