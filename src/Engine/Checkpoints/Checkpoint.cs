using SemanticSam.Engine.Checkpoints.PyTorch;
using SemanticSam.Engine.Checkpoints.Safetensors;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>Opens checkpoints of every supported format; the format is recognized by the content, never by the file's name.</summary>
internal static class Checkpoint
{
    /// <summary>What <see cref="Open"/> reads, for messages.</summary>
    internal const string Allowed = "allowed are safetensors files, their .index.json, and PyTorch files (zip, legacy or TorchScript)";

    /// <summary>
    /// Opens a checkpoint. Names, shapes and types are read and validated, values stay in the file until they are asked for.
    /// Pickles are parsed as data: nothing in them is ever executed.
    /// </summary>
    /// <param name="path">A .safetensors file, a .safetensors.index.json, or what <c>torch.save</c> or <c>torch.jit.save</c> wrote.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointException">The file is not a checkpoint, is damaged, hostile, or beyond a limit.</exception>
    public static ICheckpoint Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = MappedFile.Open(path);
        try
        {
            if (SafetensorsHeader.Recognize(file)) return SafetensorsFile.Open(file);
            if (StartsWith(file, "PK\x03\x04"u8)) return PyTorchZipFile.Open(file);
            if (PyTorchLegacyFile.Recognize(file)) return PyTorchLegacyFile.Open(file);
            if (StartsWith(file, "{"u8)) return ShardedSafetensors.Open(file);
            throw ForeignFile.Explain(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static bool StartsWith(MappedFile file, ReadOnlySpan<byte> bytes)
    {
        if (file.Length < bytes.Length) return false;
        using var lease = file.Lease(0, bytes.Length);
        return lease.Span.SequenceEqual(bytes);
    }
}
