using System.Buffers.Binary;
using System.Security.Cryptography;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Formats;
using SemanticSam.Imaging;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions;

/// <summary>
/// An encoded image in a file: safetensors, with the hashes of the model that made it and of the image among its metadata.
/// </summary>
internal static class FeaturesFile
{
    private const string Format = "semantic-sam features", Version = "2"; // 1 wrote "picture" where 2 writes "image"
    private const string FormatKey = "format", VersionKey = "version", ModelKey = "model", ModelHashKey = "model_sha256",
        ImageHashKey = "image_sha256", SizeKey = "image";
    private const int MostTensors = 64;
    private const string Sizes = "size."; // before the names of the family's own entries

    /// <summary>Writes an encoded image under a temporary name and renames it.</summary>
    public static void Write(string path, EncodedImage image, string imageHash)
    {
        using var scope = NewDisposeScope();
        var saved = image.Save();
        var metadata = new Dictionary<string, string>
        {
            [FormatKey] = Format,
            [VersionKey] = Version,
            [ModelKey] = image.Model.Name,
            [ModelHashKey] = image.Model.Sha256,
            [ImageHashKey] = imageHash,
            [SizeKey] = SavedEncoding.Write(image.Size),
        };
        foreach (var (name, text) in saved.Text) metadata[Sizes + name] = text;
        SafetensorsWriter.Write(path, saved.Tensors, new SafetensorsWriterOptions { Metadata = metadata });
    }

    /// <summary>Reads an encoded image.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">What is to answer on it.</param>
    /// <param name="of">The image it must be of; null to take the file's word.</param>
    public static (EncodedImage Image, string ImageHash) Read(string path, Segmenter model, RgbImage? of)
    {
        string? imageHash = of is null ? null : HashOf(of);
        using var file = SafetensorsFile.Open(path);
        string Entry(string key) =>
            file.Metadata.TryGetValue(key, out string? value)
                ? value
                : throw new CheckpointException(path, $"these are not saved features: the entry '{key}' is missing.");
        if (Entry(FormatKey) != Format)
            throw new CheckpointException(path, $"these are not saved features: the entry 'format' is '{Entry(FormatKey)}', it has to be '{Format}'.");
        if (Entry(VersionKey) != Version)
            throw new CheckpointException(path,
                $"the features are of version '{Entry(VersionKey)}'; this program reads version {Version}. Encode the image again.");
        if (Entry(ModelHashKey) is var hash && hash != model.Sha256)
            throw CheckpointException.OtherFeatures(path, FeaturesError.OtherModel, $"{model.Name} {model.Sha256}", $"{Entry(ModelKey)} {hash}");
        string image = Entry(ImageHashKey);
        if (imageHash is not null && imageHash != image)
            throw CheckpointException.OtherFeatures(path, FeaturesError.OtherImage, imageHash, image);

        using var scope = NewDisposeScope();
        if (file.Tensors.Count > MostTensors)
            throw new CheckpointException(path, $"there are {file.Tensors.Count} tensors; saved features have at most {MostTensors}.");
        // Without its prefix it would stand in the place of the image's own size.
        if (file.Metadata.ContainsKey(Sizes + SizeKey))
            throw new CheckpointException(path, $"the saved features are damaged: the entry '{Sizes + SizeKey}' is none that a model writes.");
        var saved = new SavedEncoding(file.Tensors.ToDictionary(t => t.Name, t => ModelFault.Guard(path, () => t.ToTensor())),
            file.Metadata.Where(m => m.Key == SizeKey || m.Key.StartsWith(Sizes, StringComparison.Ordinal))
                .ToDictionary(m => m.Key == SizeKey ? m.Key : m.Key[Sizes.Length..], m => m.Value));
        try
        {
            var size = saved.Size(SizeKey);
            if (of is not null && (size.Height, size.Width) != (of.FullHeight, of.FullWidth))
                throw new FormatException($"the entry '{SizeKey}' is '{SavedEncoding.Write(size)}', but the image is {of.FullHeight}x{of.FullWidth}");
            if (Math.Max(size.Height, size.Width) > FormatLimits.LargestSide || (long)size.Height * size.Width > FormatLimits.LargestArea)
                throw new FormatException($"the entry '{SizeKey}' is '{SavedEncoding.Write(size)}', larger than any image");
            return (model.Restore(saved, size), image);
        }
        catch (FormatException e)
        {
            throw new CheckpointException(path, $"the saved features are damaged: {e.Message}.", inner: e);
        }
    }

    /// <summary>SHA-256 of an image as the models see it: its width and height as 32-bit little-endian numbers, then its RGB bytes. Lower-case hex.</summary>
    public static string HashOf(RgbImage image)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> size = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(size, image.FullWidth);
        BinaryPrimitives.WriteInt32LittleEndian(size[4..], image.FullHeight);
        hash.AppendData(size);
        hash.AppendData(image.Pixels);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
