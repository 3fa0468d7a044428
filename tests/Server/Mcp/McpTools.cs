using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using SemanticSam.Imaging;

namespace SemanticSam.Tests.Server.Mcp;

/// <summary>What tests of both transports ask of a client.</summary>
internal static class McpTools
{
    public static readonly string[] Names = ["convert", "evaluate", "everything", "parts", "segment"];

    public static Task<CallToolResult> Call(this McpClient client, string tool, object arguments,
        IProgress<ModelContextProtocol.ProgressNotificationValue>? progress = null) =>
        client.CallToolAsync(tool, JsonSerializer.SerializeToNode(arguments)!.AsObject().ToDictionary(a => a.Key, a => (object?)a.Value), progress).AsTask();

    /// <summary>The structure of an answer, which has to be a success, and to be the text that stands beside it.</summary>
    public static JsonObject Answer(CallToolResult result)
    {
        string text = result.Content.OfType<TextContentBlock>().First().Text;
        Assert.True(result.IsError is not true, text);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(result.StructuredContent!.Value.GetRawText()), JsonNode.Parse(text)));
        return JsonNode.Parse(text)!.AsObject();
    }

    /// <summary>That an answer has the form that its tool promises: clients refuse any other.</summary>
    public static void Conforms(McpClientTool tool, CallToolResult result) => AnswerSchema.Conforms(
        JsonNode.Parse(tool.ProtocolTool.OutputSchema!.Value.GetRawText())!,
        JsonNode.Parse(result.StructuredContent!.Value.GetRawText()), tool.Name);

    public static RgbImage Overlay(CallToolResult result)
    {
        var image = Assert.Single(result.Content.OfType<ImageContentBlock>());
        Assert.Equal("image/png", image.MimeType);
        return ImageDecoder.Decode(image.DecodedData);
    }

    /// <summary>That the answer is a refusal of this kind, which says nothing of the inside.</summary>
    public static string Refusal(string code, CallToolResult result)
    {
        string text = Assert.Single(result.Content.OfType<TextContentBlock>()).Text;
        Assert.True(result.IsError, text);
        Assert.StartsWith(code + ": ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
        return text;
    }

    /// <summary>How many pixels differ.</summary>
    public static int Difference(RgbImage a, RgbImage b)
    {
        Assert.Equal((a.Width, a.Height), (b.Width, b.Height));
        int different = 0;
        for (int y = 0; y < a.Height; y++)
            for (int x = 0; x < 3 * a.Width; x += 3)
                if (!a.Row(y).Slice(x, 3).SequenceEqual(b.Row(y).Slice(x, 3))) different++;
        return different;
    }
}
