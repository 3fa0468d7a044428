using static TorchSharp.torch;

namespace SemanticSam.Tests.Support;

/// <summary>Keeps what modules of given names return, or are called with.</summary>
internal sealed class ModuleTrace : IDisposable
{
    private readonly Dictionary<string, Tensor> _seen = [];

    /// <summary>What was kept under a name.</summary>
    public Tensor this[string name] => _seen[name];

    public void Keep(string name, Tensor value) => _seen[name] = value.clone().DetachFromDisposeScope();

    /// <summary>Keeps the output of every submodule that takes and gives one tensor, or takes three and gives one.</summary>
    public ModuleTrace Watch(nn.Module root)
    {
        foreach (var (name, module) in root.named_modules())
        {
            switch (module)
            {
                case nn.Module<Tensor, Tensor> one:
                    one.register_forward_hook((_, _, result) => Kept(name, result));
                    break;
                case nn.Module<Tensor, Tensor, Tensor, Tensor> three:
                    three.register_forward_hook((_, _, _, _, result) => Kept(name, result));
                    break;
            }
        }
        return this;
    }

    private Tensor Kept(string name, Tensor result)
    {
        Keep(name, result);
        return result;
    }

    public void Dispose()
    {
        foreach (var tensor in _seen.Values) tensor.Dispose();
    }
}
