using SemanticSam.Engine;
using SemanticSam.Engine.Batch;
using SemanticSam.Engine.Sessions.Sam;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Batch;

/// <summary>Small images with something in them, made from a seed.</summary>
internal static class BatchImages
{
    public static RgbImage Make(int seed, int width = 72, int height = 54)
    {
        var random = new Random(seed);
        var image = new RgbImage(width, height);
        Span<byte> back = stackalloc byte[3], front = stackalloc byte[3];
        random.NextBytes(back);
        random.NextBytes(front);
        int left = random.Next(width / 2), top = random.Next(height / 2), right = left + width / 3, bottom = top + height / 3;
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                (x >= left && x < right && y >= top && y < bottom ? front : back).CopyTo(image.Row(y)[(3 * x)..]);
        return image;
    }

    /// <summary>Writes images under their names, making folders; the seed is the place in the list.</summary>
    public static void Write(string folder, params string[] names)
    {
        for (int i = 0; i < names.Length; i++)
        {
            string path = Path.Combine(folder, names[i]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, ImageEncoder.Png(Make(i, 72 + i, 54)));
        }
    }

    /// <summary>All files of a folder with their content, but those that tell of time.</summary>
    public static SortedDictionary<string, string> Content(string folder)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
            if (Path.GetFileName(path) is not ("timings.jsonl" or "errors.jsonl"))
                files.Add(Path.GetRelativePath(folder, path), Convert.ToHexString(File.ReadAllBytes(path)));
        return files;
    }

    public static BatchInput Input(string folder)
    {
        var collector = new InputCollector();
        collector.Add(folder);
        return collector.ToInput();
    }
}

/// <summary>One small SAM, for all tests of a class that want some model and not its answers.</summary>
public sealed class SmallModel : IDisposable
{
    public SegmentationModel Model { get; } = new(new SamSegmenter(SamConfigs.Model("small"), new string('5', 64), TorchSharp.torch.CPU));

    public void Dispose() => Model.Dispose();
}

/// <summary>One embedded model for all tests of a class.</summary>
public sealed class EmbeddedModel : IDisposable
{
    public SegmentationModel Model { get; } = SegmentationModel.Default();

    public void Dispose() => Model.Dispose();
}
