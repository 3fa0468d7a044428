using System.Text.Json;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Tests.Support;

/// <summary>Images of the semantic_sam and openseed fixtures as their networks take them: normalized, then padded to multiples of 32.</summary>
internal static class ModelInput
{
    /// <summary>The image that a sidecar names, normalized and padded: [1, 3, H', W'].</summary>
    public static Tensor Of(string folder, JsonElement sidecar) => Prepare(Pixels(folder, sidecar));

    /// <summary>
    /// The image that a sidecar names, [3, H, W] in 0..255: a formula at "image" (or in an object there), or a PNG beside it at "picture".
    /// </summary>
    public static Tensor Pixels(string folder, JsonElement sidecar)
    {
        if (!sidecar.TryGetProperty("image", out var image)
            ) return PngTensor.Read($"{folder}/{sidecar.GetProperty("picture").GetProperty("file").GetString()}");
        return Formula.Of(image.ValueKind == JsonValueKind.String ? image.GetString()! : image.GetProperty("formula").GetString()!);
    }

    /// <summary>[3, H, W] in 0..255 -> [1, 3, H', W'].</summary>
    private static Tensor Prepare(Tensor rgb)
    {
        var mean = tensor([123.675f, 116.28f, 103.53f], [3, 1, 1]);
        var std = tensor([58.395f, 57.12f, 57.375f], [3, 1, 1]);
        long bottom = -rgb.shape[1] & 31, right = -rgb.shape[2] & 31;
        return F.pad((rgb - mean) / std, [0, right, 0, bottom]).unsqueeze(0).contiguous();
    }
}
