using System.Buffers.Binary;
using System.Security.Cryptography;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Formats.Coco;
using SemanticSam.Imaging;
using SemanticSam.TextEncoder.Names;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions;

/// <summary>
/// Saved features of a picture: safetensors, with the hashes of the model that made them and of the picture they are of among its metadata.
/// </summary>
internal static class FeaturesFile
{
    private const string Format = "semantic-sam features", Version = "1";
    private const string FormatKey = "format", VersionKey = "version", ModelKey = "model", ModelHashKey = "model_sha256", PictureHashKey = "picture_sha256", SizeKey = "picture";
    private const string Sizes = "size."; // before the names of the family's own entries

    /// <summary>Writes features under a temporary name and renames them.</summary>
    public static void Write(string path, Segmenter segmenter, Features features, string pictureHash)
    {
        using var scope = NewDisposeScope();
        var packed = segmenter.Pack(features);
        var metadata = new Dictionary<string, string>
        {
            [FormatKey] = Format,
            [VersionKey] = Version,
            [ModelKey] = segmenter.Name,
            [ModelHashKey] = segmenter.Sha256,
            [PictureHashKey] = pictureHash,
            [SizeKey] = PackedFeatures.Write(new(features.Height, features.Width)),
        };
        foreach (var (name, text) in packed.Text) metadata[Sizes + name] = text;
        SafetensorsWriter.Write(path, packed.Tensors, new SafetensorsWriterOptions { Metadata = metadata });
    }

    /// <summary>Reads features.</summary>
    /// <param name="path">The file.</param>
    /// <param name="segmenter">The model that is to answer on them.</param>
    /// <param name="pictureHash">Of the picture they must be of; null to take the file's word.</param>
    public static (Features Features, string PictureHash) Read(string path, Segmenter segmenter, string? pictureHash)
    {
        using var file = SafetensorsFile.Open(path);
        string Entry(string key) => file.Metadata.TryGetValue(key, out string? value) ? value : throw new CheckpointException(path, $"these are no saved features: the entry '{key}' is missing.");
        if (Entry(FormatKey) != Format) throw new CheckpointException(path, $"these are no saved features: the entry 'format' is '{Entry(FormatKey)}', needed is '{Format}'.");
        if (Entry(VersionKey) != Version) throw new CheckpointException(path, $"the features are of version '{Entry(VersionKey)}'; this program reads version {Version}.");
        if (Entry(ModelHashKey) is var model && model != segmenter.Sha256)
            throw new FeaturesMismatchException(path, FeaturesMismatch.Model, $"{segmenter.Name} {segmenter.Sha256}", $"{Entry(ModelKey)} {model}");
        string picture = Entry(PictureHashKey);
        if (pictureHash is not null && pictureHash != picture)
            throw new FeaturesMismatchException(path, FeaturesMismatch.Picture, pictureHash, picture);

        using var scope = NewDisposeScope();
        var packed = new PackedFeatures(file.Tensors.ToDictionary(t => t.Name, t => t.ToTensor()),
            file.Metadata.Where(m => m.Key == SizeKey || m.Key.StartsWith(Sizes, StringComparison.Ordinal)).ToDictionary(m => m.Key == SizeKey ? m.Key : m.Key[Sizes.Length..], m => m.Value));
        try
        {
            var size = packed.Size(SizeKey);
            return (segmenter.Unpack(packed, size.Width, size.Height), picture);
        }
        catch (FormatException e)
        {
            throw new CheckpointException(path, $"the saved features are damaged: {e.Message}.", inner: e);
        }
    }

    /// <summary>SHA-256 of a picture as the models see it: its width and height as 32-bit little-endian numbers, then its RGB bytes. Lower-case hex.</summary>
    public static string HashOf(RgbImage image)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> size = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(size, image.Width);
        BinaryPrimitives.WriteInt32LittleEndian(size[4..], image.Height);
        hash.AppendData(size);
        hash.AppendData(image.Pixels);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
