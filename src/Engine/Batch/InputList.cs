using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

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

    /// <exception cref="BatchException">The file is damaged.</exception>
    public static IReadOnlyList<BatchItem> Read(byte[] content, string path)
    {
        var items = new List<BatchItem>();
        foreach (string line in Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                using var json = JsonDocument.Parse(line);
                string image = Text(json.RootElement.GetProperty("image"));
                items.Add(new(json.RootElement.TryGetProperty("key", out var key) ? Text(key) : image, image,
                    json.RootElement.TryGetProperty("prompt", out var prompt) ? Text(prompt) : null));
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new BatchException(BatchError.Damaged, $"{path}: line {items.Count + 1} is damaged.");
            }
        }
        return items;

        static string Text(JsonElement value) => value.GetString() ?? throw new InvalidOperationException("null is not a string");
    }

    public static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
