using SemanticSam.Engine.Checkpoints;
using SemanticSam.Formats.Shapes;
using SemanticSam.Granularity.Sam;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using TorchSharp;
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
        var mask = _units.Value.Golden.Tensor("winattn.mask"); // [windows a picture, w * w, w * w]
        using var x = _units.Value.Input("winattn.x").requires_grad_();
        long columns = mask.shape[0], batch = x.shape[0] / columns;
        // windows side by side: [B * columns, w * w, C] -> [B, w, columns * w, C]
        var map = x.view(batch, columns, window, window, x.shape[2]).transpose(1, 2).reshape(batch, window, columns * window, x.shape[2]);
        var output = attention.forward(map, scores => scores + mask.unsqueeze(1))
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
    public void WindowAttention_WeightsChangedInPlace_AreNoticed()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var attention = Attention(out long window);
        var map = _units.Value.Input("winattn.x").view(-1, window, window, _units.Value.Size("winattn", "dim"));
        attention.forward(map);
        attention.named_parameters().First(p => p.Item1 == "relative_position_bias_table").Item2.mul_(2f);
        var after = attention.forward(map);
        using var recording = enable_grad();
        var expected = attention.forward(map).detach(); // this path keeps nothing
        Close.Assert_(after.data<float>().ToArray(), expected.data<float>().ToArray(), 1e-6, "after the change");
    }

    [SkippableFact]
    public void ShiftMask_All_GivesGoldenMask()
    {
        using var scope = NewDisposeScope();
        long window = _units.Value.Size("stage", "window");
        var (height, width) = _units.Value.Map("stage");
        var mask = ShiftMask.All((height + window - 1) / window, (width + window - 1) / window, window, window / 2, CPU);
        _units.Value.Golden.Check("stage.attn_mask", mask.flatten(0, 1), 0);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    public void ShiftMask_InPlace_AddsWhatAllSays(long rows, long columns)
    {
        using var scope = NewDisposeScope();
        var expected = ShiftMask.All(rows, columns, 4, 2, CPU).unsqueeze(0).unsqueeze(3).expand(2, rows, columns, 3, 16, 16).contiguous();
        using var still = no_grad();
        var actual = ShiftMask.Apply(zeros([2, rows, columns, 3, 16, 16]), 4, 2);
        Assert.Equal(expected.data<float>().ToArray(), actual.data<float>().ToArray());
    }

    private WindowAttention Attention(out long window)
    {
        window = _units.Value.Size("winattn", "window");
        return ModuleFill.Fill(new WindowAttention(_units.Value.Size("winattn", "dim"), window, _units.Value.Size("winattn", "heads")), "unit.winattn.");
    }
}
