using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Sessions.RsPrompter;
using SemanticSam.Foundation;
using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Training.Tuning;

/// <summary>
/// The masks of everything mode of a frozen SAM, which are the same in every epoch and take minutes an image on a CPU: found once, kept on disk by the hashes
/// of model and image.
/// </summary>
/// <param name="folder">Where; it is made when the first are kept.</param>
/// <param name="sam">Finds them.</param>
/// <param name="say">Told, once, when they cannot be kept.</param>
internal sealed class EverythingMasks(string folder, Segmenter sam, Action<string> say)
{
    private bool _full;

    /// <summary>The masks of an image.</summary>
    /// <param name="imageHash">Of the image's file.</param>
    /// <param name="image">Its pixels.</param>
    public IReadOnlyList<Rle> Of(string imageHash, RgbImage image)
    {
        string path = Path.Combine(folder, FileOf(sam.Sha256, imageHash));
        if (Read(path, image) is { } known) return known;
        using var encoded = sam.Encode(image);
        Rle[] found = [.. Everything.Run(encoded, image, ClassifiedMasks.Everything, default).SelectMany(s => s.Decided).Select(d => d.Mask)];
        Keep(path, found);
        return found;
    }

    /// <summary>Name of the file with the masks that a model finds on an image.</summary>
    internal static string FileOf(string modelHash, string imageHash) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{modelHash}\n{imageHash}"))) + ".json";

    private static List<Rle>? Read(string path, RgbImage image)
    {
        if (!File.Exists(path)) return null;
        try
        {
            var counts = JsonSerializer.Deserialize<List<string>>(RegularFile.ReadAllBytes(path, RegularFile.LargestText));
            return counts is null ? null : [.. counts.Select(c => Rle.FromCompressedString(image.Height, image.Width, c))];
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            return null; // damaged: they are found anew and written over
        }
    }

    private void Keep(string path, IReadOnlyList<Rle> masks)
    {
        if (_full) return;
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(masks.Select(m => m.ToCompressedString())));
        }
        catch (IOException e)
        {
            _full = true;
            say($"masks are not kept any more, each image's will be found anew: {e.Message}");
        }
    }
}
