using System.Text;
using System.Text.Json;
using SemanticSam.Engine;
using SemanticSam.Engine.Sessions;
using SemanticSam.Imaging;
using SemanticSam.Server.Images;
using SemanticSam.Server.Inference;

namespace SemanticSam.Server.Api;

/// <summary>
/// Has run once, before anybody asks, what a first image and a first click would otherwise wait for: code that is compiled when it is first called, kernels
/// that libtorch makes ready when it first needs them, and its threads. A made-up image goes the way of a request, but for HTTP, the queue and the cache.
/// </summary>
internal static class WarmUp
{
    /// <summary>
    /// Networks that look at larger images need seconds for one, a made-up one too, which is longer than whoever asks meanwhile should wait, and longer
    /// than what would be spared.
    /// </summary>
    private const int LargestImage = 512;

    /// <summary>
    /// Four times as wide as high: to a network that keeps the shape it is a quarter of a photograph, and so is the step that a request may wait for.
    /// Larger than what networks look at, so that masks are drawn at the size of a photograph, too; docs/server.md has what that spares.
    /// </summary>
    private const int Width = 2048, Height = 512;

    /// <summary>The warming up, step by step; each as short as an answer. What it says of a step is for tests.</summary>
    public static IEnumerable<string> Steps(SegmentationModel model)
    {
        var file = IncomingImage.Of(ImageEncoder.Jpeg(MadeUp()));
        var image = ImageDecoder.Decode(file.File!.Value);
        yield return "read";
        if (model.ImageSize > LargestImage) yield break;
        using var session = model.Open(image);
        yield return "encode";
        foreach (string question in Questions(model, file.Id))
        {
            Answer(model, session, file, question);
            yield return "ask";
        }
    }

    /// <summary>What the page asks first: a click, what lies under the pointer, a box, a word.</summary>
    private static IEnumerable<string> Questions(SegmentationModel model, string id)
    {
        yield return Question($$"""{"points": [[{{Width / 2}}, {{Height / 2}}]]}""");
        yield return Question($$"""{"points": [[{{Width / 3}}, {{Height / 3}}, 1]]}""", """, "masks": "single", "vocabulary": []""");
        yield return Question($$"""{"box": [{{Width / 4}}, 2, {{3 * Width / 4}}, {{Height - 2}}]}""");
        if (model.AnswersNames && model.KnownWholes.Count > 0)
            yield return Question($$"""{"names": [{{JsonSerializer.Serialize(model.KnownWholes[0])}}]}""", """, "presence_threshold": 0"""); // drawn anyway

        string Question(string prompt, string more = "") => $$"""{"image": {"id": "{{id}}"}, "prompts": [{{prompt}}]{{more}}}""";
    }

    private static void Answer(SegmentationModel model, ImageSession session, IncomingImage file, string question)
    {
        var request = Json.Read<SegmentRequest>(Encoding.UTF8.GetBytes(question));
        var prompts = RequestMapping.Prompts(request.Prompts).Select(p => p.Prompt).ToList();
        using var alone = OneThread.Where(model.AnswersInMilliseconds, prompts);
        var found = session.AnswerGroups([prompts], RequestMapping.Options(request) with { KeepLogits = model.TakesLogits })[0];
        var answer = new Answered<PromptAnswer>(file, session.Width, session.Height, new(found.Masks, null, found.Names), true, default, default, []);
        Answers.Utf8(Answers.Of(answer, model.Identity, MaskForms.Of(request.Include, request.Tolerance)));
    }

    /// <summary>Bright discs on a ground that fades, so that there is something to find.</summary>
    private static RgbImage MadeUp()
    {
        var image = new RgbImage(Width, Height);
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
            {
                int dx = x % Height - Height / 2, dy = y - Height / 2;
                bool inside = dx * dx + dy * dy < Height * Height / 8;
                var pixel = image.Row(y).Slice(3 * x, 3);
                (pixel[0], pixel[1], pixel[2]) = inside ? ((byte)220, (byte)60, (byte)40) : ((byte)40, (byte)(80 + y), (byte)(x / 2));
            }
        return image;
    }
}
