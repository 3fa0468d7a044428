namespace SemanticSam.Tests.Support;

/// <summary>The pretrained files that the embedded model is trained from; too large for the repository, so tests that need them pass by where they are
/// not.</summary>
internal static class NanoSourceFiles
{
    /// <summary>The path of a file such as "resnet18-imagenet/model.safetensors" under the folder that SEMSAM_NANO_SOURCES names; null where it is
    /// not.</summary>
    public static string? Find(string relative)
    {
        string? folder = Environment.GetEnvironmentVariable("SEMSAM_NANO_SOURCES");
        string path = Path.Combine(folder ?? "", relative);
        return !string.IsNullOrEmpty(folder) && File.Exists(path) ? path : null;
    }
}
