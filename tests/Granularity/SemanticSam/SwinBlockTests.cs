using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.SemanticSam;

public sealed class SwinBlockTests
{
    private readonly Lazy<Units> _units = new();

    [SkippableFact]
    public void WindowAttention_NoMask_GivesGoldenOutput()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var attention = Attention(out long window);
        var x = _units.Value.Input("winattn.x"); // [windows, w * w, C]
        var output = attention.forward(x.view(x.shape[0], window, window, x.shape[2]));
        _units.Value.Golden.Check("winattn.out_nomask", output.view(x.shape), 1e-5);
    }

    [SkippableFact]
    public void WindowAttention_Mask_GivesGoldenOutputAndGradients()
    {
        using var scope = NewDisposeScope();
        using var attention = Attention(out long window);
        var mask = _units.Value.Golden.Tensor("winattn.mask"); // [windows an image, w * w, w * w]
        using var x = _units.Value.Input("winattn.x").requires_grad_();
        long columns = mask.shape[0], batch = x.shape[0] / columns;
        // windows side by side: [B * columns, w * w, C] -> [B, w, columns * w, C]
        var map = x.view(batch, columns, window, window, x.shape[2]).transpose(1, 2).reshape(batch, window, columns * window, x.shape[2]);
        var output = attention.forward(map, mask)
            .view(batch, window, columns, window, x.shape[2]).transpose(1, 2).reshape(x.shape);
        output.backward([_units.Value.Input("winattn.gradout", x.shape)]);

        _units.Value.Golden.Check("winattn.out_mask", output, 1e-5);
        _units.Value.Golden.Check("winattn.grad_x", x.grad!, 1e-5);
        var parameters = attention.named_parameters().ToDictionary(p => p.Item1, p => p.Item2);
        _units.Value.Golden.Check("winattn.grad_table", parameters["relative_position_bias_table"].grad!, 1e-5);
        _units.Value.Golden.Check("winattn.grad_qkv_weight", parameters["qkv.weight"].grad!, 1e-5);
    }

    [SkippableFact]
    public void RelativePositions_Golden_AreEqual()
    {
        using var attention = Attention(out long window);
        using var index = WindowAttention.RelativePositions(window);
        Assert.Equal(_units.Value.Golden.Integers("winattn.relative_position_index"), index.data<long>().ToArray());
        Assert.Equal(_units.Value.Golden.Integers("winattn.relative_position_index"),
            attention.state_dict()["relative_position_index"].data<long>().ToArray());
    }

    [SkippableFact]
    public void ShiftMask_All_GivesGoldenMask()
    {
        using var scope = NewDisposeScope();
        long window = _units.Value.Size("stage", "window");
        var (height, width) = _units.Value.Map("stage");
        var mask = ShiftMask.All((height + window - 1) / window, (width + window - 1) / window, window, window / 2, CPU);
        _units.Value.Golden.Check("stage.attn_mask", mask, 0);
    }

    private WindowAttention Attention(out long window)
    {
        window = _units.Value.Size("winattn", "window");
        return ModuleFill.Fill(new WindowAttention(_units.Value.Size("winattn", "dim"), window, _units.Value.Size("winattn", "heads")), "unit.winattn.");
    }
}
