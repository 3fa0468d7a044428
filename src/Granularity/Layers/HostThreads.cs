using static TorchSharp.torch;

namespace SemanticSam.Granularity.Layers;

/// <summary>Work on the processor that is not the tensor library's, on as many threads as that may use.</summary>
internal static class HostThreads
{
    /// <summary>Calls an action for 0 to count - 1, in any order.</summary>
    public static void ForEach(int count, Action<int> action)
    {
        int threads = get_num_threads();
        if (threads > 1 && count > 1) Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, action);
        else
            for (int i = 0; i < count; i++) action(i);
    }
}
