using SemanticSam.Engine.Checkpoints;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Runs;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Runs;

public sealed class TrainingStateTests : IDisposable
{
    private static readonly TrainerOptions Options = new() { Seed = 3, Batch = 2, LearningRate = 0.1, AverageDecay = 0.5 };
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Something with weights: a matrix, which decays, and biases, which do not.</summary>
    private static nn.Module<Tensor, Tensor> Model(int width = 3) => nn.Sequential(nn.Linear(4, width), nn.Linear(width, 1));

    private static void Step(TrainingState state, nn.Module<Tensor, Tensor> model, float value)
    {
        using var scope = NewDisposeScope();
        state.Optimizer.zero_grad();
        model.call(full([2, 4], value)).square().sum().backward();
        state.Optimizer.step();
        state.Averaged.Update(state.Step++);
    }

    private static float[] Values(IEnumerable<KeyValuePair<string, Tensor>> tensors) =>
        [.. tensors.SelectMany(t => t.Value.detach().to(ScalarType.Float32).data<float>().ToArray())];

    /// <summary>Without the moments or their counts the step after loading would differ.</summary>
    [Fact]
    public void Load_IntoAFreshState_TakesTheSameNextStep()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var model = Model();
        using var state = new TrainingState(model, Options);
        for (int i = 0; i < 3; i++) Step(state, model, 0.5f + i);
        state.Save(_folder.Path);

        using var other = Model();
        using var loaded = new TrainingState(other, Options);
        Assert.NotEqual(Values(state.Groups.All), Values(loaded.Groups.All));
        loaded.Load(_folder.Path);
        Assert.Equal(3, loaded.Step);
        Step(state, model, -1);
        Step(loaded, other, -1);
        Assert.Equal(Values(state.Groups.All), Values(loaded.Groups.All));
        Assert.Equal(Values(state.Averaged.Values), Values(loaded.Averaged.Values));
        Assert.NotEqual(Values(state.Averaged.Values), Values(state.Groups.All));
    }

    [Fact]
    public void Load_OfAnotherRunOrModelOrDamaged_IsRefusedByName()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        using (var state = new TrainingState(model, Options)) state.Save(_folder.Path);
        Assert.Contains("seed 3, 4 was given", Refused(Model(), Options with { Seed = 4 }));
        Assert.Contains("batch 2, 8 was given", Refused(Model(), Options with { Batch = 8 }));
        Assert.Contains("it is the state of another model: 'weights/0.", Refused(Model(width: 5), Options));
        string path = Path.Combine(_folder.Path, TrainingState.File);
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
        Assert.Contains(TrainingState.File, Refused(Model(), Options));
        File.Delete(path);
        using var none = new TrainingState(model, Options);
        Assert.Throws<FileNotFoundException>(() => none.Load(_folder.Path));
    }

    /// <summary>A file with a NaN in it could not be gone on with, so it must not take the place of one that can.</summary>
    [Theory]
    [InlineData("weights")]
    [InlineData("average")]
    [InlineData("moment")]
    public void Save_WhatIsNotFinite_StopsAndKeepsTheFileThere(string where)
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        using var state = new TrainingState(model, Options);
        Step(state, model, 0.5f);
        state.Save(_folder.Path);
        byte[] before = File.ReadAllBytes(Path.Combine(_folder.Path, TrainingState.File));
        using (no_grad())
        {
            if (where == "weights") state.Groups.All.First().Value.fill_(float.NaN);
            else if (where == "average") state.Averaged.Values.First().Value.fill_(float.PositiveInfinity);
        }
        if (where == "moment")
        {
            state.Optimizer.zero_grad();
            (model.call(ones(2, 4)).sum() * float.PositiveInfinity).backward();
            foreach (var group in state.Optimizer.ParamGroups) group.LearningRate = 0;
            state.Optimizer.step();
        }
        Assert.Contains("not finite", Assert.Throws<TrainingNotFiniteException>(() => state.Save(_folder.Path)).Message);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(_folder.Path, TrainingState.File)));
    }

    private string Refused(nn.Module model, TrainerOptions options)
    {
        using (model)
        {
            using var state = new TrainingState(model, options);
            return Assert.Throws<CheckpointException>(() => state.Load(_folder.Path)).Message;
        }
    }
}
