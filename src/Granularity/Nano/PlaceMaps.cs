using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>What prompts at places say about each cell: one map a <see cref="PromptMap"/>.</summary>
internal static class PlaceMaps
{
    private const double ClickSpread = 2.5, PreviousScale = 0.25, MostPrevious = 4;

    /// <summary>
    /// Logarithm of what a bump is far away, instead of less: a product of two is a normal number still. Of denormal ones each product takes a processor some
    /// hundred cycles.
    /// </summary>
    private const double Faintest = -40;

    /// <summary>All that can be said, [B, Q, PromptMaps, cells].</summary>
    public static Tensor Of(NanoFeatures features, PlacePrompts prompts)
    {
        using var quiet = no_grad();
        return Of(features, MapGround.Of(features, 1), prompts, Enum.GetValues<PromptMap>());
    }

    /// <summary>Some of it, [B, Q, kinds, cells].</summary>
    /// <param name="features">Encoded images.</param>
    /// <param name="ground">Their cells, fine or coarse: what is said of a coarse cell is the mean over the fine ones inside.</param>
    /// <param name="prompts">What is asked.</param>
    /// <param name="kinds">What is wanted.</param>
    public static Tensor Of(NanoFeatures features, MapGround ground, PlacePrompts prompts, IReadOnlyList<PromptMap> kinds)
    {
        using var quiet = no_grad();
        long height = features.Height, width = features.Width;
        Tensor column = prompts.Points.select(-1, 0), row = prompts.Points.select(-1, 1); // [B, Q, K]
        Tensor seen = Seen(features.Pixels.detach());
        return stack([.. kinds.Select(k => k switch
        {
            PromptMap.Like => Like(prompts.Inside),
            PromptMap.Unlike => Like(prompts.Outside),
            PromptMap.Clicks => Nearness(),
            PromptMap.Previous => ground.Pool(prompts.Previous.clamp(-MostPrevious, MostPrevious).mul(PreviousScale).view(-1, prompts.Previous.shape[1],
            height, width)).flatten(2),
            _ => ground.Pool(Within()).flatten(2),
        })], 2);

        Tensor Seen(Tensor pixels) // [B, Q, K, E]
        {
            Tensor cell = (row.floor().clamp(0, height - 1) * width + column.floor().clamp(0, width - 1)).to(ScalarType.Int64);
            return pixels.gather(1, cell.flatten(1).unsqueeze(-1).expand(-1, -1, pixels.shape[2])).view(cell.shape[0], cell.shape[1], cell.shape[2], -1);
        }

        Tensor Like(Tensor weights) => nn.functional.normalize((seen * weights.unsqueeze(-1)).sum(2), 2, -1).bmm(ground.Pixels);

        // A bump is a product of one across and one down, and so is its mean over the cells inside a coarse one.
        Tensor Nearness() => (Bump(row, ground.Y) * prompts.Clicks.unsqueeze(-1)).transpose(2, 3).matmul(Bump(column, ground.X)).flatten(2);

        Tensor Bump(Tensor at, Tensor centers)
        {
            Tensor near = (at.unsqueeze(-1) - centers).square().mul(-0.5 / (ClickSpread * ClickSpread)).clamp_min(Faintest).exp(); // [B, Q, K, W or H]
            return ground.Side == 1 ? near : near.view(near.shape[0], near.shape[1], near.shape[2], -1, ground.Side).mean([-1]);
        }

        Tensor Within() // [B, Q, H, W]
        {
            Tensor across = Inside(ground.X, 0).unsqueeze(-2), down = Inside(ground.Y, 1).unsqueeze(-1);
            return minimum(across, down) * prompts.HasBox.unsqueeze(-1).unsqueeze(-1);
        }

        Tensor Inside(Tensor centers, int axis) =>
            (prompts.Boxes.select(-1, axis + 2).unsqueeze(-1) / 2 - (centers - prompts.Boxes.select(-1, axis).unsqueeze(-1)).abs()).sigmoid();
    }
}

/// <summary>The cells of images at some resolution.</summary>
/// <param name="Pixels">[B, EmbeddingWidth, cells]: embeddings, in coarse cells their means.</param>
/// <param name="X">[W]: centers of the fine columns.</param>
/// <param name="Y">[H]: centers of the fine rows.</param>
/// <param name="Side">Side of a cell in fine cells.</param>
internal sealed record MapGround(Tensor Pixels, Tensor X, Tensor Y, int Side)
{
    /// <summary>The cells of encoded images, in the dispose scope of the caller.</summary>
    public static MapGround Of(NanoFeatures features, int side)
    {
        Tensor pixels = features.Pixels.detach().transpose(1, 2);
        if (side > 1)
            pixels = nn.functional.avg_pool2d(pixels.reshape(pixels.shape[0], pixels.shape[1], features.Height, features.Width), side).flatten(2);
        return new(pixels, arange(features.Width, ScalarType.Float32, pixels.device) + 0.5,
            arange(features.Height, ScalarType.Float32, pixels.device) + 0.5, side);
    }

    /// <summary>Planes of fine cells as planes of these cells.</summary>
    public Tensor Pool(Tensor planes) => Side == 1 ? planes : nn.functional.avg_pool2d(planes, Side);
}
