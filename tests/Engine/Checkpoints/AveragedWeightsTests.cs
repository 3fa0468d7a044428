using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Engine.Checkpoints;

/// <summary>The mean of several trainings' weights, and files of which there is none.</summary>
public sealed class AveragedWeightsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_FilesOfOneNetwork_IsTheMeanOfEachTensor()
    {
        string one = Save("one", new() { ["w"] = tensor(new[] { 1f, 2f }), ["n"] = tensor(3L) });
        string two = Save("two", new() { ["w"] = tensor(new[] { 4f, -1f }).to(ScalarType.Float16), ["n"] = tensor(5L) });
        Assert.Equal([3f, 0f], Mean(one, two, two)["w"]); // what is there twice counts twice
        Assert.Equal([1f, 2f], Mean(one)["w"]);
        Assert.Equal([3f], Mean(one, two)["n"]); // a counter has no mean
    }

    [Theory]
    [InlineData("it lacks 'w'", "other", 2)]
    [InlineData("'w' is F32 [3] instead of F32 [2]", "w", 3)]
    public void Of_AnotherNetwork_IsRefusedByBothFiles(string how, string name, int size)
    {
        string one = Save("one", new() { ["w"] = zeros(2) }), two = Save("two", new() { [name] = zeros(size) });
        string message = Assert.Throws<CheckpointException>(() => Mean(one, two)).Message;
        Assert.Contains(how, message);
        Assert.Contains(one, message);
        Assert.Contains(two, message);
    }

    [Fact]
    public void Of_MoreThanTheFirst_IsRefused()
    {
        string one = Save("one", new() { ["w"] = zeros(2) }), two = Save("two", new() { ["w"] = zeros(2), ["v"] = zeros(1) });
        Assert.Contains("it also has 'v'", Assert.Throws<CheckpointException>(() => Mean(one, two)).Message);
    }

    private string Save(string name, Dictionary<string, Tensor> weights)
    {
        string path = _folder.File($"{name}.safetensors");
        SafetensorsWriter.Write(path, weights);
        foreach (var weight in weights.Values) weight.Dispose();
        return path;
    }

    private static Dictionary<string, float[]> Mean(params string[] paths)
    {
        using var scope = NewDisposeScope();
        var files = paths.Select(Checkpoint.Open).ToList();
        try
        {
            return AveragedWeights.Of(files).ToDictionary(w => w.Key, w => w.Value.to(ScalarType.Float32).data<float>().ToArray());
        }
        finally
        {
            foreach (var file in files) file.Dispose();
        }
    }
}
