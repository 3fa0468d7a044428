using SemanticSam.Engine.Zoo;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Tokenizer;
using SemanticSam.Training.Data;
using SemanticSam.Training.Objectives;
using SemanticSam.Training.Samples;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Objectives;

/// <summary>The objective on the embedded model and two photos: what its weights mean, and that it teaches everything.</summary>
public sealed class PromptAndNameObjectiveTests : IDisposable
{
    private static readonly SampleOptions Sizes = new() { Size = 64, Clicks = 3, Boxes = 1, MostMasks = 8 };

    private readonly SemanticSamModel _model;
    private readonly Func<string, int[]> _encode;
    private readonly TrainingSample[] _samples;

    public PromptAndNameObjectiveTests()
    {
        var package = ModelPackage.FromFolder(Fixtures.SmallSemanticSam);
        _model = package.CreateModel(CPU);
        _model.eval();
        var tokenizer = package.CreateTokenizer();
        var context = new TextContext(package.Config.Text!.Context, TextPadding.EndToken);
        _encode = text => tokenizer.Encode(text, context);
        var data = WholePartDataset.LoadSplit(Path.Combine(Fixtures.Own, "wholepart"), "train");
        var builder = new SampleBuilder(data, Sizes, package.Config.PixelMean, package.Config.PixelStd);
        _samples = [builder.Build(0, 1), builder.Build(1, 2)];
    }

    public void Dispose() => _model.Dispose();

    private double Loss(ObjectiveOptions weights, params TrainingSample[] samples)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var report = new LossReport();
        double loss = new PromptAndNameObjective(_model, _encode, weights)
            .Compute(new TrainingBatch(samples.Length > 0 ? samples : _samples, CPU), report).item<float>();
        Assert.Equal(loss, report.Means.Single(m => m.Key == "loss").Value, 6);
        return loss;
    }

    public static TheoryData<string> Parts => [.. Changes.Keys];

    /// <summary>Weights that do not take part in the matching: the loss is a straight line in each.</summary>
    private static readonly Dictionary<string, Func<ObjectiveOptions, double, ObjectiveOptions>> Changes = new()
    {
        ["Iou"] = (o, w) => o with { Iou = w },
        ["Boxes"] = (o, w) => o with { Boxes = w },
        ["Presence"] = (o, w) => o with { Presence = w },
        ["PromptClass"] = (o, w) => o with { PromptClass = w },
        ["EarlierLayers"] = (o, w) => o with { EarlierLayers = w },
        ["Selection"] = (o, w) => o with { Selection = w },
    };

    [Theory]
    [MemberData(nameof(Parts))]
    public void Compute_AWeight_CountsItsPartAndNothingElse(string part)
    {
        var change = Changes[part];
        double none = Loss(change(new(), 0)), once = Loss(change(new(), 1)), twice = Loss(change(new(), 2));
        Assert.True(once - none > 1e-4, $"{part} adds {once - none}");
        Assert.Equal(once - none, twice - once, 3);
    }

    [Fact]
    public void Compute_NothingCounts_IsZero() =>
        Assert.Equal(0, Loss(new() { CrossEntropy = 0, Dice = 0, BoxL1 = 0, BoxGiou = 0, Class = 0, Boxes = 0, Iou = 0, Selection = 0 }), 6);

    /// <summary>An image that is asked for no name has masks and boxes to learn all the same.</summary>
    [Fact]
    public void Compute_OneSampleWithoutNames_IsFinite()
    {
        double loss = Loss(new(), _samples[0] with { Names = [] }, _samples[1]);
        Assert.True(double.IsFinite(loss) && loss > 0, $"{loss}");
    }

    /// <summary>What is asked for right is cheaper than what is asked for wrong: the same clicks with each other's masks.</summary>
    [Fact]
    public void Compute_MasksExchangedBetweenClicks_CostsMore()
    {
        var right = _samples[0];
        var clicks = right.Prompts.Where(p => !p.IsBox).ToArray();
        Assert.True(clicks.Select(c => c.Masks[0]).Distinct().Count() > 1);
        var wrong =
            right with { Prompts = [.. right.Prompts.Select(p => p.IsBox ? p
            : p with { Masks = clicks[(Array.IndexOf(clicks, p) + 1) % clicks.Length].Masks })] };
        Assert.True(Loss(new(), wrong) > Loss(new(), right));
    }

    [Fact]
    public void Compute_Backward_ReachesEveryParameter()
    {
        using var scope = NewDisposeScope();
        _model.train();
        new PromptAndNameObjective(_model, _encode, new()).Compute(new TrainingBatch(_samples, CPU), new LossReport()).backward();
        var idle = _model.named_parameters().Where(p => p.parameter.grad is not { } g || g.abs().sum().item<float>() == 0).Select(p => p.name).ToArray();
        Assert.True(idle.Length == 0, $"without a gradient: {string.Join(", ", idle)}");
    }
}
