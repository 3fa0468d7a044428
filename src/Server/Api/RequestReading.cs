using System.Buffers.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using SemanticSam.Server.Images;

namespace SemanticSam.Server.Api;

/// <summary>From a request's body to what is asked: JSON, or a form with a file and the same JSON beside it, or a bare image file.</summary>
internal sealed class RequestReading(ServerOptions options, NamedFolders folders, UrlImages urls)
{
    /// <summary>A file in a form, and its fields.</summary>
    private sealed record Form(byte[]? File, string? FileName, byte[]? Request);

    /// <summary>Reads a question; where a form brings the image itself, its JSON needs no "image".</summary>
    public async Task<(T Question, IncomingImage Image)> Question<T>(HttpContext context, Func<T, ImageRequest> imageOf) where T : class
    {
        if (IsForm(context.Request, out string? boundary))
        {
            var form = await ReadForm(context, boundary!).ConfigureAwait(false);
            if (form.Request is null || form.File is null) throw ApiException.Bad(
                "A form has two parts: 'image', the file, and 'request', the JSON of the question.");
            // What the JSON says of an image gives way to the file: it may be left out.
            var json = Json.Object(form.Request);
            json["image"] = new System.Text.Json.Nodes.JsonObject { ["id"] = "file" };
            return (Json.Read<T>(json), IncomingImage.Of(form.File, Named(form.FileName)));
        }
        var question = Json.Read<T>(await Body(context).ConfigureAwait(false));
        return (question, await Image(imageOf(question), context.RequestAborted).ConfigureAwait(false));
    }

    /// <summary>Reads JSON.</summary>
    public async Task<T> Read<T>(HttpContext context) where T : class => Json.Read<T>(await Body(context).ConfigureAwait(false));

    /// <summary>Reads an image: a bare file, a form with one, or JSON that names one.</summary>
    public async Task<IncomingImage> Image(HttpContext context)
    {
        if (IsForm(context.Request, out string? boundary))
        {
            var form = await ReadForm(context, boundary!).ConfigureAwait(false);
            return IncomingImage.Of(form.File ?? throw ApiException.Bad("The form has no part 'image' with a file."), Named(form.FileName));
        }
        byte[] body = await Body(context).ConfigureAwait(false);
        return MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            ? await Image(Json.Read<ImageRequest>(body), context.RequestAborted).ConfigureAwait(false)
            : IncomingImage.Of(body);
    }

    /// <summary>Gets an image from where a request says it is.</summary>
    public async Task<IncomingImage> Image(ImageRequest image, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(image);
        string?[] given = [image.Id, image.Base64, image.Url, image.Path];
        if (given.Count(g => g is not null) != 1) throw ApiException.Bad("The image is one of: its 'id', the file in 'base64', a 'url', a 'path'.");
        if (image.Id is { } id) return IsId(id) ? new(id, null, id) : throw ApiException.Bad(
            "The id of an image is the SHA-256 of its file: 64 lower-case hex digits.");
        if (image.Base64 is { } text) return IncomingImage.Of(FromBase64(text));
        if (image.Url is { } url) return IncomingImage.Of(await urls.Fetch(url, options.MaxBodyBytes, cancellation).ConfigureAwait(false), NameIn(url));
        return IncomingImage.Of(await folders.Read(image.Path!, options.MaxBodyBytes, cancellation).ConfigureAwait(false), Named(Path.GetFileName(image.Path)));
    }

    private byte[] FromBase64(string text)
    {
        var chars = text.AsSpan();
        if (chars.StartsWith("data:", StringComparison.OrdinalIgnoreCase)) chars = chars[(chars.IndexOf(',') + 1)..];
        if (chars.Length / 4 * 3L > options.MaxBodyBytes + 3) throw new ApiException(StatusCodes.Status413PayloadTooLarge, "body_too_large",
            $"The image has about {chars.Length / 4 * 3L} bytes; at most {options.MaxBodyBytes} are taken.");
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(chars.Length)];
        return Convert.TryFromBase64Chars(chars, bytes, out int written) ? bytes[..written]
            : throw ApiException.Bad("The image's 'base64' is not valid base64.");
    }

    public static bool IsId(string id) => id.Length == 64 && id.All(char.IsAsciiHexDigitLower);

    private static string? NameIn(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? Named(Path.GetFileName(uri.AbsolutePath)) : null;

    private static string? Named(string? name) => string.IsNullOrEmpty(name) ? null : Path.GetFileName(name.Replace('\\', '/'));

    private static bool IsForm(HttpRequest request, out string? boundary)
    {
        boundary = null;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)) return false;
        boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        return boundary is { Length: > 0 and <= 128 } ? true : throw ApiException.Bad("The form's boundary is missing or too long.");
    }

    /// <summary>The whole body.</summary>
    public Task<byte[]> Bytes(HttpContext context) => Body(context);

    private async Task<byte[]> Body(HttpContext context)
    {
        // Room for what was announced is not made at once: it need not come.
        using var body = new MemoryStream((int)Math.Min(context.Request.ContentLength ?? 0, 1 << 20));
        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false); // Kestrel stops what is too long
        return body.ToArray();
    }

    private async Task<Form> ReadForm(HttpContext context, string boundary)
    {
        var reader = new MultipartReader(boundary, context.Request.Body);
        var form = new Form(null, null, null);
        for (int part = 0; await reader.ReadNextSectionAsync(context.RequestAborted).ConfigureAwait(false) is { } section; part++)
        {
            if (part == 8) throw ApiException.Bad("The form has more than 8 parts.");
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)) continue;
            using var content = new MemoryStream();
            await section.Body.CopyToAsync(content, context.RequestAborted).ConfigureAwait(false);
            string name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
            if (name is "image" or "file") form = form with { File = content.ToArray(), FileName = HeaderUtilities.RemoveQuotes(disposition.FileName).Value };
            else if (name == "request") form = form with { Request = content.ToArray() };
        }
        return form;
    }
}
