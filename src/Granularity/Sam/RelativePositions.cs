using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.Sam;

/// <summary>Relative positions of one axis (arXiv 2112.01526): a learned vector for every distance.</summary>
internal static class RelativePositions
{
    /// <summary>The vectors of every pair of a query's and a key's place; distances of unequal axes are stretched to the longer.</summary>
    /// <param name="queries">Places of queries.</param>
    /// <param name="keys">Places of keys.</param>
    /// <param name="table">[L, C]; interpolated linearly where L is not 2 * max(queries, keys) - 1.</param>
    /// <returns>[queries, keys, C].</returns>
    public static Tensor Between(long queries, long keys, Tensor table)
    {
        using var scope = NewDisposeScope();
        long distances = 2 * Math.Max(queries, keys) - 1;
        if (table.shape[0] != distances)
            table = F.interpolate(table.t().unsqueeze(0), [distances], mode: InterpolationMode.Linear).squeeze(0).t(); // [1, C, L] -> [L', C]
        double queryStep = Math.Max((double)keys / queries, 1), keyStep = Math.Max((double)queries / keys, 1);
        var index = new long[queries * keys];
        for (long q = 0; q < queries; q++)
            for (long k = 0; k < keys; k++)
                index[q * keys + k] = (long)(q * queryStep - k * keyStep + (keys - 1) * keyStep);
        return table.index_select(0, tensor(index, device: table.device)).view(queries, keys, -1).MoveToOuterDisposeScope();
    }
}
