namespace TorchSharp;

/// <summary>Owns the tensors made on its thread while it is the innermost scope; disposes those that were not moved out.</summary>
public sealed class DisposeScope : IDisposable
{
    private readonly DisposeScopeManager _manager;
    private List<IDisposable> _items = new();
    private bool _disposed;

    internal DisposeScope(DisposeScopeManager manager)
    {
        _manager = manager;
        OuterScope = manager.Current;
    }

    internal DisposeScope? OuterScope { get; set; }

    private LifetimeStatistics Statistics => _manager.StatisticsInstance.TensorStatistics;

    /// <summary>A copy of what the scope holds now.</summary>
    public IReadOnlyList<IDisposable> DisposablesView => _items.ToArray();

    public int DisposablesCount => _items.Count;

    public bool Contains(IDisposable disposable) => IndexOf(disposable) >= 0;

    public void Attach(IDisposable disposable)
    {
        if (disposable is torch.Tensor tensor)
        {
            if (tensor.OwningDisposeScope == this) return;
            if (tensor.OwningDisposeScope is { } other) other.Take(tensor);
            else Statistics.AttachedToScopeCount++;
        }
        else if (Contains(disposable))
        {
            return;
        }
        Add(disposable);
    }

    public void Attach(params IDisposable[] disposables)
    {
        foreach (IDisposable d in disposables) Attach(d);
    }

    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        IDisposable[] all = disposables.ToArray();
        Attach(all);
        return all;
    }

    public T Detach<T>(T disposable) where T : IDisposable
    {
        Detach((IDisposable)disposable);
        return disposable;
    }

    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable => (Detach(first), Detach(second));

    public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third) where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable =>
        (Detach(first), Detach(second), Detach(third));

    public void Detach(params IDisposable[] disposables) => Detach((IEnumerable<IDisposable>)disposables);

    public void Detach(IEnumerable<IDisposable> disposables)
    {
        foreach (IDisposable d in disposables.ToArray()) Detach(d);
    }

    private void Detach(IDisposable disposable)
    {
        if (Take(disposable)) Statistics.DetachedFromScopeCount++;
    }

    public T MoveToOuter<T>(T disposable) where T : IDisposable => MoveToOther(OuterScope, disposable);

    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable => (MoveToOuter(first), MoveToOuter(second));

    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third) where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable =>
        (MoveToOuter(first), MoveToOuter(second), MoveToOuter(third));

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOther(OuterScope, disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(OuterScope, disposables);

    public T MoveToOther<T>(DisposeScope? scope, T disposable) where T : IDisposable
    {
        if (!Take(disposable)) return disposable;
        if (scope is null) Statistics.DetachedFromScopeCount++;
        else scope.Add(disposable);
        return disposable;
    }

    public (T1 first, T2 second) MoveToOther<T1, T2>(DisposeScope? scope, T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        (MoveToOther(scope, first), MoveToOther(scope, second));

    public (T1 first, T2 second, T3 third) MoveToOther<T1, T2, T3>(DisposeScope? scope, T1 first, T2 second, T3 third) where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable =>
        (MoveToOther(scope, first), MoveToOther(scope, second), MoveToOther(scope, third));

    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) => MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        foreach (IDisposable d in disposables.ToArray()) MoveToOther(scope, d);
    }

    public void DisposeEverything() => DisposeEverythingBut(Array.Empty<IDisposable>());

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        var keep = new HashSet<IDisposable>(inKeep, ReferenceEqualityComparer.Instance);
        List<IDisposable> old = _items;
        _items = new List<IDisposable>();
        foreach (IDisposable d in old)
            if (keep.Contains(d))
                Add(d);
            else
                DisposeItem(d);
    }

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public T DisposeEverythingBut<T>(T keep) where T : IDisposable
    {
        DisposeEverythingBut(new IDisposable[] { keep });
        return keep;
    }

    public (T1 first, T2 second) DisposeEverythingBut<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable
    {
        DisposeEverythingBut(new IDisposable[] { first, second });
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) DisposeEverythingBut<T1, T2, T3>(T1 first, T2 second, T3 third) where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
    {
        DisposeEverythingBut(new IDisposable[] { first, second, third });
        return (first, second, third);
    }

    /// <summary>Takes out something that its owner has disposed already.</summary>
    public void MarkAsDisposed(IDisposable disposable)
    {
        if (!Take(disposable)) return;
        if (disposable is torch.Tensor) Statistics.DisposedInScopeCount++;
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        List<IDisposable> old = _items;
        _items = new List<IDisposable>();
        foreach (IDisposable d in old) DisposeItem(d);
        _manager.Remove(this);
    }

    internal void Add(IDisposable disposable)
    {
        if (disposable is torch.Tensor tensor)
        {
            tensor.OwningDisposeScope = this;
            tensor.ScopeSlot = _items.Count;
        }
        _items.Add(disposable);
    }

    private void DisposeItem(IDisposable d)
    {
        if (d is torch.Tensor tensor)
        {
            tensor.OwningDisposeScope = null;
            if (tensor.DisposeForScope()) Statistics.DisposedInScopeCount++;
        }
        else
        {
            d.Dispose();
        }
    }

    private bool Take(IDisposable disposable)
    {
        int i = IndexOf(disposable);
        if (i < 0) return false;
        int last = _items.Count - 1;
        if (i != last)
        {
            _items[i] = _items[last]; // the order of what is disposed together does not matter
            if (_items[i] is torch.Tensor moved) moved.ScopeSlot = i;
        }
        _items.RemoveAt(last);
        if (disposable is torch.Tensor tensor) tensor.OwningDisposeScope = null;
        return true;
    }

    private int IndexOf(IDisposable disposable)
    {
        if (disposable is torch.Tensor tensor) return tensor.OwningDisposeScope == this ? tensor.ScopeSlot : -1;
        return _items.FindIndex(x => ReferenceEquals(x, disposable));
    }
}
