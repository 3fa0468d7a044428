using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>
/// Multi-head self-attention with packed input projections, named as PyTorch's MultiheadAttention: <c>in_proj_weight</c> [3C, C],
/// <c>in_proj_bias</c> [3C], <c>out_proj</c>. Queries and keys carry a position, values do not.
/// </summary>
internal sealed class SelfAttention : nn.Module
{
    private readonly Parameter in_proj_weight;
    private readonly Parameter in_proj_bias;
    private readonly Linear out_proj;
    private readonly int _heads;
    private readonly long _width;

    public SelfAttention(int width, int heads) : base(nameof(SelfAttention))
    {
        _heads = heads;
        _width = width;
        in_proj_weight = ModuleTensors.Parameter(empty(3 * width, width));
        in_proj_bias = ModuleTensors.Parameter(zeros(3 * width));
        out_proj = nn.Linear(width, width);
        nn.init.xavier_uniform_(in_proj_weight);
        nn.init.xavier_uniform_(out_proj.weight);
        nn.init.zeros_(out_proj.bias!);
        RegisterComponents();
    }

    /// <param name="x">[B, Q, C]: the values.</param>
    /// <param name="positioned">[B, Q, C]: x with the position added, for queries and keys.</param>
    /// <param name="visibility">Which of the Q queries see each other.</param>
    /// <returns>[B, Q, C].</returns>
    public Tensor forward(Tensor x, Tensor positioned, QueryVisibility visibility)
    {
        using var scope = NewDisposeScope();
        var queryKey = nn.functional.linear(positioned, in_proj_weight.narrow(0, 0, 2 * _width), in_proj_bias.narrow(0, 0, 2 * _width)); // [B, Q, 2C]
        var value = nn.functional.linear(x, in_proj_weight.narrow(0, 2 * _width, _width), in_proj_bias.narrow(0, 2 * _width, _width)); // [B, Q, C]
        var query = queryKey.narrow(2, 0, _width);
        var key = queryKey.narrow(2, _width, _width);
        if (visibility.Runs.Count == 1)
            return out_proj.call(AttendRun(query, key, value, visibility.Runs[0])).MoveToOuterDisposeScope();

        var outputs = new List<Tensor>();
        long start = 0;
        foreach (var run in visibility.Runs)
        {
            if (run.Count > 0)
                outputs.Add(AttendRun(query.narrow(1, start, run.Count), key.narrow(1, start, run.Count), value.narrow(1, start, run.Count), run));
            start += run.Count;
        }
        return out_proj.call(cat(outputs, 1)).MoveToOuterDisposeScope();
    }

    private Tensor AttendRun(Tensor query, Tensor key, Tensor value, QueryRun run)
    {
        long batch = query.shape[0];
        var attended = nn.functional.scaled_dot_product_attention(
            SplitHeads(query, run.GroupSize), SplitHeads(key, run.GroupSize), SplitHeads(value, run.GroupSize), run.Visible); // [B*groups, heads, G, hd]
        return attended.transpose(1, 2).reshape(batch, run.Count, _width); // [B, Q, C]
    }

    private Tensor SplitHeads(Tensor t, long groupSize) => t.reshape(-1, groupSize, _heads, _width / _heads).transpose(1, 2);
}
