using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using static TorchSharp.torch.optim.lr_scheduler;

namespace SemanticSam.Tests.StandIns;

public sealed class SchedulerTests
{
    // Reference: PyTorch 1.13; rates of two groups that start at 0.1 and 0.5, before each of twelve steps.
    // Rows that name one group are for schedules that treat both alike (the second is five times the first).
    public static TheoryData<string, double[]> FirstGroup => new()
    {
        { "step", [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.0125, 0.0125, 0.0125] },
        { "multistep", [0.1, 0.1, 0.01, 0.01, 0.01, 0.0001, 0.0001, 0.0001, 0.0001, 0.0001, 0.0001, 0.0001] },
        { "exp", [0.1, 0.09, 0.081, 0.0729, 0.06561, 0.059049, 0.0531441, 0.04782969, 0.043046721, 0.0387420489, 0.034867844, 0.0313810596] },
        { "lambda", [0.1, 0.05, 0.0333333333, 0.025, 0.02, 0.0166666667, 0.0142857143, 0.0125, 0.0111111111, 0.01, 0.0090909091, 0.0083333333] },
        { "mult", [0.1, 0.095, 0.09025, 0.0857375, 0.081450625, 0.0773780937, 0.0735091891, 0.0698337296, 0.0663420431, 0.063024941, 0.0598736939, 0.0568800092] },
        { "const", [0.025, 0.025, 0.025, 0.025, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1] },
        { "linear", [0.01, 0.028, 0.046, 0.064, 0.082, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1] },
        { "poly", [0.1, 0.0694444444, 0.0444444444, 0.025, 0.0111111111, 0.0027777778, 0, 0, 0, 0, 0, 0] },
        { "sequential", [0.01, 0.0325, 0.055, 0.0775, 0.1, 0.0961939766, 0.0853553391, 0.0691341716, 0.05, 0.0308658284, 0.0146446609, 0.0038060234] },
        { "chained", [0.01, 0.009, 0.0081, 0.0729, 0.06561, 0.059049, 0.0531441, 0.04782969, 0.043046721, 0.0387420489, 0.034867844, 0.0313810596] },
        { "onecycle", [0.004, 0.0295163948, 0.0789369791, 0.0999702071, 0.0964378263, 0.0874255877, 0.0739969779, 0.0577366358, 0.040563358, 0.0245036718, 0.0114526955, 0.0029505054] },
        { "onecycle3", [0.004, 0.0371034483, 0.0702068966, 0.0966896552, 0.0635862069, 0.0304827586, 0.0038709806, 0.0032258839, 0.0025807871, 0.0019356903, 0.0012905935, 0.0006454968] },
    };

    private static LRScheduler Make(string name, Optimizer o) => name switch
    {
        "step" => StepLR(o, 3, 0.5),
        "multistep" => MultiStepLR(o, [2, 5, 5], 0.1),
        "exp" => ExponentialLR(o, 0.9),
        "lambda" => LambdaLR(o, e => 1.0 / (1 + e)),
        "mult" => MultiplicativeLR(o, _ => 0.95),
        "const" => ConstantLR(o, 0.25, 4),
        "linear" => LinearLR(o, 0.1, 1.0, 5),
        "poly" => PolynomialLR(o, 6, 2.0),
        "cosine" => CosineAnnealingLR(o, 4, 0.01),
        "sequential" => SequentialLR(o, [LinearLR(o, 0.1, 1.0, 4), CosineAnnealingLR(o, 8)], [4]),
        "chained" => ChainedLR([ConstantLR(o, 0.1, 3), ExponentialLR(o, 0.9)]),
        "onecycle" => OneCycleLR(o, [0.1, 0.5], total_steps: 13),
        "onecycle3" => OneCycleLR(o, [0.1, 0.5], total_steps: 13, three_phase: true, anneal_strategy: impl.OneCycleLR.AnnealStrategy.Linear),
        _ => throw new ArgumentException(name),
    };

    private static SGD TwoGroups() => SGD(
        [
            new SGD.ParamGroup([new Parameter(zeros(1))], new SGD.Options { LearningRate = 0.1 }),
            new SGD.ParamGroup([new Parameter(zeros(1))], new SGD.Options { LearningRate = 0.5 }),
        ], 0.1, momentum: 0.9);

    private static double[] Rates(Optimizer optimizer, LRScheduler scheduler, int group, int steps)
    {
        var rates = new double[steps];
        for (int i = 0; i < steps; i++)
        {
            rates[i] = optimizer.ParamGroups.ElementAt(group).LearningRate;
            optimizer.step();
            scheduler.step();
        }
        return rates;
    }

    private static void Same(double[] expected, double[] actual)
    {
        for (int i = 0; i < expected.Length; i++) Assert.True(Math.Abs(expected[i] - actual[i]) < 1e-9, $"step {i}: {actual[i]}, expected {expected[i]}");
    }

    [Theory]
    [MemberData(nameof(FirstGroup))]
    public void Step_TwelveTimes_EqualsPyTorch(string name, double[] expected)
    {
        using var scope = NewDisposeScope();
        foreach ((int group, double factor) in new[] { (0, 1.0), (1, 5.0) })
        {
            using SGD optimizer = TwoGroups();
            LRScheduler scheduler = Make(name, optimizer);
            Same(expected.Select(e => e * factor).ToArray(), Rates(optimizer, scheduler, group, expected.Length).Select(r => Math.Round(r, 10)).ToArray());
        }
    }

    [Fact]
    public void CosineAnnealing_WithMinimum_GoesDownAndUpAgain()
    {
        using var scope = NewDisposeScope();
        double[][] expected =
        [
            [0.1, 0.0868198052, 0.055, 0.0231801948, 0.01, 0.0231801948, 0.055, 0.0868198052, 0.1, 0.0868198052],
            [0.5, 0.4282411614, 0.255, 0.0817588386, 0.01, 0.0817588386, 0.255, 0.4282411614, 0.5, 0.4282411614],
        ];
        for (int group = 0; group < 2; group++)
        {
            using SGD optimizer = TwoGroups();
            LRScheduler scheduler = Make("cosine", optimizer);
            Same(expected[group], Rates(optimizer, scheduler, group, 10));
        }
    }

    [Fact]
    public void OneCycle_CyclesMomentum_TheOtherWay()
    {
        using var scope = NewDisposeScope();
        using SGD optimizer = TwoGroups();
        LRScheduler scheduler = Make("onecycle", optimizer);
        var momenta = new List<double>();
        for (int i = 0; i < 5; i++)
        {
            momenta.Add(((IMomentum)optimizer.ParamGroups.First()).Momentum);
            scheduler.step();
        }

        Same([0.95, 0.923420422, 0.8719406467, 0.850029793, 0.853562188], momenta.ToArray());
    }

    [Fact]
    public void OneCycle_PastItsEnd_Throws()
    {
        using var scope = NewDisposeScope();
        using SGD optimizer = TwoGroups();
        LRScheduler scheduler = OneCycleLR(optimizer, 0.1, total_steps: 2);
        scheduler.step();
        scheduler.step();

        Assert.Throws<InvalidOperationException>(scheduler.step);
    }

    [Fact]
    public void ReduceLROnPlateau_NoImprovementPastPatience_Reduces()
    {
        using var scope = NewDisposeScope();
        using SGD optimizer = TwoGroups();
        LRScheduler scheduler = ReduceLROnPlateau(optimizer, factor: 0.5, patience: 1);

        foreach (double loss in new[] { 1.0, 0.9, 0.9, 0.9, 0.8, 0.8 }) scheduler.step(loss);

        Assert.Equal([0.05, 0.25], scheduler.get_last_lr());
    }
}
