using SemanticSam.Granularity.Layers;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <content>Queries for known boxes: conditioned masks at inference, denoising (arXiv 2203.01305) in training.</content>
internal sealed partial class MaskDinoDecoder
{
    /// <summary>Queries for given boxes and names.</summary>
    /// <param name="boxes">[B, K, 4]: (cx, cy, w, h) relative to the padded image, 0..1.</param>
    /// <param name="nameEmbeddings">[B, K, T] the text embedding of each box's name.</param>
    /// <param name="groups">Queries of different groups do not see each other; K is a multiple of it.</param>
    /// <exception cref="InvalidOperationException">The model has no text projection.</exception>
    public ConditionedQueries Condition(Tensor boxes, Tensor nameEmbeddings, long groups = 1)
    {
        using var scope = NewDisposeScope();
        return new ConditionedQueries(nameEmbeddings.matmul(TextProjection).MoveToOuterDisposeScope(),
            Activations.InverseSigmoid(boxes).MoveToOuterDisposeScope(), groups);
    }

    /// <summary>How many denoising groups fit: each target of the fullest image once a group.</summary>
    /// <param name="mostTargets">Targets of the image that has most.</param>
    /// <param name="budget">Denoising queries wanted (DN_NUM, 100).</param>
    /// <returns>Groups; 0 when there is nothing to denoise or no room.</returns>
    public static long DenoisingGroups(long mostTargets, long budget = 100) => mostTargets == 0 ? 0 : budget / mostTargets;

    /// <summary>Denoising queries: every target once a group, its box shaken, its name kept.</summary>
    /// <param name="labels">For each image the rows of <paramref name="embeddings"/>, int64 [targets].</param>
    /// <param name="boxes">For each image (cx, cy, w, h) in 0..1, [targets, 4].</param>
    /// <param name="embeddings">[names, T].</param>
    /// <param name="groups">From <see cref="DenoisingGroups"/>, at least 1.</param>
    /// <param name="uniform">[groups * all targets, 4] in 0..1, ordered by group, image, target.</param>
    /// <param name="scale">Largest shift in half boxes, and largest change of size in boxes (DN_NOISE_SCALE, 0.4).</param>
    /// <returns>B x (groups * most targets) queries; unused places have zero content and anchor.</returns>
    public ConditionedQueries Denoise(IReadOnlyList<Tensor> labels, IReadOnlyList<Tensor> boxes, Tensor embeddings, long groups,
        Tensor uniform, double scale = 0.4)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        using var scope = NewDisposeScope();
        long most = labels.Max(l => l.shape[0]), all = labels.Sum(l => l.shape[0]), start = 0;
        var noise = uniform.view(groups, all, 4) * 2 - 1;
        var contents = new List<Tensor>();
        var anchors = new List<Tensor>();
        for (int image = 0; image < labels.Count; image++)
        {
            long targets = labels[image].shape[0];
            var content = embeddings.index_select(0, labels[image]).matmul(TextProjection).unsqueeze(0).expand(groups, targets, Config.Width);
            var size = boxes[image].narrow(1, 2, 2);
            var reach = cat([size / 2, size], 1); // [targets, 4]
            var shaken = (boxes[image] + noise.narrow(1, start, targets) * reach * scale).clamp_min(0).clamp_max(1); // [groups, targets, 4]
            contents.Add(PadRows(content, most));
            anchors.Add(PadRows(Activations.InverseSigmoid(shaken), most));
            start += targets;
        }
        return new ConditionedQueries(stack(contents).MoveToOuterDisposeScope(), stack(anchors).MoveToOuterDisposeScope(), groups);
    }

    /// <summary>[T, C]: from text embeddings to queries.</summary>
    internal Tensor TextProjection => lang_mapper
        ?? throw new InvalidOperationException("This decoder has no text projection; boxes cannot carry names.");

    /// <summary>[groups, targets, n] to [groups * most, n], zeros in unused places.</summary>
    private static Tensor PadRows(Tensor rows, long most)
    {
        var (groups, targets, width) = (rows.shape[0], rows.shape[1], rows.shape[2]);
        if (targets < most)
            rows = cat([rows, zeros([groups, most - targets, width], rows.dtype, rows.device)], 1);
        return rows.reshape(groups * most, width);
    }
}
