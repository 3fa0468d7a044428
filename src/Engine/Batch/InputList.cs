using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SemanticSam.Foundation;

namespace SemanticSam.Engine.Batch;

/// <summary>The items of a batch as a file: one JSON object a line. Its hash tells whether two batches are of the same input.</summary>
internal static class InputList
{
    public static byte[] Write(IReadOnlyList<BatchItem> items)
    {
        using var buffer = new MemoryStream();
        foreach (var item in items)
        {
            buffer.Write(JsonLines.Line(json =>
            {
                json.WriteString("image", item.Image);
                if (item.Key != item.Image) json.WriteString("key", item.Key);
                if (item.Prompt is not null) json.WriteString("prompt", item.Prompt);
            }));
        }
        return buffer.ToArray();
    }

    /// <summary>Bytes of the file, 512 MiB: some five million items.</summary>
    public const long LargestFile = 512L << 20;

    /// <exception cref="BatchException">The file is damaged, or names what is not below its folder.</exception>
    public static IReadOnlyList<BatchItem> Read(byte[] content, string path)
    {
        var items = new List<BatchItem>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var lines = BoundedLines.Read(new StreamReader(new MemoryStream(content), Encoding.UTF8));
        foreach (string? line in lines.Where(l => l is null or { Length: > 0 }))
        {
            try
            {
                using var json = JsonDocument.Parse(line ?? throw new JsonException("it is too long"));
                string image = Text(json.RootElement.GetProperty("image"));
                items.Add(new(json.RootElement.TryGetProperty("key", out var key) ? Text(key) : image, image,
                    json.RootElement.TryGetProperty("prompt", out var prompt) ? Text(prompt) : null));
                // A key names files that are written, an image one that is read: both must stay below their folders.
                if (WhyNot(items[^1]) is { } wrong) throw new BatchException(BatchError.Damaged, $"{path}: line {items.Count}: {wrong}.");
                if (!keys.Add(items[^1].Key))
                    throw new BatchException(BatchError.Damaged, $"{path}: line {items.Count}: the key '{items[^1].Key}' stands twice.");
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new BatchException(BatchError.Damaged, $"{path}: line {items.Count + 1} is damaged.");
            }
        }
        return items;

        static string Text(JsonElement value) => value.GetString() ?? throw new InvalidOperationException("null is not a string");
    }

    /// <summary>The content of the file.</summary>
    /// <exception cref="BatchException">It cannot be read.</exception>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            return RegularFile.ReadAllBytes(path, LargestFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BatchException(BatchError.Damaged, $"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>What is wrong with an item's names; null when nothing is.</summary>
    public static string? WhyNot(BatchItem item) =>
        !FolderPath.IsListed(item.Key) ? $"the key '{item.Key}' is not a path below a folder"
        : !FolderPath.IsListed(item.Image) ? $"the image '{item.Image}' is not a path below a folder"
        : null;

    public static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
