using static TorchSharp.torch;

namespace SemanticSam.Granularity.Layers;

/// <summary>
/// Attention with learned positions: what every pair of cells gets is gathered from small tables of parameters, in each call while a model is trained, and
/// once for all after <see cref="Freeze"/>. How the tables are laid out, and how queries, keys and values lie in one projection, differs by network and is
/// the derived class's.
/// </summary>
internal abstract class PositionedAttention(string name) : nn.Module<Tensor, Tensor>(name), IFreezable
{
    private Tensor[]? _gathered;

    /// <summary>What <see cref="Gather"/> gives, of the frozen weights where they are.</summary>
    protected Tensor[] Positions => _gathered ?? Gather();

    public void Freeze()
    {
        Thaw();
        _gathered = [.. Gather().Select(t => t.DetachFromDisposeScope())];
    }

    public override void train(bool train = true)
    {
        if (train) Thaw();
        base.train(train);
    }

    /// <summary>The positions of all pairs, in a form that forward can use; they belong to the dispose scope of the caller.</summary>
    protected abstract Tensor[] Gather();

    protected override void Dispose(bool disposing)
    {
        if (disposing) Thaw();
        base.Dispose(disposing);
    }

    private void Thaw()
    {
        foreach (var tensor in _gathered ?? []) tensor.Dispose();
        _gathered = null;
    }
}
