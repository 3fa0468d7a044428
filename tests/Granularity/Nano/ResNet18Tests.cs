using SemanticSam.Engine.Checkpoints;
using SemanticSam.Granularity.Nano;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Nano;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Nano;

public sealed class ResNet18Tests
{
    private const double Tolerance = 1e-4;

    [SkippableFact]
    public void Run_PretrainedWeights_EqualsPyTorch()
    {
        string? weights = NanoSourceFiles.Find("resnet18-imagenet/model.safetensors");
        Skip.If(weights is null, "SEMSAM_NANO_SOURCES names no folder with the pretrained files.");
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var expected = Checkpoint.Open(Fixtures.Path("resnet18/expected.safetensors"));
        using var model = new NanoModel(new NanoConfig());
        NanoFiles.LoadBackbone(model, weights);
        var backbone = (ResNet18)model.named_children().Single(c => c.name == "backbone").module;
        Tensor rgb = Read("rgb").to(ScalarType.Float32), input = rgb.flip(1) - tensor(NanoModel.ChannelMeans).view(1, 3, 1, 1);
        Tensor[] stages = backbone.Run(input.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2));
        for (int i = 0; i < 3; i++) // the published file has a third block in the last stage, which is not used
        {
            Tensor wanted = Read($"layer{i + 1}"), got = stages[i].slice(1, 0, long.MaxValue, 8).slice(2, 0, long.MaxValue, 4).slice(3, 0, long.MaxValue, 4);
            Assert.True(((got - wanted).norm() / wanted.norm()).item<float>() < Tolerance, $"layer{i + 1}");
            Assert.Equal(Read($"layer{i + 1}.mean_abs").item<float>(), stages[i].abs().mean().item<float>(), 1e-3);
        }

        Tensor Read(string name) => expected.TryGet(name, out var found) ? found.ToTensor() : throw new KeyNotFoundException(name);
    }

    [Theory]
    [InlineData(64, 96, 64)]
    [InlineData(32, 32, 8)]
    public void Run_AnySize_HasStrides4To32(int height, int width, int channels)
    {
        using var scope = NewDisposeScope();
        using var backbone = new ResNet18(channels);
        Tensor[] stages = backbone.Run(rand(1, 3, height, width));
        for (int i = 0; i < 4; i++) Assert.Equal([1, channels << i, height / (4 << i), width / (4 << i)], stages[i].shape);
    }
}
