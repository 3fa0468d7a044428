using SemanticSam.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.Sam;

/// <summary>
/// A linear layer to which a low-rank adapter can be attached (LoRA, arXiv 2106.09685): W x + b + alpha / rank * B A x.
/// State-dict names: weight, bias; with an adapter lora_A.weight and lora_B.weight, too.
/// </summary>
internal sealed class AdaptableLinear : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight, bias;
    private Linear? _down, _up;
    private double _scale, _dropout;

    /// <summary>With random weights, as PyTorch's own linear layer begins.</summary>
    public AdaptableLinear(long input, long output) : base(nameof(AdaptableLinear))
    {
        using var scope = NewDisposeScope();
        using var plain = nn.Linear(input, output);
        weight = ModuleTensors.Parameter(plain.weight.detach().clone());
        bias = ModuleTensors.Parameter(plain.bias!.detach().clone());
        RegisterComponents();
    }

    /// <summary>Whether an adapter is attached.</summary>
    public bool IsAdapted => _down is not null;

    /// <summary>The layer's own weights, [output, input].</summary>
    public Parameter Weight => weight;

    /// <summary>Attaches an adapter that does nothing yet.</summary>
    /// <param name="rank">Numbers between its two matrices, at least 1.</param>
    /// <param name="alpha">Over the rank what its answer is multiplied by.</param>
    /// <param name="dropout">Share of the input that it does not see in training.</param>
    public void Attach(long rank, double alpha, double dropout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        if (IsAdapted) throw new InvalidOperationException("An adapter is attached already.");
        (_scale, _dropout) = (alpha / rank, dropout);
        _down = nn.Linear(weight.shape[1], rank, hasBias: false); // Kaiming-uniform of sqrt 5, as the paper's code
        _up = nn.Linear(rank, weight.shape[0], hasBias: false);
        nn.init.zeros_(_up.weight);
        register_module("lora_A", _down);
        register_module("lora_B", _up);
        var place = weight.device;
        _down.to(place);
        _up.to(place);
    }

    /// <summary>[..., input] -> [..., output].</summary>
    public override Tensor forward(Tensor x)
    {
        if (_down is null) return F.linear(x, weight, bias);
        using var scope = NewDisposeScope();
        var seen = training && _dropout > 0 ? F.dropout(x, _dropout) : x;
        return (F.linear(x, weight, bias) + _up!.call(_down.call(seen)) * _scale).MoveToOuterDisposeScope();
    }

    /// <summary>The weights of a plain layer that answers the same, [output, input], in the caller's dispose scope.</summary>
    public Tensor Merged()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var merged = _down is null ? weight.clone() : weight + _up!.weight.matmul(_down.weight) * _scale;
        return merged.detach().MoveToOuterDisposeScope();
    }
}
