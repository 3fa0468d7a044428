namespace SemanticSam.Tests.Support;

/// <summary>The number of tensors that live, for tests that nothing is left over.</summary>
internal static class LiveTensors
{
    /// <summary>
    /// The count after what earlier tests dropped has been collected. Without that the collector may lower the count in the middle of a
    /// test, and hide as many tensors as the test itself leaves.
    /// </summary>
    public static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return TorchSharp.torch.Tensor.TotalCount;
    }
}
