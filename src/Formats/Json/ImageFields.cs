using System.Text.Json;

namespace SemanticSam.Formats.Json;

/// <summary>What the engine's own keys say about an image: its id, where it comes from and its terms.</summary>
internal static class ImageFields
{
    /// <summary>Name, size and the rest, as the object "image".</summary>
    public static void WriteObject(Utf8JsonWriter w, AnnotatedImage image)
    {
        w.WriteStartObject("image");
        w.WriteString("file_name", image.FileName);
        w.WriteNumber("width", image.Width);
        w.WriteNumber("height", image.Height);
        Write(w, image);
        w.WriteEndObject();
    }

    /// <summary>What <see cref="WriteObject"/> writes.</summary>
    /// <param name="v">The values that the object "image" is among.</param>
    public static AnnotatedImage ReadObject(JsonValues v)
    {
        var image = v.Object("image");
        return Read(image, ReadSize(image));
    }

    /// <summary>Name and size alone, for formats whose other keys are not the engine's.</summary>
    /// <param name="image">The values of the object "image".</param>
    /// <param name="fallback">The name of an image that does not tell it; null when it has to.</param>
    public static AnnotatedImage ReadSize(JsonValues image, string? fallback = null)
    {
        int width = image.Side("width"), height = image.Side("height");
        FormatLimits.Area(width, height, image.Bad);
        return new() { FileName = fallback is null ? image.Text("file_name") : image.OptionalText("file_name") ?? fallback, Width = width, Height = height };
    }

    public static void Write(Utf8JsonWriter w, AnnotatedImage image)
    {
        if (image.Id is { } id) w.WriteNumber("image_id", id);
        if (image.Source is { } source) w.WriteString("source", source);
        if (image.License is not { } license) return;
        w.WriteStartObject("license");
        Write(w, license);
        w.WriteEndObject();
    }

    /// <summary>The terms, without the object around them.</summary>
    public static void Write(Utf8JsonWriter w, ImageLicense license)
    {
        w.WriteString("name", license.Name);
        if (license.Url is { } url) w.WriteString("url", url);
        if (license.Source is { } source) w.WriteString("source", source);
        if (license.Statement is { } statement) w.WriteString("statement", statement);
    }

    public static AnnotatedImage Read(JsonValues v, AnnotatedImage image) => image with
    {
        Id = v.OptionalInteger("image_id"),
        Source = v.OptionalText("source"),
        License = v.Has("license", out var value) && value.ValueKind == JsonValueKind.Object && v.OptionalObject("license") is { } l
            ? new(l.Text("name"), l.OptionalText("url"), l.OptionalText("source"), l.OptionalText("statement")) : null,
    };
}
