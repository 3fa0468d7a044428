using SemanticSam.Formats.Shapes;
using SemanticSam.Granularity.Sam;

namespace SemanticSam.Tests.Support;

/// <summary>Configurations of the sam and mobilesam fixtures, by the names of their READMEs.</summary>
internal static class SamConfigs
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

    /// <summary>With the weights of the fixtures, in inference mode.</summary>
    public static SamModel Model(string name)
    {
        var model = ModuleFill.Fill(new SamModel(Of(name)));
        if (name == "amg") Override(model);
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
