using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.SemanticSam;

public sealed class SwinStageTests
{
    private readonly Lazy<Units> _units = new();

    [SkippableFact]
    public void Blocks_PaddedOddMap_GiveGoldenOutputsAndGradient()
    {
        using var scope = NewDisposeScope();
        using var stage = Stage();
        using var x = _units.Value.Input("stage.x").requires_grad_();
        var (h, w) = _units.Value.Map("stage");
        var first = stage.Block(0).forward(x, h, w);
        var second = stage.Block(1).forward(first, h, w);
        var (down, downH, downW) = stage.Downsample(second, h, w);
        down.backward([_units.Value.Input("stage.gradout", down.shape)]);

        _units.Value.Golden.Check("stage.block0", first, 1e-5);
        _units.Value.Golden.Check("stage.block1", second, 1e-5);
        _units.Value.Golden.Check("stage.down", down, 1e-5);
        Assert.Equal(_units.Value.Golden.Integers("stage.down_hw"), new[] { downH, downW });
        _units.Value.Golden.Check("stage.grad_x", x.grad!, 1e-5);
    }

    [SkippableFact]
    public void Blocks_WithoutGradient_GiveTheSame()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var stage = Stage();
        var (h, w) = _units.Value.Map("stage");
        _units.Value.Golden.Check("stage.block1", stage.Blocks(_units.Value.Input("stage.x"), h, w), 1e-5);
    }

    [SkippableFact]
    public void Blocks_MapSmallerThanAWindow_GiveGoldenOutputs()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var stage = Stage();
        var (h, w) = _units.Value.Map("stage_small");
        var x = stage.Blocks(_units.Value.Input("stage_small.x"), h, w);
        _units.Value.Golden.Check("stage_small.out", x, 1e-5);
        _units.Value.Golden.Check("stage_small.down", stage.Downsample(x, h, w).X, 1e-5);
    }

    [SkippableFact]
    public void Blocks_StochasticDepthInTraining_SkipsWholeBranchesOfAnImage()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var sure = Stage();
        using var block = ModuleFill.Fill(new SwinBlock(_units.Value.Size("stage", "dim"), _units.Value.Size("stage", "heads"),
            _units.Value.Size("stage", "window"), 0, _units.Value.Size("stage", "mlp_ratio"), drop: 0.5), "unit.stage.blocks.0.");
        var one = _units.Value.Input("stage.x").narrow(0, 0, 1);
        var (h, w) = _units.Value.Map("stage");
        block.train();
        manual_seed(7);
        var output = block.forward(one.expand(16, -1, -1).contiguous(), h, w);
        // Equal images differ only by which of the two branches was taken: more than one outcome, and at most four.
        var outcomes = new List<Tensor>();
        for (int i = 0; i < 16; i++)
            if (!outcomes.Any(o => o.allclose(output.select(0, i), rtol: 1e-4, atol: 1e-4))) outcomes.Add(output.select(0, i));
        Assert.InRange(outcomes.Count, 2, 4);
        block.eval();
        Close.Assert_(block.forward(one, h, w).data<float>().ToArray(), sure.Block(0).forward(one, h, w).data<float>().ToArray(), 1e-6, "eval");
    }

    private SwinStage Stage() => ModuleFill.Fill(new SwinStage(_units.Value.Size("stage", "dim"), _units.Value.Size("stage", "heads"),
        _units.Value.Size("stage", "window"), _units.Value.Size("stage", "mlp_ratio"), new double[_units.Value.Size("stage", "depth")],
        downsample: true), "unit.stage.");
}
