using SemanticSam.Granularity.Sam;
using SemanticSam.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.SamParser;

/// <summary>
/// The neck of SAM's image encoder whose two convolutions are learned by the coefficients of their singular values alone. State-dict names:
/// 0.coefficients and 2.coefficients, and those of the norms.
/// </summary>
internal sealed class ParserNeck : nn.Module<Tensor, Tensor>
{
    private readonly CoefficientConvolution _first, _second;
    private readonly LayerNorm2d _firstNorm, _secondNorm;

    /// <summary>Of an encoder's neck, answering as it does.</summary>
    /// <param name="neck">Its weights are copied.</param>
    /// <param name="trainsAll">
    /// Also the bases and norms are learned, as the script released with the paper does by a slip; else no more than the coefficients.
    /// </param>
    public ParserNeck(Sequential neck, bool trainsAll = false) : base(nameof(ParserNeck))
    {
        _first = new CoefficientConvolution(((Conv2d)neck[0]).weight, 0, trainsAll);
        _second = new CoefficientConvolution(((Conv2d)neck[2]).weight, 1, trainsAll);
        (_firstNorm, _secondNorm) = (Copy((LayerNorm2d)neck[1], trainsAll), Copy((LayerNorm2d)neck[3], trainsAll));
        register_module("0", _first);
        register_module("1", _firstNorm);
        register_module("2", _second);
        register_module("3", _secondNorm);
    }

    /// <summary>[B, D, h, w] -> [B, C, h, w].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = _firstNorm.call(_first.call(x));
        return _secondNorm.call(_second.call(x)).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The weights of a plain neck that answers the same, by its names.</summary>
    /// <returns>In the caller's dispose scope.</returns>
    public Dictionary<string, Tensor> Merged()
    {
        using var still = no_grad();
        var merged = new Dictionary<string, Tensor> { ["0.weight"] = _first.Weight().detach(), ["2.weight"] = _second.Weight().detach() };
        foreach (var (name, norm) in new[] { ("1.", _firstNorm), ("3.", _secondNorm) })
            foreach (var (part, value) in norm.state_dict()) merged[name + part] = value.detach().clone();
        return merged;
    }

    /// <summary>Coefficients of the first and the second convolution.</summary>
    internal (Parameter First, Parameter Second) Coefficients => (_first.Coefficients, _second.Coefficients);

    private static LayerNorm2d Copy(LayerNorm2d norm, bool trains)
    {
        using var still = no_grad();
        var own = norm.state_dict();
        var copy = new LayerNorm2d(own["weight"].shape[0]);
        copy.to(own["weight"].device);
        foreach (var (name, value) in copy.state_dict()) value.copy_(own[name]);
        foreach (var parameter in copy.parameters()) parameter.requires_grad_(trains);
        return copy;
    }
}

/// <summary>A convolution without bias whose singular values are learned.</summary>
internal sealed class CoefficientConvolution : nn.Module<Tensor, Tensor>
{
    private readonly Parameter coefficients;
    private readonly Parameter? conv_U, conv_V;
    private readonly SingularBases _bases;
    private readonly long _padding;

    public CoefficientConvolution(Tensor weight, long padding, bool trainsBases) : base(nameof(CoefficientConvolution))
    {
        _padding = padding;
        _bases = SingularBases.Of(weight);
        coefficients = ModuleTensors.Parameter(_bases.Values.clone());
        if (trainsBases) (conv_U, conv_V) = (ModuleTensors.Parameter(_bases.U.clone()), ModuleTensors.Parameter(_bases.V.clone()));
        RegisterComponents();
    }

    public Parameter Coefficients => coefficients;

    /// <summary>The weights that the coefficients stand for.</summary>
    public Tensor Weight() => conv_U is null ? _bases.Weight(coefficients) : (_bases with { U = conv_U, V = conv_V! }).Weight(coefficients);

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return F.conv2d(x, Weight(), padding: [_padding, _padding]).MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _bases.Dispose();
        base.Dispose(disposing);
    }
}
