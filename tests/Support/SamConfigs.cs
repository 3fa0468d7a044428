using System.Globalization;
using System.Text.RegularExpressions;
using SemanticSam.Granularity.Sam;

namespace SemanticSam.Tests.Support;

/// <summary>Configurations of the sam and mobilesam fixtures, by the names of their READMEs.</summary>
internal static partial class SamConfigs
{
    public static SamConfig Of(string name) => name switch
    {
        "tiny" => new()
        {
            Name = name,
            Vit = new() { ImageSize = 256, Width = 96, Depth = 4, Heads = 3, GlobalBlocks = [1, 3] },
        },
        "small" => new()
        {
            Name = name,
            Vit = new() { ImageSize = 128, Width = 64, Depth = 3, Heads = 2, GlobalBlocks = [2], Window = 5, Output = 64 },
            DecoderHeads = 4,
            FeedForward = 128,
        },
        "amg" => new()
        {
            Name = name,
            Vit = new() { ImageSize = 256, Width = 64, Depth = 2, Heads = 2, GlobalBlocks = [1], Window = 7, Output = 64 },
            DecoderHeads = 4,
            FeedForward = 128,
            IouHeadWidth = 64,
        },
        "mobile_tiny" => new()
        {
            Name = name,
            TinyVit = new TinyViTConfig { ImageSize = 256, Widths = [16, 32, 64, 320], Depths = [2, 1, 2, 1], Heads = [1, 2, 4, 10] },
        },
        "vit_b" => SamConfig.VitB,
        "vit_l" => SamConfig.VitL,
        "vit_h" => SamConfig.VitH,
        "vit_t" => SamConfig.MobileSam,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such configuration."),
    };

    /// <summary>
    /// The configuration that a golden file names. Its sizes are those of the tensors in the file (or in the other files given) where these
    /// tell them, else those of the README.
    /// </summary>
    public static SamConfig Of(SamGolden golden, params SamGolden[] others)
    {
        var config = Of(golden.Config);
        if (golden.Config.StartsWith("vit_", StringComparison.Ordinal)) return config; // published sizes
        SamGolden[] files = [golden, .. others];
        long[]? Shape(string name) => files.FirstOrDefault(f => f.Has(name))?.Raw(name).Shape;
        long[]? square = Shape("embedding") ?? Shape("dense_pe"); // [1, C, grid, grid]
        long[]? patches = Shape("patch_embed"); // [1, grid, grid, width]
        int blocks = files.SelectMany(f => f.Names).Select(n => Block().Match(n)).Where(m => m.Success)
            .Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture) + 1).DefaultIfEmpty(0).Max();
        // Both encoders have one cell for 16 x 16 pixels, and masks are four times as fine as cells.
        int side = square is not null ? (int)square[2] * 16 : Shape("resized") is { } resized ? (int)resized.Max()
            : Shape("low_res") is { } low ? (int)low[^1] * 4 : config.ImageSize;
        if (config.TinyVit is { } tiny) return config with { TinyVit = tiny with { ImageSize = side } };
        return config with
        {
            Vit = config.Vit! with
            {
                ImageSize = side,
                Output = square is null ? config.Width : square[1],
                Width = patches is null ? config.Vit.Width : patches[3],
                Depth = blocks == 0 ? config.Vit.Depth : blocks,
            },
        };
    }

    [GeneratedRegex(@"^block(\d+)$")]
    private static partial Regex Block();

    /// <summary>The formula image of a configuration, as its encoder takes it.</summary>
    public static TorchSharp.torch.Tensor Image(SamConfig config) => DetInput.Tensor(config.Name + ".image", 1, 3, config.ImageSize, config.ImageSize);

    /// <summary>With the weights of the fixtures, in inference mode.</summary>
    public static SamModel Model(string name) => Model(Of(name));

    /// <summary>With the weights of the fixtures, in inference mode.</summary>
    public static SamModel Model(SamConfig config)
    {
        var model = ModuleFill.Fill(new SamModel(config));
        if (config.Name == "amg") Override(model);
        model.eval();
        return model;
    }

    /// <summary>Weights of the mask decoder that were fitted, so that masks are blobs and the predicted IoU means something.</summary>
    private static void Override(SamModel model)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var still = TorchSharp.torch.no_grad();
        var state = model.state_dict();
        foreach (var (name, values) in Golden.Load("amg/overrides.safetensors").Tensors)
            state[name].copy_(TorchSharp.torch.tensor(values.Floats, values.Shape));
    }
}
