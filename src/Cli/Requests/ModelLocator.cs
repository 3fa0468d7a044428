using SemanticSam.Engine;
using SemanticSam.Engine.Zoo;
using TorchSharp;

namespace SemanticSam.Cli.Requests;

/// <summary>From what --model says to a model.</summary>
internal static class ModelLocator
{
    public const string EmbeddedName = ModelCatalog.DefaultName;

    public static SegmentationModel Open(string? name, torch.Device device)
    {
        if (name is null || name.Equals(EmbeddedName, StringComparison.OrdinalIgnoreCase) || name.Equals("nano", StringComparison.OrdinalIgnoreCase))
            return SegmentationModel.Default(On(device));
        string path = new ModelStore(ModelFolders.FromEnvironment()).Resolve(name);
        return Directory.Exists(path) ? SegmentationModel.Load(path, On(device)) : SegmentationModel.LoadCheckpoint(path, On(device));
    }

    private static ModelOptions On(torch.Device device) => new() { Device = device.ToString() };
}
