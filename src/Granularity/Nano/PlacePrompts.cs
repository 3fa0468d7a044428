using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>
/// What is asked at places of a batch of images. Lengths are in cells of the finest level: 4 pixels. Clicks, boxes and masks are said in
/// the same way: points to look at, the clicks among them, a box, and what the answer was thought to be.
/// </summary>
/// <param name="Points">[B, Q, K, 2]: x and y of points to look at.</param>
/// <param name="Inside">[B, Q, K]: weights of the points that belong to the thing; their sum is 1.</param>
/// <param name="Outside">[B, Q, K]: weights of the points that do not; their sum is 1, or 0 if there are none.</param>
/// <param name="Clicks">[B, Q, K]: 1 and -1 for points that somebody clicked, 0 for points taken from a box or mask and for empty places.</param>
/// <param name="Boxes">[B, Q, 4]: center and size of a box that is given; ignored where there is none.</param>
/// <param name="HasBox">[B, Q]: 1 where a box is given, or a mask, whose box it is then.</param>
/// <param name="Previous">[B, Q, cells]: logits of the answer so far, or of a given mask; 0 where there is none.</param>
internal sealed record PlacePrompts(Tensor Points, Tensor Inside, Tensor Outside, Tensor Clicks, Tensor Boxes, Tensor HasBox, Tensor Previous)
{
    /// <summary>The maps that may hold something: those of what no prompt has are 0 everywhere, and need not be made where only values matter.</summary>
    public IReadOnlyList<PromptMap> Maps { get; init; } = Enum.GetValues<PromptMap>();

    /// <summary>Some of the prompts, in the order given; an earlier answer that none has is not copied.</summary>
    /// <param name="places">[M]: which.</param>
    public PlacePrompts Select(Tensor places)
    {
        Tensor nothing = Previous.narrow(1, 0, 1).expand(-1, places.shape[0], -1);
        return With(t => ReferenceEquals(t, Previous) && !Maps.Contains(PromptMap.Previous) ? nothing : t.index_select(1, places));
    }

    /// <summary>The same prompts with other tensors.</summary>
    public PlacePrompts With(Func<Tensor, Tensor> change) => this with
    {
        Points = change(Points), Inside = change(Inside), Outside = change(Outside), Clicks = change(Clicks), Boxes = change(Boxes), HasBox = change(HasBox),
        Previous = change(Previous),
    };
}

/// <summary>What a prompt says about each cell, in the order in which the small networks take it.</summary>
internal enum PromptMap
{
    /// <summary>Likeness of the pixel to the points inside.</summary>
    Like,

    /// <summary>Likeness to the points outside.</summary>
    Unlike,

    /// <summary>Nearness to clicks; negative for those outside.</summary>
    Clicks,

    /// <summary>The answer so far, or a given mask.</summary>
    Previous,

    /// <summary>How much the cell is within the given box.</summary>
    Box,
}

/// <summary>The small networks of places: what draws their masks.</summary>
/// <param name="Queries">[B, Q, S, QueryWidth].</param>
/// <param name="Weights">[B, Q, S, n]: weights of the small networks.</param>
/// <param name="Frames">[B, Q, S, 4]: center and size of the box in which each measures coordinates, cells.</param>
/// <param name="Offsets">[B, Q, S, 4]: how the frame differs from where it began.</param>
internal sealed record PlaceNetworks(Tensor Queries, Tensor Weights, Tensor Frames, Tensor Offsets);
