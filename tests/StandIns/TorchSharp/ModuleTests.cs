using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Tests.StandIns;

public sealed class ModuleTests
{
    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly Linear fc1;
        private readonly LayerNorm norm;
        private readonly Parameter scale;
        private readonly Tensor table;
        private readonly Dropout? none = null;

        public Block() : base(nameof(Block))
        {
            fc1 = nn.Linear(4, 4);
            norm = nn.LayerNorm(4);
            scale = new Parameter(ones(4));
            table = arange(4, dtype: ScalarType.Float32);
            register_buffer("cache", zeros(2), persistent: false);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            Tensor y = (norm.call(fc1.call(x)) * scale) + table;
            return (none is null ? y : none.call(y)).MoveToOuterDisposeScope();
        }
    }

    private sealed class Model : nn.Module<Tensor, Tensor>
    {
        private readonly ModuleList<Block> layers;
        private readonly Sequential head;
        private readonly ModuleDict<nn.Module> named;
        private readonly ParameterList queries;

        public Model() : base(nameof(Model))
        {
            layers = nn.ModuleList(new Block(), new Block());
            head = nn.Sequential(("conv", nn.Conv2d(1, 2, 3, padding: 1, bias: false)), ("bn", nn.BatchNorm2d(2)));
            named = nn.ModuleDict(("a", (nn.Module)nn.Embedding(3, 2)));
            queries = nn.ParameterList(new Parameter(zeros(1)), new Parameter(zeros(2)));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => layers[1].call(layers[0].call(x));
    }

    private static readonly string[] s_blockNames = ["scale", "fc1.weight", "fc1.bias", "norm.weight", "norm.bias", "table"];

    private static readonly string[] s_modelNames =
    [
        .. s_blockNames.Select(n => "layers.0." + n), .. s_blockNames.Select(n => "layers.1." + n),
        "head.conv.weight", "head.bn.weight", "head.bn.bias", "head.bn.running_mean", "head.bn.running_var", "head.bn.num_batches_tracked",
        "named.a.weight", "queries.0", "queries.1",
    ];

    [Fact]
    public void StateDict_NestedModules_HasTheNamesOfFieldsAndPositions()
    {
        using var model = new Model();

        Assert.Equal(s_modelNames.Order(), model.state_dict().Keys.Order());
        Assert.Contains("layers.1.cache", model.named_buffers().Select(b => b.name));
        Assert.DoesNotContain("layers.1.cache", model.named_buffers(include_nonpersistent: false).Select(b => b.name));
    }

    [Fact]
    public void NamedModules_OfTree_NamesEachWithoutItself()
    {
        using var model = new Model();

        string[] names = model.named_modules().Select(m => m.name).ToArray();

        Assert.Equal(["layers", "head", "named", "queries"], names[..4]);
        Assert.Contains("layers.0.fc1", names);
        Assert.Contains("head.bn", names);
        Assert.DoesNotContain("", names);
    }

    [Fact]
    public void GetParameter_ByDottedName_FindsIt()
    {
        using var model = new Model();

        Assert.Equal([4L, 4L], model.get_parameter("layers.1.fc1.weight")!.shape);
        Assert.True(model.has_buffer("head.bn.running_var"));
        Assert.False(model.has_parameter("layers.2.fc1.weight"));
        Assert.Null(model.get_parameter("nothing"));
    }

    [Fact]
    public void LoadStateDict_Strict_NamesWhatDiffers()
    {
        using var model = new Model();
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> state = model.state_dict().ToDictionary(e => e.Key, e => e.Value.clone());
        state.Remove("queries.1");
        state["queries.7"] = zeros(1);

        var error = Assert.Throws<InvalidOperationException>(() => model.load_state_dict(state));
        Assert.Contains("queries.1", error.Message);
        Assert.Contains("queries.7", error.Message);

        (IList<string> missing, IList<string> unexpected) = model.load_state_dict(state, strict: false);
        Assert.Equal(["queries.1"], missing);
        Assert.Equal(["queries.7"], unexpected);
    }

    [Fact]
    public void LoadStateDict_OfAnother_MakesOutputsEqual()
    {
        using var scope = NewDisposeScope();
        using var one = new Model();
        using var two = new Model();
        Tensor x = randn(3, 4);
        Assert.False(one.call(x).allclose(two.call(x)));

        two.load_state_dict(one.state_dict());

        Assert.True(one.call(x).allclose(two.call(x)));
    }

    [Fact]
    public void LoadStateDict_OtherShape_Throws()
    {
        using var model = new Model();
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> state = model.state_dict().ToDictionary(e => e.Key, e => e.Value.clone());
        state["queries.1"] = zeros(3);

        Assert.Contains("queries.1", Assert.Throws<InvalidOperationException>(() => model.load_state_dict(state)).Message);
    }

    [Fact]
    public void SaveAndLoad_OwnFormat_RestoresEveryTensor()
    {
        using var scope = NewDisposeScope();
        using var one = new Model();
        using var two = new Model();
        using var stream = new MemoryStream();

        one.save(stream);
        stream.Position = 0;
        var loaded = new Dictionary<string, bool>();
        two.load(stream, loadedParameters: loaded);

        Dictionary<string, Tensor> a = one.state_dict(), b = two.state_dict();
        Assert.All(a.Keys, k => Assert.True(a[k].allclose(b[k], 0, 0), k));
        Assert.All(loaded, e => Assert.True(e.Value, e.Key));
    }

    [Fact]
    public void Load_TruncatedStream_Throws()
    {
        using var model = new Model();
        using var stream = new MemoryStream();
        model.save(stream);
        stream.SetLength(stream.Length / 2);
        stream.Position = 0;

        Assert.Throws<EndOfStreamException>(() => model.load(stream));
    }

    [Fact]
    public void Train_OnAndOff_ReachesEveryModule()
    {
        using var model = new Model();

        model.eval();
        Assert.False(model.training);
        Assert.All(model.modules(), m => Assert.False(m.training));
        model.train();
        Assert.All(model.modules(), m => Assert.True(m.training));
    }

    [Fact]
    public void To_OtherType_ConvertsFloatingTensorsAndFields()
    {
        using var scope = NewDisposeScope();
        using var model = new Model();

        model.to(ScalarType.Float64);

        Assert.All(model.state_dict(), e => Assert.Equal(e.Key.EndsWith("num_batches_tracked") ? ScalarType.Int64 : ScalarType.Float64, e.Value.dtype));
        Assert.Equal(ScalarType.Float64, model.call(randn([2, 4], dtype: ScalarType.Float64)).dtype);
        Assert.Equal(s_modelNames.Order(), model.state_dict().Keys.Order());
    }

    [Fact]
    public void To_SharedParameter_StaysShared()
    {
        using var shared = new Parameter(ones(2, 2));
        using var model = nn.Sequential(nn.Linear(shared), nn.Linear(shared));

        model.to(ScalarType.Float64);

        Assert.Single(model.parameters());
        Assert.Equal(2, model.state_dict().Count);
    }

    [Fact]
    public void ZeroGrad_AfterBackward_DropsGradients()
    {
        using var scope = NewDisposeScope();
        using var model = new Model();
        model.call(randn(2, 4)).sum().backward();
        Assert.NotNull(model.get_parameter("layers.0.fc1.weight")!.grad);

        model.zero_grad();

        Assert.All(model.parameters(), p => Assert.Null(p.grad));
    }

    [Fact]
    public void RegisterModule_TwiceOrWithDot_Throws()
    {
        using var model = new Model();

        Assert.Throws<InvalidOperationException>(() => model.register_module("layers", nn.Linear(1, 1)));
        Assert.Throws<ArgumentException>(() => model.add_module("a.b", nn.Linear(1, 1)));
        Assert.Throws<InvalidOperationException>(() => nn.ReLU().register_parameter("p", new Parameter(zeros(1))));
    }

    [Fact]
    public void Hooks_BeforeAndAfter_ChangeInputAndOutput()
    {
        using var scope = NewDisposeScope();
        using Linear linear = nn.Linear(new Parameter(ones(1, 1)));
        Tensor one = ones(1, 1);
        var before = linear.register_forward_pre_hook((_, x) => x + 1);
        var after = linear.register_forward_hook((_, _, y) => y * 10);

        Assert.Equal(20f, linear.call(one).item<float>());
        before.remove();
        Assert.Equal(10f, linear.call(one).item<float>());
        after.remove();
        Assert.Equal(1f, linear.call(one).item<float>());
    }

    [Fact]
    public void Construction_InsideScope_KeepsItsTensors()
    {
        Model model;
        using (NewDisposeScope()) model = new Model();

        Assert.All(model.state_dict().Values, t => Assert.False(t.IsInvalid));
        model.Dispose();
    }

    [Fact]
    public void Dispose_OfTree_ReleasesEveryTensor()
    {
        using var scope = NewDisposeScope();
        var model = new Model();
        Tensor[] all = [.. model.parameters(), .. model.buffers()];

        model.Dispose();

        Assert.All(all, t => Assert.True(t.IsInvalid));
    }

    [Fact]
    public void ModuleList_InsertAndRemove_RenumbersNames()
    {
        using Linear a = nn.Linear(1, 1), b = nn.Linear(1, 2), c = nn.Linear(1, 3);
        var list = nn.ModuleList(a, b);

        list.Insert(0, c);
        Assert.Equal(3, list.get_parameter("0.weight")!.shape[0]);
        list.RemoveAt(1);
        Assert.Equal(["0.weight", "0.bias", "1.weight", "1.bias"], list.state_dict().Keys);
        Assert.Equal(2, list.get_parameter("1.weight")!.shape[0]);
    }

    [Fact]
    public void Parameter_OfTensor_TakesItsHandle()
    {
        Tensor data = zeros(3);

        using var parameter = new Parameter(data);

        Assert.True(data.IsInvalid);
        Assert.True(parameter.requires_grad);
        Assert.True(parameter.is_leaf);
    }
}
