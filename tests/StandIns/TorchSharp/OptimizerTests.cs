using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Tests.StandIns;

public sealed class OptimizerTests
{
    // Reference: PyTorch 1.13, four steps with the gradients of Gradient below; values of both parameters in order.
    public static TheoryData<string, float[]> References => new()
    {
        { "adamw", [0.4733775f, -1.2313743f, 1.9860359f, 0.7645541f, 0.9858401f, -0.4616752f, 0.2706371f] },
        { "adamw_amsgrad_max", [0.5517795f, -1.2695479f, 2.0047388f, 0.7069139f, 1.0216552f, -0.57158f, 0.2009314f] },
        { "adam", [0.4724002f, -1.2356254f, 1.9768558f, 0.767505f, 0.9832702f, -0.4629414f, 0.2730944f] },
        { "adam_amsgrad", [0.3688343f, -1.1883521f, 1.9713056f, 0.846565f, 0.9396603f, -0.3171767f, 0.3665904f] },
        { "sgd", [0.4399076f, -0.9553791f, 1.9367521f, 0.6922926f, 1.0365298f, -0.2764802f, 0.2496462f] },
        { "sgd_mom", [0.0886997f, -0.8410315f, 1.9445862f, 0.9091058f, 0.878045f, 0.0345012f, 0.5270889f] },
        { "sgd_nesterov", [1.0689776f, -2.0488856f, 2.0934105f, 0.5954556f, 1.0925633f, -1.3970883f, -0.1026442f] },
    };

    private static optim.Optimizer Make(string name, IEnumerable<Parameter> p) => name switch
    {
        "adamw" => optim.AdamW(p, lr: 0.01, beta1: 0.8, beta2: 0.95, eps: 1e-6, weight_decay: 0.1),
        "adamw_amsgrad_max" => optim.AdamW(p, lr: 0.02, weight_decay: 0.05, amsgrad: true, maximize: true),
        "adam" => optim.Adam(p, lr: 0.01, weight_decay: 0.1),
        "adam_amsgrad" => optim.Adam(p, lr: 0.05, amsgrad: true),
        "sgd" => optim.SGD(p, 0.1),
        "sgd_mom" => optim.SGD(p, 0.1, momentum: 0.9, dampening: 0.2, weight_decay: 0.01),
        "sgd_nesterov" => optim.SGD(p, 0.1, momentum: 0.9, nesterov: true, maximize: true),
        _ => throw new ArgumentException(name),
    };

    private static Parameter[] Start() =>
    [
        new(tensor(new[] { 0.5f, -1.25f, 2.0f, 0.75f }).view(2, 2)),
        new(tensor(new[] { 1.0f, -0.5f, 0.25f })),
    ];

    private static void Gradient(Parameter[] parameters, int step)
    {
        for (int i = 0; i < parameters.Length; i++)
        {
            using var scope = NewDisposeScope();
            Tensor p = parameters[i].detach();
            parameters[i].grad = (p * 0.3) + (arange(p.numel(), dtype: ScalarType.Float32).view(p.shape) + step + i).cos();
        }
    }

    private static float[] Values(IEnumerable<Parameter> parameters) =>
        parameters.SelectMany(p => p.detach().flatten().data<float>().ToArray()).ToArray();

    [Theory]
    [MemberData(nameof(References))]
    public void Step_FourTimes_EqualsPyTorch(string name, float[] expected)
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = Start();
        using optim.Optimizer optimizer = Make(name, parameters);

        for (int step = 0; step < 4; step++)
        {
            Gradient(parameters, step);
            optimizer.step();
        }

        Support.Close.AssertAbsolute(Values(parameters), expected, 1e-6, name);
    }

    [Theory]
    [InlineData("adamw_amsgrad_max")]
    [InlineData("sgd_mom")]
    public void SaveAndLoad_InTheMiddle_ContinuesAlike(string name)
    {
        using var scope = NewDisposeScope();
        Parameter[] one = Start();
        using optim.Optimizer first = Make(name, one);
        for (int step = 0; step < 2; step++)
        {
            Gradient(one, step);
            first.step();
        }

        using var stream = new MemoryStream();
        ((OptimizerHelper)first).save_state_dict(new BinaryWriter(stream));
        stream.Position = 0;
        Parameter[] two = one.Select(p => new Parameter(p.detach().clone())).ToArray();
        using optim.Optimizer second = Make(name, two);
        ((OptimizerHelper)second).load_state_dict(new BinaryReader(stream));
        for (int step = 2; step < 4; step++)
        {
            Gradient(one, step);
            first.step();
            Gradient(two, step);
            second.step();
        }

        Assert.Equal(Values(one), Values(two));
    }

    [Fact]
    public void StateDict_LoadedInMemory_CopiesState()
    {
        using var scope = NewDisposeScope();
        Parameter[] one = Start();
        using var first = optim.AdamW(one, lr: 0.01);
        Gradient(one, 0);
        first.step();
        Parameter[] two = one.Select(p => new Parameter(p.detach().clone())).ToArray();
        using var second = optim.AdamW(two, lr: 0.5);

        second.load_state_dict(first.state_dict());
        Gradient(one, 1);
        first.step();
        Gradient(two, 1);
        second.step();

        Assert.Equal(Values(one), Values(two));
        Assert.Equal(0.01, second.ParamGroups.Single().LearningRate);
        Assert.True(first.state_dict().State[0].ApproximatelyEquals(second.state_dict().State[0]));
    }

    [Fact]
    public void ParamGroups_WithOwnOptions_TakeThemAndTheDefaults()
    {
        using var scope = NewDisposeScope();
        Parameter[] p = Start();
        AdamW.ParamGroup[] groups = [new([p[0]], new AdamW.Options { LearningRate = 0.1 }), new([p[1]], new AdamW.Options { weight_decay = 0.5 })];
        using var optimizer = optim.AdamW(groups, lr: 0.02, weight_decay: 0.25);

        Assert.Equal([0.1, 0.02], optimizer.ParamGroups.Select(g => g.LearningRate));
        Assert.Equal(0.25, groups[0].Options.weight_decay);
        Assert.Equal(0.5, groups[1].Options.weight_decay);
    }

    [Fact]
    public void Step_WithoutGradient_LeavesParameterAlone()
    {
        using var scope = NewDisposeScope();
        Parameter[] p = Start();
        float[] before = Values(p);
        using var optimizer = optim.AdamW(p, lr: 0.1, weight_decay: 0.1);

        optimizer.step();

        Assert.Equal(before, Values(p));
    }

    [Fact]
    public void Step_WithClosure_ReturnsItsLoss()
    {
        using var scope = NewDisposeScope();
        Parameter[] p = Start();
        using var optimizer = optim.SGD(p, 0.1);

        Tensor? loss = optimizer.step(() =>
        {
            optimizer.zero_grad();
            Tensor l = p[0].pow(2).sum();
            l.backward();
            return l;
        });

        Assert.Equal(0.25f + 1.5625f + 4f + 0.5625f, loss!.item<float>(), 5);
        Support.Close.AssertAbsolute(Values([p[0]]), [0.4f, -1f, 1.6f, 0.6f], 1e-6, "parameter");
    }

    [Fact]
    public void Constructor_ParameterInTwoGroups_Throws()
    {
        using var scope = NewDisposeScope();
        Parameter p = Start()[0];

        Assert.Throws<ArgumentException>(() => optim.SGD([new SGD.ParamGroup([p]), new SGD.ParamGroup([p])], 0.1));
    }

    [Theory]
    [InlineData(-1, 0.9)]
    [InlineData(0.1, 1.0)]
    [InlineData(double.NaN, 0.9)]
    public void Constructor_ImpossibleOption_Throws(double lr, double beta)
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => optim.AdamW(Start(), lr: lr, beta1: beta));
    }

    [Fact]
    public void Step_ManyTimes_LeaksNoTensor()
    {
        using var scope = NewDisposeScope();
        Parameter[] p = Start();
        using var optimizer = optim.AdamW(p, lr: 0.01, weight_decay: 0.1, amsgrad: true);
        Gradient(p, 0);
        optimizer.step();
        int before = scope.DisposablesCount;

        for (int i = 0; i < 50; i++) optimizer.step();

        Assert.Equal(before, scope.DisposablesCount);
    }
}
