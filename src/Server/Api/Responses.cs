using System.Text.Json;
using System.Text.Json.Serialization;
using SemanticSam.Engine;
using SemanticSam.Formats.Results;

namespace SemanticSam.Server.Api;

/// <summary>An image that is encoded.</summary>
internal sealed record ImageResponse(string Id, int Width, int Height, bool Cached, double EncodeSeconds)
{
    /// <summary>What was assumed of the image, a sentence each; left out where there is nothing to say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Notices { get; init; }
}

/// <summary>The model and what this server takes.</summary>
internal sealed record ModelResponse
{
    public required string Name { get; init; }

    public required string Sha256 { get; init; }

    public required string Version { get; init; }

    /// <summary>From the largest to the smallest.</summary>
    public required IReadOnlyList<string> Levels { get; init; }

    /// <summary>Whether it can be asked by name.</summary>
    public required bool AnswersNames { get; init; }

    public required IReadOnlyList<string> KnownWholes { get; init; }

    public required IReadOnlyList<string> KnownParts { get; init; }

    public required LimitsResponse Limits { get; init; }
}

/// <summary>What is refused beyond.</summary>
internal sealed record LimitsResponse(long MaxBodyBytes, long MaxPixels, int QueueCapacity, bool TakesUrls, bool TakesPaths);

/// <summary>The result JSON of the command line, for the description: what comes beside it is added to its annotations.</summary>
internal sealed record AnswerResponse
{
    public required ResultImage Image { get; init; }

    public required ModelIdentity Model { get; init; }

    public required StepSeconds Seconds { get; init; }

    /// <summary>SHA-256 of the image file, to ask again without sending it.</summary>
    public required string ImageId { get; init; }

    /// <summary>Whether the image had been encoded before.</summary>
    public required bool Cached { get; init; }

    /// <summary>What was assumed of the image and of what was asked, a sentence each; left out where there is nothing to say.</summary>
    public IReadOnlyList<string>? Notices { get; init; }

    public required IReadOnlyList<AnswerAnnotation> Annotations { get; init; }

    /// <summary>How names were understood and whether the image shows them; left out where there is nothing to say.</summary>
    public IReadOnlyList<NameResponse>? Names { get; init; }
}

/// <summary>A mask, with what was asked for beside it.</summary>
internal sealed record AnswerAnnotation : ResultAnnotation
{
    /// <summary>Outlines, [[x, y], ...] each, where 'include' asks for them.</summary>
    public double[][][]? Polygons { get; init; }

    /// <summary>PNG of the mask's bounding box in base64, where 'include' asks for it and the mask has pixels.</summary>
    public string? Png { get; init; }

    /// <summary>A handle of the mask's logits, for the next prompt's 'logits'; left out where the model or the prompt gives none.</summary>
    public string? Logits { get; init; }
}

/// <summary>How a name was understood.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="Match">How: taught, synonym, ...</param>
/// <param name="Name">What is asked instead; null for what is unknown.</param>
/// <param name="Presence">How sure the image is to show it, 0 to 1; null without an opinion.</param>
/// <param name="Notice">What a person should know; null where there is nothing to say.</param>
/// <remarks>What may be left out has a default, or the schema of a tool would demand it.</remarks>
internal sealed record NameResponse(string Text, string Match, string? Name = null, double? Presence = null, string? Notice = null)
{
    public static NameResponse Of(NameReport name) => new(name.Text, JsonNamingPolicy.SnakeCaseLower.ConvertName(name.Match.ToString()), name.Name,
        name.Presence is { } p ? Math.Round(p, 4) : null, name.Notice);
}

/// <summary>What is wrong (RFC 9457).</summary>
internal sealed record ProblemResponse(string Type, string Title, int Status, string Code, string Detail)
{
    /// <summary>The detail once more, where clients of other programs look for it (KServe, Nuclio); left out in our own interface.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }
}
