using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.Layers;

/// <summary>Linear layers with ReLU between them, none after the last. State-dict names: layers.0, layers.1, ...</summary>
internal sealed class Mlp : nn.Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> layers;

    /// <summary>An MLP of <paramref name="count"/> linear layers.</summary>
    /// <param name="input">Features in.</param>
    /// <param name="hidden">Features between.</param>
    /// <param name="output">Features out.</param>
    /// <param name="count">Linear layers, at least one.</param>
    public Mlp(long input, long hidden, long output, int count) : base(nameof(Mlp))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        layers = new ModuleList<Linear>();
        for (int i = 0; i < count; i++)
            layers.Add(nn.Linear(i == 0 ? input : hidden, i == count - 1 ? output : hidden));
        RegisterComponents();
    }

    /// <summary>Draws all weights from Xavier's uniform distribution; biases stay.</summary>
    internal Mlp WithXavierWeights()
    {
        foreach (var layer in layers) nn.init.xavier_uniform_(layer.weight);
        return this;
    }

    /// <summary>Sets the last layer to 0: what the MLP gives begins as nothing.</summary>
    internal Mlp EndingInZeros()
    {
        nn.init.zeros_(layers[^1].weight);
        nn.init.zeros_(layers[^1].bias!);
        return this;
    }

    /// <summary>[..., input] -> [..., output].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        for (int i = 0; i < layers.Count; i++)
        {
            x = layers[i].call(x);
            if (i < layers.Count - 1) x = F.relu(x);
        }
        return x.MoveToOuterDisposeScope();
    }
}
