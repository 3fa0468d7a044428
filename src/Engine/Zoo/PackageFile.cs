using System.Security.Cryptography;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;

namespace SemanticSam.Engine.Zoo;

/// <summary>One of the files of a model.</summary>
/// <param name="Files">Where it is.</param>
/// <param name="Name">Its name there.</param>
internal readonly record struct PackageFile(PackageFiles Files, string Name)
{
    /// <summary>Whether it is there.</summary>
    public bool Exists
    {
        get
        {
            using var stream = Files.TryOpen(Name);
            return stream is not null;
        }
    }

    /// <exception cref="CheckpointException">It is missing.</exception>
    public void Require() => Files.Open(Name).Dispose();

    /// <summary>Its bytes.</summary>
    public byte[] Read() => Files.ReadBytes(Name);

    /// <summary>Its tensors, as safetensors.</summary>
    public SafetensorsFile Open() => SafetensorsFile.Open(Read(), Files.NameOf(Name));

    /// <summary>The hash of its bytes, lower-case hex.</summary>
    public string Sha256() => Convert.ToHexStringLower(SHA256.HashData(Read()));
}
