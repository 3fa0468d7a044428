using SemanticSam.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity;

/// <summary>A model may be made inside a caller's dispose scope, and must outlive it.</summary>
public sealed class OwnershipTests
{
    public static TheoryData<string> Families => NetworkFamilies.All;

    [Theory]
    [MemberData(nameof(Families))]
    public void Constructor_InsideADisposeScope_MakesTensorsThatOutliveIt(string family)
    {
        nn.Module model;
        string[] names;
        using (NewDisposeScope())
        {
            model = NetworkFamilies.Create(family);
            names = [.. model.state_dict().Keys];
        }
        using (model) AssertAlive(model, names);
    }

    /// <summary>Moving replaces parameters.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void To_InsideADisposeScope_MakesTensorsThatOutliveIt(string family)
    {
        using var model = NetworkFamilies.Create(family);
        string[] names = [.. model.state_dict().Keys];
        using (NewDisposeScope()) model.to(ScalarType.Float64);
        AssertAlive(model, names);
    }

    private static void AssertAlive(nn.Module model, string[] names)
    {
        var state = model.state_dict(); // TorchSharp leaves out what is dead
        Assert.Empty(names.Except(state.Keys));
        foreach (var (name, tensor) in state) Assert.False(tensor.IsInvalid, $"{name} died with the scope.");
        using var sum = state.Values.First().sum(); // and it can be read
    }
}
