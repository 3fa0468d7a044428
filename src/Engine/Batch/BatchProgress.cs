namespace SemanticSam.Engine.Batch;

/// <summary>How far a batch is.</summary>
/// <param name="Assigned">Items in all.</param>
/// <param name="Before">Of them done by an earlier run.</param>
/// <param name="Done">Of them done by this run.</param>
/// <param name="Failed">Of them failed in this run.</param>
public readonly record struct BatchProgress(int Assigned, int Before, int Done, int Failed)
{
    /// <summary>Items that are through.</summary>
    public int Through => Before + Done + Failed;
}
