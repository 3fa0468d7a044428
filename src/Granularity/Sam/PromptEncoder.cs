using SemanticSam.Granularity.Layers;
using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Sam;

/// <summary>Prompts as SAM's mask decoder takes them.</summary>
/// <param name="Sparse">[B, T, C]: points, then a padding point or the corners of a box; T may be 0.</param>
/// <param name="Dense">[B, C, h, w] of masks, or [1, C, h, w] where there are none.</param>
/// <param name="HasMasks">Whether the prompts bring masks; without, all B see the same image.</param>
internal sealed record PromptEmbeddings(Tensor Sparse, Tensor Dense, bool HasMasks);

/// <summary>
/// Embeds points, boxes and masks (arXiv 2304.02643, appendix A). Coordinates are pixels of the image that the image encoder sees.
/// </summary>
internal sealed class PromptEncoder : nn.Module
{
    /// <summary>Label of a padding point, which fills up a batch of unequal prompts.</summary>
    public const int Padding = -1;

    private const int Negative = 0, Positive = 1, TopLeft = 2, BottomRight = 3;

    private readonly PositionEmbeddingRandom pe_layer;
    private readonly ModuleList<Embedding> point_embeddings;
    private readonly Embedding not_a_point_embed, no_mask_embed;
    private readonly Sequential mask_downscaling;
    private readonly long _width;
    private readonly LevelShape _embedding;
    private readonly LevelShape _image;

    /// <summary>With random weights.</summary>
    /// <param name="width">Features of an embedding.</param>
    /// <param name="embedding">Size of the image's embedding.</param>
    /// <param name="image">Size of the image that the image encoder sees.</param>
    /// <param name="maskChannels">Features inside the mask's convolutions, a multiple of 4.</param>
    public PromptEncoder(long width, LevelShape embedding, LevelShape image, long maskChannels = 16) : base(nameof(PromptEncoder))
    {
        (_width, _embedding, _image) = (width, embedding, image);
        pe_layer = new PositionEmbeddingRandom(width / 2);
        point_embeddings = new ModuleList<Embedding>();
        for (int k = 0; k < 4; k++) point_embeddings.Add(ModuleTensors.Embedding(1, width));
        not_a_point_embed = ModuleTensors.Embedding(1, width);
        mask_downscaling = nn.Sequential(
            nn.Conv2d(1, maskChannels / 4, kernel_size: 2, stride: 2), new LayerNorm2d(maskChannels / 4), nn.GELU(),
            nn.Conv2d(maskChannels / 4, maskChannels, kernel_size: 2, stride: 2), new LayerNorm2d(maskChannels), nn.GELU(),
            nn.Conv2d(maskChannels, width, kernel_size: 1));
        no_mask_embed = ModuleTensors.Embedding(1, width);
        RegisterComponents();
    }

    /// <summary>Size of the masks that it takes: four times the image's embedding.</summary>
    public LevelShape MaskSize => new(4 * _embedding.Height, 4 * _embedding.Width);

    /// <summary>Position codes of the image's embedding, [1, C, h, w].</summary>
    public Tensor DensePosition()
    {
        using var scope = NewDisposeScope();
        return pe_layer.Grid(_embedding).unsqueeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>Embeds B prompts; null is for what none of them has.</summary>
    /// <param name="points">[B, N, 2], x and y; float32 or float64.</param>
    /// <param name="labels">[B, N] integers: 1 inside, 0 outside, <see cref="Padding"/> none. Others mark nothing but the place.</param>
    /// <param name="boxes">[B, 4]: left, top, right, bottom.</param>
    /// <param name="masks">[B, 1, 4h, 4w]: logits.</param>
    /// <exception cref="ArgumentException">Points without labels or the other way round, or a shape that does not fit.</exception>
    public PromptEmbeddings forward(Tensor? points = null, Tensor? labels = null, Tensor? boxes = null, Tensor? masks = null)
    {
        long batch = (points ?? boxes ?? masks)?.shape[0] ?? 1;
        Check(batch, points, labels, boxes, masks);
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        if (points is not null) parts.Add(EmbedPoints(points, labels!, pad: boxes is null));
        if (boxes is not null) parts.Add(EmbedBoxes(boxes));
        var sparse = parts.Count > 0 ? cat(parts, 1) : empty([batch, 0, _width], no_mask_embed.weight!.dtype, no_mask_embed.weight.device);
        var dense = masks is not null ? mask_downscaling.call(masks)
            : no_mask_embed.weight!.view(1, _width, 1, 1).expand(1, _width, _embedding.Height, _embedding.Width);
        return new(sparse.MoveToOuterDisposeScope(), dense.MoveToOuterDisposeScope(), masks is not null);
    }

    private Tensor EmbedPoints(Tensor points, Tensor labels, bool pad)
    {
        var coordinates = points + 0.5; // to the middle of pixels; the padding point stays at the corner, but its code is not used
        if (pad)
        {
            coordinates = cat([coordinates, zeros([points.shape[0], 1, 2], points.dtype, points.device)], 1);
            labels = cat([labels, full([labels.shape[0], 1], Padding, labels.dtype, labels.device)], 1);
        }
        var code = pe_layer.Encode(coordinates, _image); // [B, N, C]
        var kind = labels.unsqueeze(-1);
        code = where(kind.eq(Padding), not_a_point_embed.weight!, code);
        code = where(kind.eq(Negative), code + point_embeddings[Negative].weight!, code);
        return where(kind.eq(Positive), code + point_embeddings[Positive].weight!, code);
    }

    private Tensor EmbedBoxes(Tensor boxes)
    {
        var corners = (boxes + 0.5).view(-1, 2, 2);
        return pe_layer.Encode(corners, _image) + cat([point_embeddings[TopLeft].weight!, point_embeddings[BottomRight].weight!], 0); // [B, 2, C]
    }

    private void Check(long batch, Tensor? points, Tensor? labels, Tensor? boxes, Tensor? masks)
    {
        if ((points is null) != (labels is null)) throw new ArgumentException("Points and labels come together.", nameof(labels));
        Expect(points, nameof(points), batch, points?.shape.ElementAtOrDefault(1) ?? 0, 2);
        Expect(labels, nameof(labels), batch, points?.shape.ElementAtOrDefault(1) ?? 0);
        Expect(boxes, nameof(boxes), batch, 4);
        Expect(masks, nameof(masks), batch, 1, MaskSize.Height, MaskSize.Width);
    }

    private static void Expect(Tensor? given, string name, params long[] shape)
    {
        if (given is not null && !given.shape.AsSpan().SequenceEqual(shape))
            throw new ArgumentException($"{name}: [{string.Join(", ", shape)}] is needed, [{string.Join(", ", given.shape)}] was given.", name);
    }
}

/// <summary>Random Fourier features of places (arXiv 2006.10739).</summary>
internal sealed class PositionEmbeddingRandom : nn.Module
{
    private readonly Tensor positional_encoding_gaussian_matrix; // [2, features]; a buffer of the checkpoints

    public PositionEmbeddingRandom(long features) : base(nameof(PositionEmbeddingRandom))
    {
        positional_encoding_gaussian_matrix = ModuleTensors.Buffer(randn(2, features));
        RegisterComponents();
    }

    /// <summary>
    /// [..., 2] x and y in pixels of an image of this size -> [..., 2 * features]. Double precision is kept up to the relative place, as
    /// SAM's automatic mask generation does.
    /// </summary>
    public Tensor Encode(Tensor coordinates, LevelShape image)
    {
        using var scope = NewDisposeScope();
        var relative = coordinates / tensor(new[] { (float)image.Width, image.Height }, device: coordinates.device);
        return Features(relative.to(ScalarType.Float32)).MoveToOuterDisposeScope();
    }

    /// <summary>Codes of the middles of a grid's cells, [2 * features, h, w].</summary>
    public Tensor Grid(LevelShape size)
    {
        using var scope = NewDisposeScope();
        var device = positional_encoding_gaussian_matrix.device;
        var y = ((arange(size.Height, dtype: ScalarType.Float32, device: device) + 0.5) / size.Height).view(-1, 1).expand(size.Height, size.Width);
        var x = ((arange(size.Width, dtype: ScalarType.Float32, device: device) + 0.5) / size.Width).view(1, -1).expand(size.Height, size.Width);
        return Features(stack([x, y], -1)).permute(2, 0, 1).contiguous().MoveToOuterDisposeScope();
    }

    private Tensor Features(Tensor relative)
    {
        var angles = (2 * relative - 1).matmul(positional_encoding_gaussian_matrix) * (2 * Math.PI);
        return cat([angles.sin(), angles.cos()], -1);
    }
}
