using System.Buffers;
using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Imaging;

namespace SemanticSam.Formats.LabelStudio;

/// <summary>An image that stands in a task itself, as an address "data:image/png;base64,...", as scripts make tasks that need no server of files.</summary>
/// <param name="Size">Columns and rows of the upright image; null where it cannot be read.</param>
/// <param name="Extension">What files of its format end with, without the point.</param>
internal sealed record LabelStudioImage((int Width, int Height)? Size, string Extension)
{
    private const string Start = "data:";

    /// <summary>Whether a text is data and no name.</summary>
    public static bool Is(string text) => text.StartsWith(Start, StringComparison.OrdinalIgnoreCase);

    /// <summary>The first one of a task; null for none.</summary>
    /// <param name="data">What the task is made of.</param>
    public static LabelStudioImage? Inside(JsonElement data)
    {
        foreach (var property in data.EnumerateObject())
            if (property.Value.ValueKind == JsonValueKind.String && JsonValues.AsText(property.Value) is { } text && Is(text)
                && text.IndexOf(',', StringComparison.Ordinal) is > 0 and var comma && KindOf(text[Start.Length..comma]) is { } kind)
                return new(SizeOf(text.AsSpan(comma + 1)), kind);
        return null;
    }

    /// <summary>From "image/png;base64"; null for what is no image.</summary>
    private static string? KindOf(string type)
    {
        string[] parts = type.ToLowerInvariant().Split(';', StringSplitOptions.TrimEntries);
        if (!parts[0].StartsWith("image/", StringComparison.Ordinal) || parts[^1] != "base64") return null;
        return parts[0]["image/".Length..] is ("png" or "webp" or "bmp" or "gif" or "tiff") and var kind ? kind : "jpg";
    }

    private static (int Width, int Height)? SizeOf(ReadOnlySpan<char> base64)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(base64.Length / 4 * 3 + 3);
        try
        {
            return Convert.TryFromBase64Chars(base64, bytes, out int count) ? ImageFile.PeekSize(bytes.AsMemory(0, count), "its image") : null;
        }
        catch (ImageException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
