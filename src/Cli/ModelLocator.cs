using TorchSharp;

namespace SemanticSam.Cli;

/// <summary>From what --model says to a model.</summary>
internal static class ModelLocator
{
    public const string EmbeddedName = "semsam-nano";

    public static SegmentationModel Open(string? name, torch.Device device)
    {
        if (name is null || name.Equals(EmbeddedName, StringComparison.OrdinalIgnoreCase) || name.Equals("nano", StringComparison.OrdinalIgnoreCase))
            return SegmentationModel.Default(device);
        if (Directory.Exists(name)) return SegmentationModel.Load(name, device);
        throw new ModelException($"'{name}' is no known model, folder or file; ./semsam models lists what there is.");
    }
}
