namespace TorchSharp;

/// <summary>The dispose scopes of the current thread and their statistics.</summary>
public class DisposeScopeManager
{
    [ThreadStatic] private static DisposeScopeManager? t_current;

    internal static DisposeScopeManager ThreadSingleton => t_current ??= new DisposeScopeManager();

    internal ThreadDisposeScopeStatistics StatisticsInstance { get; } = new();

    /// <summary>The innermost open scope of this thread.</summary>
    internal DisposeScope? Current { get; private set; }

    public static ThreadDisposeScopeStatistics Statistics => ThreadSingleton.StatisticsInstance;

    internal static DisposeScope NewDisposeScope()
    {
        DisposeScopeManager manager = ThreadSingleton;
        return manager.Current = new DisposeScope(manager);
    }

    /// <summary>Puts a new tensor under the current scope, if there is one.</summary>
    internal static void Register(torch.Tensor tensor)
    {
        DisposeScopeManager manager = ThreadSingleton;
        LifetimeStatistics statistics = manager.StatisticsInstance.TensorStatistics;
        if (manager.Current is { } scope)
        {
            statistics.CreatedInScopeCount++;
            scope.Add(tensor);
        }
        else
        {
            statistics.CreatedOutsideScopeCount++;
        }
    }

    // Scopes are usually closed in reverse order; one closed out of order is taken out of the chain.
    internal void Remove(DisposeScope scope)
    {
        if (Current == scope)
        {
            Current = scope.OuterScope;
            return;
        }
        for (DisposeScope? inner = Current; inner is not null; inner = inner.OuterScope)
            if (inner.OuterScope == scope)
            {
                inner.OuterScope = scope.OuterScope;
                return;
            }
    }
}
