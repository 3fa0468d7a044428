namespace SemanticSam.Engine.Checkpoints;

/// <summary>Says what a file is that is not a checkpoint: half of the failures are a web page or a pointer saved in place of the weights.</summary>
internal static class ForeignFile
{
    public static CheckpointException Explain(MappedFile file)
    {
        using var lease = file.Lease(0, (int)Math.Min(file.Length, 512));
        var head = lease.Span;
        string what = head switch
        {
            _ when head.StartsWith("version https://git-lfs"u8) => "a Git LFS pointer, not the file itself: fetch it with 'git lfs pull'",
            _ when IsWebPage(head) => "a web page, saved in place of the checkpoint: download the file itself",
            _ when head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) => "a gzip archive: unpack it first",
            _ when head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F']) => "an HDF5 file",
            _ when head.StartsWith((ReadOnlySpan<byte>)[0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y']) => "a NumPy array",
            _ when head.Length > 262 && head.Slice(257, 5).SequenceEqual("ustar"u8) => "a tar archive",
            _ when head[0] == 0x80 => "a pickle without PyTorch's magic number",
            _ => "not a checkpoint",
        };
        return new(file.Path, $"this is {what}; {Checkpoint.Allowed}.", 0);
    }

    private static bool IsWebPage(ReadOnlySpan<byte> head)
    {
        while (!head.IsEmpty && (head[0] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or 0xEF or 0xBB or 0xBF)) head = head[1..];
        return head.StartsWith("<!"u8) || head.StartsWith("<h"u8) || head.StartsWith("<H"u8) || head.StartsWith("<?xml"u8);
    }
}
