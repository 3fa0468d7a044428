using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.SemanticSam;

public sealed class ConvNetTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Forward_Nano_GivesReferenceFeaturesFrozenOrNot(bool frozen)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("nano/nano");
        using var net = Net();
        if (frozen) net.Freeze();
        long[] res2 = golden.Shape("res2");
        var features = net.call(DetInput.Tensor("nano.image", 1, 3, res2[2] * 4, res2[3] * 4));
        SwinTransformerTests.CheckFeatures(golden, features, 1e-5);
    }

    [Fact]
    public void Forward_Training_UsesTheBatchAndMovesTheStatistics()
    {
        using var scope = NewDisposeScope();
        using var net = Net();
        net.train();
        string[] moved = ["stem.0.bn.running_mean", "layers.0.downsample.bn.running_var", "layers.3.blocks.1.bn2.running_mean"];
        var before = moved.Select(n => net.state_dict()[n].data<float>().ToArray()).ToArray();
        net.call(DetInput.Tensor("nano.image", 2, 3, 64, 64)).Select(f => f.square().mean()).Aggregate((a, b) => a + b).backward();
        for (int i = 0; i < moved.Length; i++) Assert.NotEqual(before[i], net.state_dict()[moved[i]].data<float>().ToArray());
        foreach (var (name, parameter) in net.named_parameters())
            Assert.True(parameter.grad is { } g && g.abs().sum().item<float>() > 0, $"{name} has no gradient.");
    }

    [Fact]
    public void Forward_Fresh_BlocksPassTheirInputThrough()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var block = new ConvBlock(8);
        block.eval();
        var x = DetInput.Tensor("block.x", 1, 8, 5, 6).abs();
        Close.Assert_(block.call(x).data<float>().ToArray(), x.data<float>().ToArray(), 1e-6, "fresh block");
    }

    [Fact]
    public void New_ThreeStages_Throws() =>
        Assert.Throws<ArgumentException>(() => new ConvNet(ConvNetConfig.Nano with { Blocks = [1, 2, 3] }));

    private static ConvNet Net()
    {
        var net = ModuleFill.Fill(new ConvNet(ConvNetConfig.Nano), "backbone.");
        net.eval();
        return net;
    }
}
